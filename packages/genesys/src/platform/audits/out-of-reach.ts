import { CursorOutOfReach } from '../../audit-source.ts';

/** How much later than the oldest date that is kept a stream begins anew: by the time that its first query is asked (ms). */
const marginMs = 3_600_000;

/**
 * How long the reading of a stretch may take that was within reach when it was begun (ms): it is read to its end, whatever Genesys
 * still has of its first days, since to begin anew would lose what was read of it.
 */
export const readingMs = 30 * 86_400_000;

/** Where a stream begins anew that has come to lie out of reach: ms since 1970, on the second. */
export function oldestKept(now: number, historyReachMs: number): number {
  return Math.ceil((now - historyReachMs + marginMs) / 1_000) * 1_000;
}

/**
 * A stream that has stood still for longer than Genesys keeps audit events.
 * @param begin the cursor with which it goes on, and the time from which on that reads
 */
export function outOfReach(historyReachMs: number, begin: { cursor: string; at: number }): CursorOutOfReach {
  const days = Math.round(historyReachMs / 86_400_000);
  return new CursorOutOfReach(begin, {
    message: `The stream stands further back than the ${days} days of audit events that Genesys keeps for sure.`,
    remedy:
      'It begins anew with the oldest events that are kept; the gap record tells what may not have been read.',
  });
}
