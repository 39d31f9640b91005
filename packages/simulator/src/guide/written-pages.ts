import type { AuditStream } from '../audit/stream.ts';
import { DEFAULT_FILTERS, type Filter } from './filter.ts';
import { collectPage, type Page } from './page.ts';

/** A page that is full, so that what comes behind it changes nothing about it. */
export interface WrittenPage {
  page: Page;
  /** Its events, as they stand in the reply between the brackets. */
  events: Buffer;
}

const LIMIT = 100;
const FILTERS = JSON.stringify(DEFAULT_FILTERS);

/**
 * Full pages that are written before they are asked for: a benchmark measures its client, and what making events up costs the
 * simulator is no part of that.
 */
export class WrittenPages {
  readonly #stream: AuditStream;
  readonly #pages = new Map<number, WrittenPage>();

  constructor(stream: AuditStream) {
    this.#stream = stream;
  }

  /** Writes the full pages between two positions, as they are asked for by default; forgets all others. About 100 KB a page. */
  write(from: number, head: number): void {
    this.#pages.clear();
    for (let start = from; start < head; ) {
      const page = collectPage(this.#stream, start, head, LIMIT, DEFAULT_FILTERS);
      if (page.positions.length < LIMIT || page.reachedHead) return;
      const events = Buffer.from(page.positions.map((n) => this.#stream.event(n).source).join(','));
      this.#pages.set(start, { page, events });
      start = page.end;
    }
  }

  /** The page that begins at a position; `null` where it is not written. */
  find(from: number, limit: number, filters: readonly Filter[]): WrittenPage | null {
    if (this.#pages.size === 0 || limit !== LIMIT) return null;
    const written = this.#pages.get(from);
    return written !== undefined && JSON.stringify(filters) === FILTERS ? written : null;
  }
}
