import type { AuditPage } from '@trunkline/genesys';
import type { Stretch } from './gap-verdict.ts';
import type { ReconcileReport } from './report.ts';

export interface ReadPage {
  readonly page: AuditPage;
  /** Between 0 and 1; `null` where it cannot be told. */
  readonly share: number | null;
}

/** What a stream must have indexed by now. */
export type Due =
  /** All but what is dated at this time (ms since 1970) or later. */
  | { kind: 'before'; time: number }
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
  /** How long after its date an event can be read (ms). */
  readonly reachMs: number;
  /** Reads a range, up to what was the head of the stream when reading began. Pages may hold events outside of it. */
  pages(range: Stretch): AsyncIterable<ReadPage>;
  /** How far the stream is indexed; asked for behind the last page, and before the sink is read. */
  position(): Promise<Position>;
  /** What came since `pages` was read. @param about the times of what is looked for */
  since(about: Stretch): AsyncIterable<ReadPage>;
  /** The pages of these events once more, as far as they can still be had. */
  again(places: readonly EventPlace[]): AsyncIterable<ReadPage>;
}
