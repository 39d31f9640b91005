import { createHash } from 'node:crypto';
import type { GapRecord } from '@trunkline/elasticsearch-sink';

/**
 * The record of what may not have been read: from the last event received to where the stream begins anew. Its id is a
 * function of the epoch and the cursor, so that polls which meet the same gap write one record. It may overstate;
 * reconcile decides what it means.
 *
 * @param options `now`: Genesys' clock where it told it, `beginsAt`: where the stream begins anew, ms since 1970; `lateMs`: how far
 *   before the time that was received to an event may be missing
 */
export function gapRecord(options: {
  epoch: string;
  cursor: string | null;
  receivedAt: number | null;
  reason: 'cursor-expired' | 'no-cursor';
  now: number;
  beginsAt: number;
  lateMs: number;
}): GapRecord {
  const { epoch, cursor, receivedAt, reason, now, beginsAt, lateMs } = options;
  const fingerprint = createHash('sha256')
    .update(`${epoch}\n${reason}\n${cursor ?? ''}`)
    .digest('hex')
    .slice(0, 24);
  return {
    id: fingerprint,
    from: receivedAt === null ? null : new Date(receivedAt - lateMs).toISOString(),
    to: new Date(beginsAt).toISOString(),
    reason,
    at: new Date(now).toISOString(),
  };
}
