import { TrunklineError } from '@trunkline/contracts';
import { correlationIdOf, type ErrorBody, errorBody } from './error-body.ts';
import { resetMs } from './rate-headers.ts';
import { credentialsRefusal, permissionRefusal, requestRefusal } from './refusal.ts';
import { bracketedWaitMs, retryAfterMs } from './retry-after.ts';
import type { Reply } from './transport.ts';

/** What a call knows of its own refusals. */
export interface CallTerms {
  /** Names the call in messages, for example "the event stream". */
  what: string;
  /** Permissions that the call may lack on a 403. */
  permissions: readonly string[];
  /** What an operator does about 429s of this call; without it, what holds for all. */
  rateLimitRemedy?: string;
  /** Turns a 4xx that means something special to this call into its error; `null` = it does not. */
  refusal: ((status: number, text: string) => TrunklineError | null) | null;
}

export type ReplyVerdict =
  | { kind: 'unauthorized'; error: TrunklineError } // the token, not the request; the error where a new one does not help
  | { kind: 'rate-limited'; retryAfterMs: number | null; error: TrunklineError } // all processes pause
  | { kind: 'retry'; retryAfterMs: number | null; error: TrunklineError }
  | { kind: 'refused'; error: TrunklineError };

/** What of a whole reply counts. */
export type Judged = Pick<Reply, 'status' | 'headers' | 'body' | 'serverDate'>;

/**
 * What a reply that is not wanted asks for. Messages carry status and Genesys' error code, never its text.
 *
 * 408, 429 and 5xx but 501 may pass by themselves; a 401 costs a new token; all else is for good.
 */
export function judgeReply(reply: Judged, terms: CallTerms, nowMs: number): ReplyVerdict {
  const text = reply.body.toString('utf8');
  const said = errorBody(text);
  const verdict = judged(reply, text, said, terms, nowMs);
  verdict.error.correlationId ??= correlationIdOf(reply.headers, said.contextId);
  return verdict;
}

function judged(reply: Judged, text: string, said: ErrorBody, terms: CallTerms, nowMs: number): ReplyVerdict {
  const { status, headers } = reply;
  const told = `Genesys answered ${status} to ${terms.what}`;
  const headerWaitMs = retryAfterMs(headers.get('retry-after') ?? null, reply.serverDate?.getTime() ?? nowMs);
  const special = status < 500 ? (terms.refusal?.(status, text) ?? null) : null;
  if (special !== null) return { kind: 'refused', error: special };
  if (status === 429) {
    return {
      kind: 'rate-limited',
      retryAfterMs: headerWaitMs ?? bracketedWaitMs(said) ?? resetMs(headers),
      error: new TrunklineError('GENESYS_RATE_LIMITED', {
        message: `${told}: too many requests of this OAuth client.`,
        remedy:
          terms.rateLimitRemedy ??
          'All processes of the client pause; if it lasts, see what else uses the client, or lower the rate.',
      }),
    };
  }
  if (mayPass(status)) {
    return { kind: 'retry', retryAfterMs: headerWaitMs, error: serverError(told) };
  }
  if (status === 401) return { kind: 'unauthorized', error: credentialsRefusal(told, said) };
  if (status === 403) {
    return { kind: 'refused', error: permissionRefusal(told, said, terms.permissions) };
  }
  return { kind: 'refused', error: requestRefusal(status, told, said) };
}

export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** Whether the same request may be answered otherwise later. */
export function mayPass(status: number): boolean {
  return status === 408 || status === 429 || (status >= 500 && status !== 501);
}

function serverError(told: string): TrunklineError {
  return new TrunklineError('GENESYS_SERVER_ERROR', {
    message: `${told}.`,
    remedy: 'It is tried again; if it lasts, see the status page of Genesys Cloud.',
  });
}
