import type { Headers } from './transport.ts';

/**
 * What Genesys tells of a client's allowance with each reply: requests counted in the present window, requests allowed in it,
 * and until it ends. Any of the three may be missing, and which window they are of is not documented: nothing is
 * concluded from less than all of what is needed.
 *
 * Source: `inin-ratelimit-count`, `-allowed`, `-reset` (whole seconds), genesys-api section 7.
 */

/** Whole seconds are cut off: the window may end up to a second later than told (ms). */
const roundingMs = 1_000;

/** How long until the present window ends, in ms; `null` where the reply does not tell. */
export function resetMs(headers: Headers): number | null {
  const seconds = wholeNumber(headers.get('inin-ratelimit-reset'));
  return seconds === null ? null : seconds * 1_000 + roundingMs;
}

/** How long nothing more may be sent because the window's allowance is used up, in ms; `null` = it is not, or nobody knows. */
export function usedUpMs(headers: Headers): number | null {
  const count = wholeNumber(headers.get('inin-ratelimit-count'));
  const allowed = wholeNumber(headers.get('inin-ratelimit-allowed'));
  if (count === null || allowed === null || allowed === 0 || count < allowed) return null;
  return resetMs(headers);
}

function wholeNumber(text: string | undefined): number | null {
  return text !== undefined && /^\s*\d{1,9}\s*$/.test(text) ? Number(text) : null;
}
