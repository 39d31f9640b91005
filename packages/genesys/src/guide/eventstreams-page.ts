import { TrunklineError } from '@trunkline/contracts';
import { memberTexts, splitArray } from '@trunkline/json-source';

/**
 * The events' source texts and the next cursor of a reply of the event stream. The texts are cut out of the reply as they
 * stand there, so that no number loses digits (A16); `JSON.parse` only judges the whole. Where a name stands twice the last
 * one counts, as for `JSON.parse`.
 *
 * An empty `nextCursor` is read as `null`: nothing can be resumed from it.
 *
 * Memory: for the time of the call, the text and its parsed tree, several times the size of the reply.
 *
 * @throws TrunklineError GENESYS_REPLY_UNREADABLE where it is no JSON object with an array `events` and a `nextCursor` that
 *   is a string or null
 */
export function readEventStreamPage(text: string): { eventTexts: string[]; nextCursor: string | null } {
  const envelope = parsedObject(text);
  const nextCursor = envelope['nextCursor'];
  if (typeof nextCursor !== 'string' && nextCursor !== null) {
    throw unreadable('has no nextCursor that is a string or null');
  }
  if (!Array.isArray(envelope['events'])) throw unreadable('has no array of events');
  const eventsText = memberTexts(text).get('events') ?? '';
  const { elements } = splitArray(eventsText, 0);
  return { eventTexts: elements, nextCursor: nextCursor === '' ? null : nextCursor };
}

function parsedObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Without cause: its message quotes the text.
    throw unreadable('is not JSON');
  }
  if (typeof value !== 'object' || value === null) throw unreadable('is not a JSON object');
  return value as Record<string, unknown>;
}

function unreadable(why: string): TrunklineError {
  return new TrunklineError('GENESYS_REPLY_UNREADABLE', {
    message: `Genesys' reply to the event stream ${why}.`,
    remedy: 'The page is asked for again and never skipped; if it lasts, check the API base and any proxy.',
  });
}
