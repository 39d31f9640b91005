import { TrunklineError } from '@trunkline/contracts';
import { sleep } from '../../backoff.ts';
import type { GenesysConnection } from '../../connection.ts';
import { errorBody } from '../../error-body.ts';
import { LongWait } from '../../long-wait.ts';
import type { Patience } from '../../patience.ts';
import type { Reply } from '../../transport.ts';
import { unreadable } from './reply-text.ts';

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
 * @returns `null`: it has none (404 in Genesys' own words; a 404 of whoever stands before it says nothing of the conversation)
 * @throws LongWait ARCHIVE_NOT_READY where Genesys is still making it (202) after as long as patience allows
 */
export function askWhetherThere<T>(asking: Asking, question: Question<T>): Promise<T | null> {
  const { what, decode } = question;
  const asked = {
    ...question,
    alsoWanted: [404],
    decode: (body: Buffer, reply: Reply): T | null | typeof later => {
      if (reply.status === 202) return later;
      if (reply.status !== 404) return decode(body, reply);
      if (errorBody(body.toString('utf8')).code === null)
        throw unreadable(what, "is a 404 that is not in Genesys' words");
      return null;
    },
  };
  return untilReady(asking, what, () => ask(asking, asked));
}

/**
 * Asks until the answer is not `later`.
 * @throws LongWait ARCHIVE_NOT_READY where that takes longer than patience allows
 */
export async function untilReady<T>(
  { patience, waits, signal }: Asking,
  what: string,
  question: () => Promise<T | typeof later>,
): Promise<T> {
  let waitMs = waits.minMs;
  for (let waitedMs = 0; ; waitedMs += waitMs, waitMs = Math.min(2 * waitMs, waits.maxMs)) {
    const answer = await question();
    if (answer !== later) return answer;
    if (waitedMs + waitMs > patience.longestWaitMs) {
      throw notReady(`Genesys is still making ${what}`, Date.now() + waits.parkMs);
    }
    await sleep(waitMs, signal);
  }
}

/** Something of a window is not there yet: it is held back until then, and nothing of it is archived. */
export function notReady(how: string, untilMs: number): LongWait {
  const reason = new TrunklineError('ARCHIVE_NOT_READY', {
    message: `${how}: the window is held back, and looked at again at ${new Date(untilMs).toISOString()}.`,
  });
  return new LongWait(reason, untilMs);
}
