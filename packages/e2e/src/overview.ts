import { type System, type TrunklineProcess, until } from '@trunkline/test-kit';
import { expect } from 'vitest';

/** The dashboard's overview as its visitors read it. */
export class Overview {
  readonly #url: string;

  private constructor(url: string) {
    this.#url = url;
  }

  /** Starts a dashboard for the system. */
  static async open(system: System): Promise<Overview> {
    const dashboard = await system.addDashboard({ DASHBOARD_PORT: '0' });
    const { url } = await dashboard.log.waitFor('dashboard.listening');
    return new Overview(String(url));
  }

  /** The text of the page, piece by piece, without its tags. */
  async texts(): Promise<string[]> {
    const answer = await fetch(`${this.#url}/`);
    // 503: it has nothing to show, and says why.
    expect([200, 503]).toContain(answer.status);
    return [...(await answer.text()).matchAll(/<[^>]*>([^<]*)/g)]
      .map(([, text = '']) => text.trim())
      .filter((text) => text !== '');
  }

  /** What processes of a kind themselves call wrong. */
  async told(service: TrunklineProcess['kind']): Promise<string[]> {
    return (await this.texts()).filter((text) => text.startsWith(`${service}: `));
  }

  /** Waits until the page says something that matches; resolves with it. */
  async untilItSays(pattern: RegExp): Promise<string> {
    let texts: string[] = [];
    return until(
      `the overview says ${pattern}`,
      async () => {
        texts = await this.texts();
        return texts.find((text) => pattern.test(text));
      },
      { everyMs: 200, told: () => `It says: ${texts.slice(0, 40).join(' | ')}` },
    );
  }

  /** Waits until processes of a kind tell of no trouble on it. */
  async untilWell(service: TrunklineProcess['kind']): Promise<void> {
    let told: string[] = [];
    await until(
      `the overview tells of no trouble of the ${service}`,
      async () => {
        told = await this.told(service);
        return told.length === 0;
      },
      { everyMs: 200, told: () => `It says: ${told.join(' | ')}` },
    );
  }
}
