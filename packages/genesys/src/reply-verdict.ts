import { TrunklineError } from '@trunkline/contracts';
import { retryAfterMs } from './retry-after.ts';
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
  | { kind: 'ok' }
  | { kind: 'unauthorized' } // the token, not the request
  | { kind: 'rate-limited'; retryAfterMs: number | null; error: TrunklineError } // all processes pause
  | { kind: 'retry'; retryAfterMs: number | null; error: TrunklineError }
  | { kind: 'refused'; error: TrunklineError };

/** What the status of a reply asks for. Messages carry status and Genesys' error code, never its text. */
export function judgeReply(reply: Reply, terms: CallTerms, nowMs: number): ReplyVerdict {
  const { status } = reply;
  if (status >= 200 && status < 300) return { kind: 'ok' };
  const told = `Genesys answered ${status} to ${terms.what}`;
  const askedWaitMs = retryAfterMs(reply.retryAfter, reply.serverDate?.getTime() ?? nowMs);
  if (status === 429) {
    return {
      kind: 'rate-limited',
      retryAfterMs: askedWaitMs,
      error: new TrunklineError('GENESYS_RATE_LIMITED', {
        message: `${told}: too many requests of this OAuth client.`,
        remedy:
          terms.rateLimitRemedy ??
          'All processes of the client pause; if it lasts, see what else uses the client, or lower the rate.',
      }),
    };
  }
  if (status === 408 || (status >= 500 && status !== 501)) {
    return {
      kind: 'retry',
      retryAfterMs: askedWaitMs,
      error: new TrunklineError('GENESYS_SERVER_ERROR', {
        message: `${told}.`,
        remedy: 'It is tried again; if it lasts, see the status page of Genesys Cloud.',
      }),
    };
  }
  const text = reply.body.toString('utf8');
  const special = terms.refusal?.(status, text) ?? null;
  if (special !== null) return { kind: 'refused', error: special };
  if (status === 401) return { kind: 'unauthorized' };
  return { kind: 'refused', error: refusal(status, text, told, terms.permissions) };
}

function refusal(status: number, text: string, told: string, permissions: readonly string[]): TrunklineError {
  if (status === 403) {
    const named = permissions.filter((permission) => text.toLowerCase().includes(permission.toLowerCase()));
    const missing = named.length > 0 ? named : permissions;
    return new TrunklineError('GENESYS_PERMISSION_MISSING', {
      message: `${told}: the OAuth client lacks ${missing.length === 0 ? 'a permission' : missing.join(' or ')}.`,
      remedy: 'Grant it to a role of the OAuth client.',
    });
  }
  const code = genesysErrorCode(text);
  return new TrunklineError('GENESYS_REQUEST_REFUSED', {
    message: `${told}${code === null ? '' : ` (${code})`}.`,
    remedy:
      status === 404 || status === 501 || status < 400
        ? 'Check that the API base is that of the organisation and serves the guide contract.'
        : 'Check event types, filters and page size, and the outbound proxy where there is one.',
  });
}

/** Genesys' own error code; only what looks like one, so that no text of a reply comes into a message. */
function genesysErrorCode(text: string): string | null {
  try {
    const code = (JSON.parse(text) as { code?: unknown } | null)?.code;
    return typeof code === 'string' && /^[a-z][a-z0-9_.-]{0,60}$/i.test(code) ? code : null;
  } catch {
    return null;
  }
}
