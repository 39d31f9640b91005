/** Reads the event stream of the guide contract: it goes by cursors, from the beginning of the replay window to the head. */
import { errorCodeOf } from '@trunkline/contracts';
import type { StreamRecords } from '@trunkline/elasticsearch-sink';
import type { AuditSource } from '@trunkline/genesys';
import type { StreamState } from '@trunkline/stream-state';
import type { Stretch } from './gap-verdict.ts';
import type { Due, EventPlace, Opened, Position, ReadPage, SourceReading } from './source-reading.ts';
import { pageInTime, readToHead } from './source-window.ts';
import { isSettledTail, type Watermark, watermarkOf, watermarkReport } from './watermark.ts';

/** The window's beginning moves while the request for it is under way, and clocks differ (ms). */
const marginMs = 60_000;
/** The stream gives all that it ever gave: any document can be judged. */
const judgedBefore = Number.POSITIVE_INFINITY;

export interface GuideReadingParts {
  source: AuditSource;
  stream: string;
  state: Pick<StreamState, 'read'>;
  records: Pick<StreamRecords, 'readCheckpoint'>;
  replayWindowMs: number;
  /** How long a page of Genesys may take. */
  patienceMs: number;
  now: () => number;
}

export class GuideReading implements SourceReading {
  readonly givesShapes = false;
  readonly hasPast = false;
  readonly #parts: GuideReadingParts;
  /** Asks for each page again. */
  readonly #cursors: (string | null)[] = [];
  #last: string | null = null;

  constructor(parts: GuideReadingParts) {
    this.#parts = parts;
  }

  get streams(): readonly string[] {
    return [this.#parts.stream];
  }

  owns(stream: string): boolean {
    return stream === this.#parts.stream;
  }

  async open(range: Stretch): Promise<Opened> {
    const { replayWindowMs, now } = this.#parts;
    const pages = this.#pages();
    const first = await pages.next();
    if (first.done) return { checked: null, judgedBefore, pages };
    const clock = first.value.page.serverDate?.getTime() ?? now();
    const checked = {
      from: Math.max(range.from, clock - replayWindowMs + marginMs),
      to: Math.min(range.to, clock),
    };
    // Documents of a range that begins in the future are those that came while it was asked for.
    return {
      checked: checked.from < range.to ? checked : null,
      judgedBefore,
      pages: withFirst(first.value, pages),
    };
  }

  isUncovered(): boolean {
    return false;
  }

  async *#pages(): AsyncGenerator<ReadPage, void, undefined> {
    for await (const { cursor, page, share } of this.#readToHead(null)) {
      this.#cursors.push(cursor);
      this.#last = page.nextCursor ?? cursor;
      yield { page, share };
    }
  }

  async position(): Promise<Position> {
    const { state, records, stream } = this.#parts;
    const snapshot = await state.read();
    const checkpoint = snapshot.state === null ? await records.readCheckpoint(stream) : null;
    return {
      watermark: watermarkReport(snapshot.state),
      due: this.#dueOf(watermarkOf(snapshot.state, checkpoint)),
    };
  }

  since(): AsyncIterable<ReadPage> {
    return this.#readToHead(this.#last);
  }

  async *again(places: readonly EventPlace[]): AsyncGenerator<ReadPage, void, undefined> {
    const { source, patienceMs } = this.#parts;
    const numbers = [...new Set(places.map(({ page }) => page))];
    for (const [n, number] of numbers.entries()) {
      const page = await pageInTime(source, this.#cursors[number] ?? null, patienceMs).catch(
        (error: unknown) => {
          if (errorCodeOf(error) === 'GENESYS_CURSOR_EXPIRED') return null;
          throw error;
        },
      );
      if (page !== null) yield { page, share: (n + 1) / numbers.length };
    }
  }

  #dueOf(watermark: Watermark): Due {
    switch (watermark.kind) {
      case 'cursor':
        return { kind: 'all-but', pages: this.#behind(watermark) };
      case 'time':
        return { kind: 'before', time: watermark.at + 1, uncovered: null };
      case 'nothing':
        return { kind: 'nothing', why: null };
      case 'unknown':
        return { kind: 'nothing', why: watermark.why };
      default:
        return watermark satisfies never;
    }
  }

  /** What Genesys gives behind the indexed cursor. */
  async *#behind(
    watermark: Extract<Watermark, { kind: 'cursor' }>,
  ): AsyncGenerator<ReadPage, void, undefined> {
    for await (const read of this.#readToHead(watermark.cursor)) {
      if (!isSettledTail(watermark, read.page)) yield read;
    }
  }

  #readToHead(cursor: string | null) {
    const { source, patienceMs, now } = this.#parts;
    return readToHead(source, cursor, patienceMs, now);
  }
}

async function* withFirst(
  first: ReadPage,
  others: AsyncIterable<ReadPage>,
): AsyncGenerator<ReadPage, void, undefined> {
  yield first;
  yield* others;
}
