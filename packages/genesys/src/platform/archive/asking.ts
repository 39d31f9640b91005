import { type ErrorCode, TrunklineError } from '@trunkline/contracts';
import type { MissingAllowed } from '../../archive/archive-source.ts';
import { sleep } from '../../backoff.ts';
import type { GenesysConnection } from '../../connection.ts';
import { LongWait } from '../../long-wait.ts';
import type { Patience } from '../../patience.ts';
import type { Reply } from '../../transport.ts';
import { isErrorOf, unreadable } from './reply-text.ts';

/** How something is waited for that Genesys is still making (ms). */
export interface ReadyWaits {
  /** First and longest wait between two questions; it doubles. */
  minMs: number;
  maxMs: number;
  /** Whoever has waited for longer than their patience allows looks again after this time. */
  parkMs: number;
}

/** By whom, and how patiently, the calls of one page are made. */
export interface Asking {
  readonly connection: Pick<GenesysConnection, 'callWith' | 'download'>;
  readonly patience: Patience;
  /** Texts that are done without are not waited for. */
  readonly missing: MissingAllowed;
  readonly waits: ReadyWaits;
  readonly signal: AbortSignal;
}

export interface Question<T> {
  /** Names the call in messages: "the messages of a conversation". */
  what: string;
  method?: 'GET' | 'POST';
  path: string;
  /** Sent as JSON. */
  body?: unknown;
  /** Permissions of which the call needs one. */
  permissions: readonly string[];
  /** Statuses besides 2xx that `decode` reads. */
  alsoWanted?: readonly number[];
  /** What the reply means. @throws TrunklineError GENESYS_REPLY_UNREADABLE: it is asked for again */
  decode: (body: Buffer, reply: Reply) => T;
}

/** What a reply says of something that is still being made. */
export const later = Symbol('later');

export const foreign404 = "is a 404 that is not in Genesys' words";

/** @throws as `GenesysConnection.callWith` */
export function ask<T>(
  asking: Asking,
  { what, method = 'GET', path, body, permissions, alsoWanted = [], decode }: Question<T>,
): Promise<T> {
  const call = {
    what,
    method,
    path,
    body: body === undefined ? null : JSON.stringify(body),
    permissions,
    alsoWanted,
    refusal: null,
    decode,
  };
  return asking.connection.callWith(call, asking.patience, asking.signal);
}

/**
 * Asks for what a conversation may have.
 * @returns `null`: it has none (404 in Genesys' own words, or 204; a 404 of whoever stands before it says nothing of the conversation)
 * @throws LongWait ARCHIVE_TEXT_NOT_READY where Genesys is still making it (202) after as long as it is waited for
 */
export function askWhetherThere<T>(asking: Asking, question: Question<T | typeof later>): Promise<T | null> {
  const { what, decode } = question;
  const asked = {
    ...question,
    alsoWanted: [404],
    decode: (body: Buffer, reply: Reply): T | null | typeof later => {
      if (reply.status === 202) return later;
      if (reply.status === 204) return null; // not documented for these calls, and can mean nothing else
      if (reply.status !== 404) return decode(body, reply);
      if (!isErrorOf(body, 404)) throw unreadable(what, foreign404);
      return null;
    },
  };
  return untilReady(
    asking,
    () => ask(asking, asked),
    textWaitMs(asking),
    () => textNotReady(asking, `Genesys is still making ${what}`),
  );
}

/**
 * How long a text is waited for in place (ms). One that may be done without had its time; it is asked for three times all the same, for
 * "later" may be over in a moment.
 */
export function textWaitMs({ missing, patience, waits }: Asking): number {
  return missing === 'none' ? patience.longestWaitMs : Math.min(3 * waits.minMs, patience.longestWaitMs);
}

/**
 * Asks until the answer is not `later`.
 * @param longestMs how long that may take
 * @param notYet what is thrown where it takes longer
 */
export async function untilReady<T>(
  { waits, signal }: Asking,
  question: () => Promise<T | typeof later>,
  longestMs: number,
  notYet: () => LongWait,
): Promise<T> {
  let waitMs = waits.minMs;
  for (let waitedMs = 0; ; waitedMs += waitMs, waitMs = Math.min(2 * waitMs, waits.maxMs)) {
    const answer = await question();
    if (answer !== later) return answer;
    if (waitedMs + waitMs > longestMs) throw notYet();
    await sleep(waitMs, signal);
  }
}

/** The data of a window are not there yet: it is held back until then, and nothing of it is archived. */
export function notReady(asking: Asking, how: string): LongWait {
  return heldBack(asking, 'ARCHIVE_NOT_READY', how);
}

/** A text that belongs to a conversation is not there: its window is held back, unless it goes on without. */
export function textNotReady(asking: Asking, how: string): LongWait {
  return heldBack(asking, 'ARCHIVE_TEXT_NOT_READY', how);
}

function heldBack({ waits }: Asking, code: ErrorCode, how: string): LongWait {
  return new LongWait(
    new TrunklineError(code, { message: `${how}: the window is held back.` }),
    Date.now() + waits.parkMs,
  );
}
