import { lastLine } from '@trunkline/contracts';
import type { AuditPage } from '@trunkline/genesys';
import { linesFingerprint } from '@trunkline/stream-state';

/** What a page means for the stream. `more`: the next one should be asked for at once. */
export type PageVerdict =
  /** Nothing new: no events, or the tail that was accepted last, returned again. */
  | { kind: 'nothing'; more: false }
  /** No events (filtered, perhaps), but the cursor moved: accepted without a job. */
  | { kind: 'moved'; after: string | null; page: string; at: number | null; more: boolean }
  /** Events to queue. */
  | { kind: 'batch'; after: string | null; page: string; at: number | null; more: boolean };

/**
 * Judges a page against what was accepted last.
 *
 * @param received cursor of the last accepted page and its fingerprint
 * @param how `expired`: the page was asked for without that cursor, because Genesys no longer takes it; `limit`: events a
 *   full page holds; `headMs`: where the source does not tell, a page that reaches to within this time of Genesys' clock has
 *   reached the stream's head
 */
export function judgePage(
  received: { cursor: string | null; page: string },
  page: Pick<AuditPage, 'eventCount' | 'lines' | 'nextCursor' | 'serverDate' | 'reachedAt' | 'atHead'>,
  how: { expired: boolean; limit: number; headMs: number },
): PageVerdict {
  const { eventCount, lines, nextCursor } = page;
  // Drained: the last cursor stays good, but for one that Genesys refused.
  const after = nextCursor ?? (how.expired ? null : received.cursor);
  const moved = after !== received.cursor;
  if (eventCount === 0) {
    // An expired cursor with an empty window stays: it is met again, and changes with the first event.
    if (!moved || nextCursor === null) return { kind: 'nothing', more: false };
    return {
      kind: 'moved',
      after,
      page: linesFingerprint(lines),
      at: timeOf(page),
      more: page.atHead !== true,
    };
  }
  const fingerprint = linesFingerprint(lines);
  if (fingerprint === received.page && !moved) return { kind: 'nothing', more: false };
  const at = timeOf(page);
  // Null says drained. A page that is not full may be so because of the filters, so its age decides: at the head of the
  // stream the next event is worth waiting for. A cursor that stands still would be asked for without a pause.
  const atHead =
    page.atHead ??
    (eventCount < how.limit && at !== null && (page.serverDate?.getTime() ?? 0) - at < how.headMs);
  return { kind: 'batch', after, page: fingerprint, at, more: nextCursor !== null && moved && !atHead };
}

/** The time a page reaches to: as told, else its last event's date, or Genesys' clock where it has none that can be read. */
function timeOf(page: Pick<AuditPage, 'lines' | 'serverDate' | 'reachedAt'>): number | null {
  if (page.reachedAt !== null) return page.reachedAt;
  const dated = dateOf(lastLine(page.lines).toString('utf8'));
  if (Number.isFinite(dated) && dated > 0) return dated;
  return page.serverDate?.getTime() ?? null;
}

function dateOf(eventText: string): number {
  try {
    const event = JSON.parse(eventText) as { date?: unknown } | null;
    return typeof event?.date === 'string' ? Date.parse(event.date) : Number.NaN;
  } catch {
    return Number.NaN;
  }
}
