import { createHash } from 'node:crypto';
import type { GapRecord } from '@trunkline/elasticsearch-sink';

/**
 * The record of what may not have been read: from the last event received to the start of the replay window. Its id is a
 * function of the epoch and the cursor, so that polls which meet the same gap write one record. It may overstate;
 * reconcile decides what it means.
 *
 * @param now Genesys' clock where it told it, ms since 1970
 */
export function gapRecord(options: {
  epoch: string;
  cursor: string | null;
  receivedAt: number | null;
  reason: 'cursor-expired' | 'no-cursor';
  now: number;
  replayWindowMs: number;
}): GapRecord {
  const { epoch, cursor, receivedAt, reason, now, replayWindowMs } = options;
  const fingerprint = createHash('sha256')
    .update(`${epoch}\n${reason}\n${cursor ?? ''}`)
    .digest('hex')
    .slice(0, 24);
  return {
    id: fingerprint,
    from: receivedAt === null ? null : new Date(receivedAt).toISOString(),
    to: new Date(now - replayWindowMs).toISOString(),
    reason,
    at: new Date(now).toISOString(),
  };
}
