import { setTimeout as sleep } from 'node:timers/promises';

export interface UntilOptions {
  /** How long the state may take. Default 3 min: nothing is measured by it, and what comes back from an outage may first wait out
   * the longest backoff on a machine that is busy with other things. */
  withinMs?: number;
  /** How often it is looked for. Default 50 ms. */
  everyMs?: number;
  /** What stands in the error beside `what`: the state that was found instead, the end of a log. */
  told?: () => string | Promise<string>;
}

/**
 * Waits for a state: calls `probe` until it gives something other than `null`, `undefined` and `false`, and resolves
 * with that. A probe that throws has not found it yet.
 *
 * @param what the state in words, for the error
 * @throws Error where the state does not come in time, with the last error of the probe as its cause
 */
export async function until<T>(
  what: string,
  probe: () => Promise<T | null | undefined | false> | T | null | undefined | false,
  options: UntilOptions = {},
): Promise<T> {
  const { withinMs = 180_000, everyMs = 50 } = options;
  const begin = performance.now();
  let lastError: unknown;
  for (;;) {
    try {
      const found = await probe();
      if (found !== null && found !== undefined && found !== false) return found;
    } catch (error) {
      lastError = error;
    }
    if (performance.now() - begin > withinMs) {
      const told = options.told === undefined ? '' : ` ${await options.told()}`;
      throw new Error(`Not within ${withinMs / 1000} s: ${what}.${told}`, { cause: lastError });
    }
    await sleep(everyMs);
  }
}
