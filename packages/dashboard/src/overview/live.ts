import type { Range } from '@trunkline/overview';
import type { Response } from 'express';
import type { OverviewFeed, OverviewState } from './feed.ts';
import { type OverviewView, overviewParts } from './overview-page.ts';
import { pageTitle } from './sections/verdict.ts';

/** What browsers of one range are sent: made once, whatever their number. */
interface Rendered {
  title: string;
  parts: Record<string, string>;
}

/**
 * Sends open pages what has changed, as server-sent events: once a second the parts of the page are made once for each range that
 * somebody looks at, and those that differ from the last second's go to every browser. A browser that does not keep up is left out
 * rather than filling our memory, and gets the whole page when it can take it.
 */
export class LivePages {
  readonly #feed: OverviewFeed;
  readonly #browsers = new Map<Response, { range: Range; behind: boolean }>();
  readonly #sent = new Map<Range, Rendered>();
  #unsubscribe: (() => void) | null = null;
  #telling = false;

  constructor(feed: OverviewFeed) {
    this.#feed = feed;
  }

  /** Until the response is closed. */
  add(response: Response, range: Range): void {
    this.#browsers.set(response, { range, behind: true });
    this.#unsubscribe ??= this.#feed.subscribe((state) => void this.#tell(state));
    response.on('close', () => {
      this.#browsers.delete(response);
      if (this.#browsers.size > 0) return;
      this.#unsubscribe?.();
      this.#unsubscribe = null;
      this.#sent.clear();
    });
  }

  /** One at a time, so that no browser gets an older state after a newer one. */
  async #tell(state: OverviewState): Promise<void> {
    if (this.#telling) return;
    this.#telling = true;
    try {
      await this.#tellAll(state);
    } finally {
      this.#telling = false;
    }
  }

  async #tellAll(state: OverviewState): Promise<void> {
    for (const range of new Set([...this.#browsers.values()].map((browser) => browser.range))) {
      const samples = await this.#feed.samples(range);
      this.#send(range, { state, samples, range });
    }
  }

  #send(range: Range, view: OverviewView): void {
    const now: Rendered = {
      title: pageTitle(view.state),
      parts: Object.fromEntries(Object.entries(overviewParts(view)).map(([id, part]) => [id, part.text])),
    };
    const before = this.#sent.get(range)?.parts ?? {};
    this.#sent.set(range, now);
    const changed = Object.fromEntries(Object.entries(now.parts).filter(([id, part]) => before[id] !== part));
    const whole = message(now);
    const difference = message({ title: now.title, parts: changed });
    for (const [response, browser] of this.#browsers) {
      if (browser.range !== range) continue;
      if (response.writableNeedDrain) browser.behind = true;
      else {
        response.write(browser.behind ? whole : difference);
        browser.behind = false;
      }
    }
  }
}

function message(rendered: Rendered): string {
  return `event: overview\ndata: ${JSON.stringify(rendered)}\n\n`;
}
