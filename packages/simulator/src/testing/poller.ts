import { type Simulator, startSimulator } from '../index.ts';
import type { SimulatorOptionsInput } from '../options.ts';

export interface PolledPage {
  nextCursor: string | null;
  events: Record<string, unknown>[];
  /** The reply's exact text. */
  text: string;
}

/** A client as simple as the contract allows, for tests over HTTP. */
export class Poller {
  readonly url: string;
  token: string;

  constructor(url: string, token: string) {
    this.url = url;
    this.token = token;
  }

  static async connect(url: string): Promise<Poller> {
    return new Poller(url, await grantToken(url));
  }

  async renewToken(): Promise<void> {
    this.token = await grantToken(this.url);
  }

  /** One poll as it comes back, with whatever headers and body. */
  request(body: unknown, init: RequestInit = {}): Promise<Response> {
    return fetch(`${this.url}/api/v2/eventstreams`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${this.token}` },
      body: typeof body === 'string' ? body : JSON.stringify(body),
      ...init,
    });
  }

  /** One poll that has to succeed. */
  async page(cursor: string | null = null, limit = 100, more: object = {}): Promise<PolledPage> {
    const response = await this.request({
      eventTypes: ['auditlogs'],
      ...(cursor === null ? {} : { cursor }),
      limit,
      ...more,
    });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${response.status}: ${text}`);
    return { ...(JSON.parse(text) as Omit<PolledPage, 'text'>), text };
  }

  /** Polls from the beginning until a page says null. */
  async drain(limit = 100): Promise<{ events: Record<string, unknown>[]; cursor: string | null }> {
    const events: Record<string, unknown>[] = [];
    let cursor: string | null = null;
    for (;;) {
      const page = await this.page(cursor, limit);
      events.push(...page.events);
      if (page.nextCursor === null) return { events, cursor };
      cursor = page.nextCursor;
    }
  }
}

export function tokenRequest(
  url: string,
  form: Record<string, string>,
  init: RequestInit = {},
): Promise<Response> {
  return fetch(`${url}/oauth/token`, { method: 'POST', body: new URLSearchParams(form), ...init });
}

export const CREDENTIALS = {
  grant_type: 'client_credentials',
  client_id: 'simulator-client',
  client_secret: 'simulator-secret',
};

async function grantToken(url: string): Promise<string> {
  const response = await tokenRequest(url, CREDENTIALS);
  return ((await response.json()) as { access_token: string }).access_token;
}

/** A host's clock that stands still until it is moved. */
export class HandClock {
  ms = Date.parse('2026-03-14T15:00:00.000Z');

  readonly now = (): number => this.ms;

  pass(seconds: number): void {
    this.ms += seconds * 1000;
  }
}

/** A simulator whose events do not come by themselves, on a clock that stands still. */
export async function still(
  options: SimulatorOptionsInput = {},
): Promise<{ simulator: Simulator; clock: HandClock; poller: Poller }> {
  const clock = new HandClock();
  const simulator = await startSimulator({ rate: 0, backlog: 10, ...options }, clock.now);
  return { simulator, clock, poller: await Poller.connect(simulator.url) };
}
