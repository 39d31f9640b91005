import { errorReply } from './error-reply.ts';
import type { Reply } from './reply.ts';

/** How a 429 tells the wait. */
export type WaitForm = 'seconds' | 'date' | 'bracket' | 'reset';

/**
 * 429.
 * @param waitSeconds null = it is not told
 * @param limit of the client, where it is one that it ran into
 */
export function tooManyReply(
  waitSeconds: number | null,
  form: WaitForm,
  nowMs: number,
  limit: { allowed: number; seconds: number } | null = null,
): Reply {
  const more = limit === null ? {} : { limit: limitOf(limit.allowed) };
  const exceeded = 'Rate limit exceeded the maximum';
  if (waitSeconds !== null && form === 'bracket') {
    const params = { seconds: String(Math.ceil(waitSeconds)) };
    return errorReply(
      429,
      'too.many.requests.retry.after',
      `${exceeded}. Retry the request in [${params.seconds}] seconds`,
      { ...more, params, messageWithParams: `${exceeded}. Retry the request in [{seconds}] seconds` },
    );
  }
  const text =
    limit === null ? exceeded : `${exceeded} [${limit.allowed}] requests within [${limit.seconds}] seconds`;
  return errorReply(429, 'too.many.requests', text, {
    ...more,
    headers: waitSeconds === null ? {} : waitHeader(waitSeconds, form, nowMs),
  });
}

function waitHeader(seconds: number, form: WaitForm, nowMs: number): Record<string, string> {
  if (form === 'reset') return { 'inin-ratelimit-reset': String(Math.ceil(seconds)) };
  const after = form === 'date' ? new Date(nowMs + seconds * 1000).toUTCString() : String(seconds);
  return { 'Retry-After': after };
}

function limitOf(value: number): { key: string; namespace: string; value: number } {
  return { key: 'client.credentials.token.rate.per.minute', namespace: 'platform.api', value };
}
