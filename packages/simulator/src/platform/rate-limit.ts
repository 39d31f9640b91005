import type { Reply } from '../http/reply.ts';
import { tooManyReply } from '../http/too-many-reply.ts';

/** How the 429 tells the wait; `bare`: not at all. */
export const RATE_LIMIT_ANSWERS = ['seconds', 'date', 'bracket', 'reset', 'bare'] as const;
/** The `inin-ratelimit-*` headers of replies. */
export const RATE_LIMIT_HEADERS = ['all', 'no-reset', 'none'] as const;

/** How a client that exceeds its rate is answered, and what every reply tells of it. */
export interface RateLimitSettings {
  /** Requests a minute; null = no limit (and no headers). */
  allowed: number | null;
  answer: (typeof RATE_LIMIT_ANSWERS)[number];
  headers: (typeof RATE_LIMIT_HEADERS)[number];
}

const WINDOW_MS = 60_000;

/**
 * The allowance of each client id: a window of a minute begins with the first request after the last window.
 *
 * In the host's time, as a client measures it. Where the real service draws its windows is not documented; a client
 * that keeps to the rate within any 60 s keeps to it in these.
 */
export class RateLimit {
  settings: RateLimitSettings;
  readonly #windows = new Map<string, { sinceMs: number; count: number }>();

  constructor(settings: RateLimitSettings) {
    this.settings = settings;
  }

  /**
   * Counts a request.
   * @param nowMs the host's time
   * @param simulatedMs for a date in the answer
   * @returns headers of the reply, and the refusal where it was one too many
   */
  take(
    clientId: string,
    nowMs: number,
    simulatedMs: number,
  ): { headers: Record<string, string>; refusal: Reply | null } {
    const { allowed, answer, headers } = this.settings;
    if (allowed === null) return { headers: {}, refusal: null };
    let window = this.#windows.get(clientId);
    if (window === undefined || nowMs >= window.sinceMs + WINDOW_MS || nowMs < window.sinceMs) {
      window = { sinceMs: nowMs, count: 0 };
      this.#windows.set(clientId, window);
    }
    const isOver = window.count >= allowed;
    if (!isOver) window.count += 1;
    const resetSeconds = Math.ceil((window.sinceMs + WINDOW_MS - nowMs) / 1000);
    const told: Record<string, string> = {
      'inin-ratelimit-count': String(window.count),
      'inin-ratelimit-allowed': String(allowed),
      ...(headers === 'all' ? { 'inin-ratelimit-reset': String(resetSeconds) } : {}),
    };
    return {
      headers: headers === 'none' ? {} : told,
      refusal: isOver
        ? tooManyReply(
            answer === 'bare' ? null : resetSeconds,
            answer === 'bare' ? 'seconds' : answer,
            simulatedMs,
            {
              allowed,
              seconds: WINDOW_MS / 1000,
            },
          )
        : null,
    };
  }
}
