/**
 * Reads audit events of the platform contract: a range through the history, which covers all services and knows no stream's state.
 *
 * What is due is told by the marks in the cursors of the stream, not by pages: everything dated before the mark of an indexed cursor
 * was read when all of it had appeared. Events of services that realtime queries do not cover have a stream, and a mark, of their own.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { TrunklineError } from '@trunkline/contracts';
import type { StreamRecords } from '@trunkline/elasticsearch-sink';
import { type AuditSource, type ReadMark, readMark } from '@trunkline/genesys';
import type { StreamSnapshot, StreamState } from '@trunkline/stream-state';
import type { Stretch } from './gap-verdict.ts';
import {
  type EventPlace,
  hullOf,
  noPages,
  type Opened,
  type Position,
  type ReadPage,
  type SourceReading,
} from './source-reading.ts';
import { pageInTime } from './source-window.ts';
import { watermarkReport } from './watermark.ts';

export interface PlatformReadingParts {
  /** A source of a range, which is read once. */
  range: (range: Stretch) => AuditSource;
  /** How far back a range can begin (ms). */
  reachMs: number;
  /** How late an event may appear (ms). */
  lateMs: number;
  /** The stream, and that of the services which realtime queries do not cover. */
  stream: { id: string; state: Pick<StreamState, 'read'> };
  uncovered: { id: string; state: Pick<StreamState, 'read'> };
  records: Pick<StreamRecords, 'readCheckpoint'>;
  /** How long a page of Genesys may take, the time included that a query runs. */
  patienceMs: number;
  now: () => number;
}

const unknownState =
  'Neither Redis nor Elasticsearch holds a state of the stream that its contract has written, so it cannot be told what is due. Check --stream, GENESYS_CONTRACT, TRUNKLINE_PREFIX and STATE_INDEX, and that a fetcher has run.';

/** The stream of the services that realtime queries do not cover, as fetchers name it. */
export function uncoveredStream(stream: string): string {
  return `${stream}.history`;
}

/** A range's beginning comes to lie out of reach while it is read (ms). */
const marginMs = 60_000;
/** How often a query that runs, or waits for another's end, is asked after (ms). */
const lookMs = 500;

export class PlatformReading implements SourceReading {
  readonly givesShapes = true;
  readonly hasPast = true;
  readonly #parts: PlatformReadingParts;
  #uncovered: ReadonlySet<string> = new Set();

  constructor(parts: PlatformReadingParts) {
    this.#parts = parts;
  }

  get streams(): readonly string[] {
    return [this.#parts.stream.id, this.#parts.uncovered.id];
  }

  owns(stream: string): boolean {
    return this.streams.includes(stream) || stream.startsWith(`${this.#parts.stream.id}.backfill.`);
  }

  async open(range: Stretch): Promise<Opened> {
    const { range: sourceOf, reachMs, lateMs, patienceMs, now } = this.#parts;
    this.#uncovered = new Set((await this.#markOf(this.#parts.uncovered))?.services);
    // The first call of a source asks for no events, and brings the time.
    const { serverDate } = await pageInTime(sourceOf(range), null, patienceMs);
    const clock = serverDate?.getTime() ?? now();
    const checked = {
      from: Math.max(range.from, clock - reachMs + marginMs),
      to: Math.min(range.to, clock),
    };
    // What is younger may have reached the stream and not the history.
    const judgedBefore = clock - lateMs;
    return {
      checked: checked.from < range.to ? checked : null,
      judgedBefore,
      pages: checked.from < checked.to ? this.#read(checked) : noPages(),
    };
  }

  async position(): Promise<Position> {
    const { stream, uncovered } = this.#parts;
    const { state } = await stream.state.read();
    const watermark = watermarkReport(state);
    const cursor = await this.#indexedCursor(stream.id, state);
    const mark = cursor === null ? null : readMark(cursor, this.#parts.lateMs);
    if (mark !== null) {
      const apart = await this.#markOf(uncovered);
      return { watermark, due: { kind: 'before', time: mark.before, uncovered: apart?.before ?? null } };
    }
    const isBegun = state !== null && cursor === null;
    return { watermark, due: { kind: 'nothing', why: isBegun ? null : unknownState } };
  }

  isUncovered(text: string): boolean {
    if (this.#uncovered.size === 0) return false;
    const event = JSON.parse(text) as { genesys?: { serviceName?: unknown } } | null;
    const service = event?.genesys?.serviceName;
    return typeof service === 'string' && this.#uncovered.has(service);
  }

  since(about: Stretch): AsyncIterable<ReadPage> {
    return this.#read(about);
  }

  again(places: readonly EventPlace[]): AsyncIterable<ReadPage> {
    const range = hullOf(places.map(({ time }) => time));
    return range === null ? noPages() : this.#read(range);
  }

  async *#read(wanted: Stretch): AsyncGenerator<ReadPage, void, undefined> {
    const { range: sourceOf, patienceMs, now } = this.#parts;
    // Whether the history takes parts of a second is not documented.
    const range = { from: Math.floor(wanted.from / 1_000) * 1_000, to: Math.ceil(wanted.to / 1_000) * 1_000 };
    const source = sourceOf(range);
    let cursor: string | null = null;
    let movedAt = now();
    for (;;) {
      const page = await pageInTime(source, cursor, patienceMs);
      const reached = page.reachedAt ?? range.from;
      yield { page, share: Math.min((reached - range.from) / (range.to - range.from), 1) };
      if (page.atHead) return;
      if (page.nextCursor !== null) {
        cursor = page.nextCursor;
        movedAt = now();
        continue;
      }
      if (now() - movedAt > patienceMs) throw busyForLong(patienceMs);
      await sleep(lookMs);
    }
  }

  async #markOf({ id, state }: PlatformReadingParts['stream']): Promise<ReadMark | null> {
    const snapshot = await state.read();
    const cursor = await this.#indexedCursor(id, snapshot.state);
    return cursor === null ? null : readMark(cursor, this.#parts.lateMs);
  }

  /** The copy beside the data stands in for a Redis that was emptied. */
  async #indexedCursor(stream: string, state: StreamSnapshot['state']): Promise<string | null> {
    if (state !== null) return state.indexed.cursor;
    return (await this.#parts.records.readCheckpoint(stream))?.cursor ?? null;
  }
}

function busyForLong(patienceMs: number): TrunklineError {
  return new TrunklineError('GENESYS_UNREACHABLE', {
    message: `The audit history query did not end within ${Math.round(patienceMs / 1_000)} s, or another one of the organisation is under way.`,
    remedy:
      'Genesys takes one at a time for a whole organisation: wait for a backfill to end. Run the command again later, or with a longer --patience.',
  });
}
