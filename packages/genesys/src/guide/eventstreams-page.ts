import { TrunklineError } from '@trunkline/contracts';
import { arrayRanges, memberRanges, type Range } from '@trunkline/json-source';

/**
 * The events' source texts and the next cursor of a reply of the event stream. The texts are cut out of the reply as they
 * stand there, so that no number loses digits (A16); `JSON.parse` only judges the whole. Where a name stands twice the last
 * one counts, as for `JSON.parse`.
 *
 * An empty `nextCursor` is read as `null`: nothing can be resumed from it.
 *
 * The whole is looked at as a string of its bytes, a character each: what JSON is made of is ASCII, which stands in no other
 * character of UTF-8. Only the events become text, each for itself. That takes half the time and half the memory of decoding
 * the page first, where one character beyond Latin-1 doubles every other.
 *
 * Memory: for the time of the call, the bytes as a string and their parsed tree, several times the size of the reply.
 *
 * @param body valid UTF-8, without a byte order mark
 * @throws TrunklineError GENESYS_REPLY_UNREADABLE where it is no JSON object with an array `events` and a `nextCursor` that
 *   is a string or null
 */
export function readEventStreamPage(body: Buffer): { eventTexts: string[]; nextCursor: string | null } {
  const bytes = body.toString('latin1');
  const envelope = parsedObject(bytes);
  const { nextCursor } = envelope;
  if (typeof nextCursor !== 'string' && nextCursor !== null) {
    throw unreadable('has no nextCursor that is a string or null');
  }
  if (!Array.isArray(envelope['events'])) throw unreadable('has no array of events');
  const members = memberRanges(bytes);
  const textAt = ({ from, to }: Range): string => body.toString('utf8', from, to);
  const { ranges } = arrayRanges(bytes, members.get('events')?.from ?? 0);
  const cursor = members.get('nextCursor');
  return {
    eventTexts: ranges.map(textAt),
    nextCursor:
      nextCursor === '' || cursor === undefined ? null : (JSON.parse(textAt(cursor)) as string | null),
  };
}

function parsedObject(bytes: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(bytes);
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
