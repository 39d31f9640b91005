import type { AuditPage } from '@trunkline/genesys';
import type { Stretch } from './gap-verdict.ts';
import type { ReconcileReport } from './report.ts';

export interface ReadPage {
  readonly page: AuditPage;
  /** Between 0 and 1; `null` where it cannot be told. */
  readonly share: number | null;
}

/** A range whose reading begins. */
export interface Opened {
  /** What of it can be read; `null`: nothing. */
  checked: Stretch | null;
  /** Up to what was the head of the stream when reading began. They may hold events outside of the range. */
  pages: AsyncIterable<ReadPage>;
  /** A document dated at this time or later is not one too many because the source has not given it (ms since 1970). */
  judgedBefore: number;
}

/** What a stream must have indexed by now. */
export type Due =
  /** What is dated before `time`, or, of the services that are read apart, before `uncovered` (ms since 1970; `null`: nothing). */
  | { kind: 'before'; time: number; uncovered: number | null }
  /** All but what stands on these pages. */
  | { kind: 'all-but'; pages: AsyncIterable<ReadPage> }
  /** Nothing. `why`: it cannot be told; `null`: nothing was indexed yet. */
  | { kind: 'nothing'; why: string | null };

export interface Position {
  /** For the report. */
  watermark: ReconcileReport['watermark'];
  due: Due;
}

/** An event that is to be read again: the page that it came with, counted from 0, and its time (ms since 1970). */
export interface EventPlace {
  page: number;
  time: number | null;
}

/**
 * How the events of a stream are read for a comparison: each contract has its own way to ask for them, and to tell how far the
 * stream is. Nothing of the stream's own state is written.
 */
export interface SourceReading {
  /** Whether an event may come with other members than those that were indexed: `isSameEvent` then has the last word. */
  readonly givesShapes: boolean;
  /** Whether what came before the stream's first start can still be read, by a backfill. */
  readonly hasPast: boolean;
  /** The streams whose gap records concern this one, itself first. */
  readonly streams: readonly string[];
  /** Whether documents and dead letters of a stream are of this one. */
  owns(stream: string): boolean;
  open(range: Stretch): Promise<Opened>;
  /** Whether an event is of the services that are read apart. */
  isUncovered(text: string): boolean;
  /** How far the stream is indexed; asked for behind the last page, and before the sink is read. */
  position(): Promise<Position>;
  /** What came since the range was opened, or what it gives now. @param about the times of what is looked for */
  since(about: Stretch): AsyncIterable<ReadPage>;
  /** The pages of these events once more, as far as they can still be had. */
  again(places: readonly EventPlace[]): AsyncIterable<ReadPage>;
}

/** The stretch from the first to the last of these times; `null` where there is none. */
export function hullOf(times: Iterable<number | null>): Stretch | null {
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  for (const time of times) {
    if (time === null) continue;
    from = Math.min(from, time);
    to = Math.max(to, time + 1);
  }
  return from < to ? { from, to } : null;
}

export async function* noPages(): AsyncGenerator<ReadPage, void, undefined> {}
