import type { Checkpoint } from '@trunkline/elasticsearch-sink';
import type { AuditPage } from '@trunkline/genesys';
import { pageFingerprint, type StreamSnapshot } from '@trunkline/stream-state';
import type { ReconcileReport } from './report.ts';

/**
 * Up to where the stream is indexed: what Genesys gives behind it is not due yet.
 *
 * Told by the indexed cursor, not by times: events come out of order, and only the cursor knows which ones were given before.
 */
export type Watermark =
  /** `settledTail`: fingerprint of the page that may be given again behind the cursor although it is indexed; `''`: none. */
  | { kind: 'cursor'; cursor: string; settledTail: string }
  /** The source has never given a cursor: its first page was its last, which reaches to this time (ms since 1970). */
  | { kind: 'time'; at: number }
  /** Nothing is indexed yet. */
  | { kind: 'nothing' }
  | { kind: 'unknown'; why: string };

/** @param checkpoint the copy beside the data, for a Redis that was emptied; an older one is safe */
export function watermarkOf(
  state: StreamSnapshot['state'],
  checkpoint: Pick<Checkpoint, 'cursor'> | null,
): Watermark {
  if (state === null) {
    if (checkpoint !== null && checkpoint.cursor !== '') {
      return { kind: 'cursor', cursor: checkpoint.cursor, settledTail: '' };
    }
    return {
      kind: 'unknown',
      why: 'Neither Redis nor Elasticsearch holds a state of the stream, so it cannot be told what is due. Check --stream, TRUNKLINE_PREFIX and STATE_INDEX, and that a fetcher has run.',
    };
  }
  const { indexed, received, receivedPage } = state;
  if (indexed.cursor !== null) {
    const settledTail = indexed.seq === received.seq ? receivedPage : '';
    return { kind: 'cursor', cursor: indexed.cursor, settledTail };
  }
  if (indexed.seq === 0 || indexed.at === null) return { kind: 'nothing' };
  return { kind: 'time', at: indexed.at };
}

/** For the report. */
export function watermarkReport(state: StreamSnapshot['state']): ReconcileReport['watermark'] {
  if (state === null) return null;
  const { indexed, received } = state;
  return {
    seq: indexed.seq,
    at: indexed.at === null ? null : new Date(indexed.at).toISOString(),
    behind: received.seq - indexed.seq,
  };
}

/** Whether the page behind an indexed cursor is the tail that was indexed before, given again. */
export function isSettledTail(
  watermark: { settledTail: string },
  page: Pick<AuditPage, 'eventTexts'>,
): boolean {
  return watermark.settledTail !== '' && pageFingerprint(page.eventTexts) === watermark.settledTail;
}
