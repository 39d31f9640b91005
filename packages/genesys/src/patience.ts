import type { ErrorCode, TrunklineError } from '@trunkline/contracts';
import { sleep } from './backoff.ts';
import { LongWait } from './long-wait.ts';

/** How its caller wants a call to wait. */
export interface Patience {
  /** A longer wait is not waited for: `LongWait` is thrown (ms). */
  longestWaitMs: number;
  /** Told of each shorter wait, in place of the connection's own `onWait`. Must not throw. */
  onWait: (wait: GenesysWait) => void;
}

/** A wait of a call, told as it begins; a long one is told again every minute. */
export interface GenesysWait {
  /** Names the call: "the event stream", "the OAuth token". */
  what: string;
  /** Why. GENESYS_RATE_LIMITED with status `null`: another process met the 429, or the allowance is used up. */
  code: ErrorCode;
  status: number | null;
  /** When the next attempt is made, ms since 1970. */
  untilMs: number;
  /** Attempts of this call that have failed. */
  failures: number;
  /** For people: what happened and what to do. */
  message: string;
  /** By which Genesys finds the request that failed; `null` where it named none. */
  correlationId: string | null;
}

/** A call that is being waited for. */
export interface Waiting {
  what: string;
  patience: Patience;
  failures: number;
}

/** Why a call is made again. */
export interface Failure {
  error: TrunklineError;
  status: number | null;
}

/**
 * Tells of a wait and waits, at most `lookMs` of it.
 * @throws LongWait where it is longer than its caller allows
 * @throws the signal's reason
 */
export async function waitPatiently(
  { what, patience, failures }: Waiting,
  { error, status }: Failure,
  ms: number,
  signal: AbortSignal,
  lookMs: number = Number.POSITIVE_INFINITY,
): Promise<void> {
  const untilMs = Date.now() + ms;
  if (ms > patience.longestWaitMs) throw new LongWait(error, untilMs);
  const { code, message, correlationId } = error;
  patience.onWait({ what, code, status, untilMs, failures, message, correlationId });
  await sleep(Math.min(ms, lookMs), signal);
}
