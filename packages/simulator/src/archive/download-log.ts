import { join } from 'node:path';
import { z } from 'zod';
import { NdjsonFile } from '../ndjson-file.ts';
import { MEDIA_TYPES, type MediaType } from './archive-settings.ts';

/** One reply of the archive endpoint that had a body of an archive. */
export interface Download {
  /** 1, 2, 3, ... since this process started. */
  seq: number;
  /** When it began, epoch ms of the host's clock. */
  at: number;
  window: ServedWindow;
  /** 0 = first. */
  page: number;
  pages: number;
  conversations: number;
  status: number;
  etag: string;
  /** SHA-256 of the whole sound body, hex. */
  sha256: string;
  /** Bytes of the whole body, and where this reply begins in it. */
  total: number;
  first: number;
  /** Bytes of the body handed to the network. */
  bytes: number;
  /** The reply ended as it should, at the end of the page, and no fault spoilt its bytes. */
  delivered: boolean;
  faults: string[];
}

/** ISO 8601, UTC; media null = all. */
export interface ServedWindow {
  from: string;
  to: string;
  media: MediaType[] | null;
}

/** A window of which at least one page was delivered to its end. */
export interface DeliveredWindow extends ServedWindow {
  pages: number;
  /** Numbers of the pages delivered (0 = first). */
  pagesDelivered: number[];
  /** All pages were. */
  complete: boolean;
  /** Deliveries of last bytes, repeated ones included. */
  deliveries: number;
  /** Epoch ms of the host's clock. */
  firstAt: number;
  lastAt: number;
}

const lineSchema = z.strictObject({
  at: z.number(),
  window: z.strictObject({
    from: z.string(),
    to: z.string(),
    media: z.array(z.enum(MEDIA_TYPES)).nullable(),
  }),
  page: z.int(),
  pages: z.int(),
  lost: z.literal(true).optional(),
});
type Line = z.output<typeof lineSchema>;

const KEPT = 1000;

/**
 * What was served of the archives. Deliveries are kept in a file where a directory is given; conversations are not: they
 * are made anew from their window.
 */
export class DownloadLog {
  readonly #file: NdjsonFile<Line> | null;
  readonly #windows = new Map<string, Map<number, { at: number[]; pages: number }>>();
  readonly #latest: Download[] = [];
  #seq = 0;

  constructor(dataDir: string | null) {
    this.#file = dataDir === null ? null : new NdjsonFile(join(dataDir, 'archives.ndjson'), lineSchema);
    for (const line of this.#file?.lines ?? []) this.#count(line);
  }

  /**
   * A page is about to be delivered to its end.
   * @returns to be told whether it was
   */
  deliver(window: ServedWindow, page: number, pages: number, at: number): (whole: boolean) => void {
    const line: Line = { at, window, page, pages };
    this.#file?.append(line);
    this.#count(line);
    return (whole) => {
      if (whole) return;
      const lost: Line = { ...line, lost: true };
      this.#file?.append(lost);
      this.#count(lost);
    };
  }

  ended(download: Omit<Download, 'seq'>): void {
    this.#seq += 1;
    this.#latest.push({ seq: this.#seq, ...download });
    if (this.#latest.length > KEPT) this.#latest.shift();
  }

  /** The latest downloads (at most 1,000) with a seq above `after`, oldest first. */
  since(after: number): Download[] {
    return this.#latest.filter(({ seq }) => seq > after);
  }

  /** Windows in the order in which they were first delivered. */
  windows(): DeliveredWindow[] {
    const windows: DeliveredWindow[] = [];
    for (const [key, delivered] of this.#windows) {
      const entries = [...delivered].filter(([, { at }]) => at.length > 0);
      if (entries.length === 0) continue;
      const times = entries.flatMap(([, { at }]) => at);
      const pages = Math.max(...entries.map(([, entry]) => entry.pages));
      const pagesDelivered = entries.map(([page]) => page).sort((a, b) => a - b);
      windows.push({
        ...(JSON.parse(key) as ServedWindow),
        pages,
        pagesDelivered,
        complete: pagesDelivered.length === pages,
        deliveries: times.length,
        firstAt: Math.min(...times),
        lastAt: Math.max(...times),
      });
    }
    return windows;
  }

  close(): void {
    this.#file?.close();
  }

  #count({ at, window, page, pages, lost }: Line): void {
    const key = JSON.stringify({ from: window.from, to: window.to, media: window.media });
    const delivered = this.#windows.get(key) ?? new Map<number, { at: number[]; pages: number }>();
    this.#windows.set(key, delivered);
    const entry = delivered.get(page) ?? { at: [], pages };
    delivered.set(page, { at: lost ? entry.at.filter((time) => time !== at) : [...entry.at, at], pages });
  }
}
