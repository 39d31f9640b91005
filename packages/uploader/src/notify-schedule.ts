const firstMs = 1_000;
const longestMs = 3_600_000;

/**
 * How long to wait before a completion event is delivered again: 1 s, 2 s, 4 s ... 1 h, each up to a quarter more or less, and
 * no less than the receiver asked for. The last try falls on the end of the time there is.
 *
 * @param tries how many have failed, from 1
 * @param elapsedMs since the first of them
 * @returns `null`: the time is over
 */
export function nextTryMs(
  tries: number,
  elapsedMs: number,
  settings: { retryMs: number; retryAfterMs: number | null },
  random: () => number,
): number | null {
  const left = settings.retryMs - elapsedMs;
  if (left <= 0) return null;
  const backoff = Math.min(firstMs * 2 ** Math.min(tries - 1, 30), longestMs) * (0.75 + random() / 2);
  return Math.round(Math.min(Math.max(backoff, settings.retryAfterMs ?? 0), left));
}
