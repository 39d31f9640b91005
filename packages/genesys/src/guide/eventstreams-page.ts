import { linesOfElements, TrunklineError } from '@trunkline/contracts';
import { type Range, scanObject } from '@trunkline/json-source';

/** What of a reply of the event stream counts. */
export interface EventStreamPage {
  eventCount: number;
  /** The source text of each event, a line each, each line ended. */
  lines: Buffer;
  nextCursor: string | null;
}

/**
 * The events' source texts and the next cursor of a reply of the event stream. The texts are cut out of the reply as they
 * stand there, so that no number loses digits (A16); the whole has to be JSON. Where a name stands twice the last one counts,
 * as for `JSON.parse`.
 *
 * An empty `nextCursor` is read as `null`: nothing can be resumed from it.
 *
 * @param body valid UTF-8, without a byte order mark; used up: the lines may be made of it
 * @throws TrunklineError GENESYS_REPLY_UNREADABLE where it is no JSON object with an array `events` and a `nextCursor` that
 *   is a string or null
 */
export function readEventStreamPage(body: Buffer): EventStreamPage {
  const page = scanObject(body, 'events');
  if (page === null) throw unreadable('is not a JSON object');
  const cursor = page.members.get('nextCursor');
  const nextCursor = cursor === undefined ? undefined : cursorOf(body, cursor);
  if (nextCursor === undefined) throw unreadable('has no nextCursor that is a string or null');
  if (page.elements === null) throw unreadable('has no array of events');
  return {
    eventCount: page.elements.length,
    lines: linesOfElements(body, page.elements),
    nextCursor: nextCursor === '' ? null : nextCursor,
  };
}

/** `undefined` where it is neither a string nor null. */
function cursorOf(body: Buffer, { from, to }: Range): string | null | undefined {
  const value: unknown = JSON.parse(body.toString('utf8', from, to));
  return typeof value === 'string' || value === null ? value : undefined;
}

function unreadable(why: string): TrunklineError {
  return new TrunklineError('GENESYS_REPLY_UNREADABLE', {
    message: `Genesys' reply to the event stream ${why}.`,
    remedy: 'The page is asked for again and never skipped; if it lasts, check the API base and any proxy.',
  });
}
