import { TrunklineError } from '@trunkline/contracts';
import { scanObject } from '@trunkline/json-source';
import { z } from 'zod';

/** What a reply says, as far as `schema` reads it. @throws TrunklineError GENESYS_REPLY_UNREADABLE */
export function readReply<T>(body: Buffer, what: string, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    throw unreadable(what, 'is no JSON');
  }
  const read = schema.safeParse(value);
  if (!read.success) throw unreadable(what, 'is not what the API says it is');
  return read.data;
}

/** The reply's own text, which is to be a JSON object. @throws TrunklineError GENESYS_REPLY_UNREADABLE */
export function objectText(body: Buffer, what: string): Buffer {
  if (scanObject(body, '') === null) throw unreadable(what, 'is no JSON object');
  return body;
}

/**
 * The source texts of the items of a reply's member; none where the reply has no such member.
 * @throws TrunklineError GENESYS_REPLY_UNREADABLE
 */
export function itemTexts(body: Buffer, member: string, what: string): Buffer[] {
  const scanned = scanObject(body, member);
  if (scanned === null) throw unreadable(what, 'is no JSON object');
  if (scanned.elements !== null) return scanned.elements.map(({ from, to }) => body.subarray(from, to));
  const range = scanned.members.get(member);
  if (range === undefined || body.toString('latin1', range.from, range.to) === 'null') return [];
  throw unreadable(what, `has ${member} that are no array`);
}

const error = z.object({ code: z.string().regex(/^[a-z][\w.-]*$/i), status: z.number() });

/** Whether a reply is an error as Genesys writes them, with its status in it. Gateways have other forms. */
export function isErrorOf(body: Buffer, status: number): boolean {
  try {
    return error.safeParse(JSON.parse(body.toString('utf8'))).data?.status === status;
  } catch {
    return false;
  }
}

/** @param how what is wrong with the reply; never a part of it */
export function unreadable(what: string, how: string): TrunklineError {
  return new TrunklineError('GENESYS_REPLY_UNREADABLE', {
    message: `Genesys' reply to ${what} ${how}.`,
    remedy: 'It is tried again; if it lasts, look for a proxy that rewrites replies, and report it.',
  });
}
