import type { ErrorBody } from './error-body.ts';

/**
 * How long a reply asks to wait, in ms; 0 where the time has passed, `null` where the header is absent or unreadable.
 *
 * @param header `Retry-After` as sent: whole seconds or an HTTP date (RFC 9110, 10.2.3 and 5.6.7)
 * @param nowMs the server's clock where it told it (`Date` header), so that a clock that differs shortens no wait
 * @throws never
 */
export function retryAfterMs(header: string | null, nowMs: number): number | null {
  const text = header?.trim() ?? '';
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const at = httpDateMs(text);
  return at === null ? null : Math.max(0, at - nowMs);
}

/**
 * How long the text of a 429 asks to wait, in ms; `null` where it does not say. Genesys ends it with the wait in brackets
 * (`... in [12] seconds`); the sentence of the plain `too.many.requests` has a limit and a window in brackets, which are no wait.
 */
export function bracketedWaitMs({ code, text }: Pick<ErrorBody, 'code' | 'text'>): number | null {
  const pattern = code === 'too.many.requests.retry.after' ? /\[(\d{1,7})\]/g : /\bin \[(\d{1,7})\] sec/gi;
  const seconds = [...text.matchAll(pattern)].at(-1)?.[1];
  return seconds === undefined ? null : Number(seconds) * 1_000;
}

/** An HTTP date in any of its three forms as ms since 1970, or `null`. `Date.parse` alone takes far too much for a date. */
export function httpDateMs(text: string): number | null {
  if (imfFixdate.test(text) || rfc850Date.test(text)) return validMs(Date.parse(text));
  // asctime has no zone; it means GMT.
  if (asctimeDate.test(text)) return validMs(Date.parse(`${text} GMT`));
  return null;
}

const imfFixdate = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;
const rfc850Date = /^[A-Z][a-z]{5,8}, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/;
const asctimeDate = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/;

function validMs(ms: number): number | null {
  return Number.isNaN(ms) ? null : ms;
}
