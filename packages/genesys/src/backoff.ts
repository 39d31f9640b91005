import { setTimeout as timer } from 'node:timers/promises';
import { ExponentialBackoff, fullJitterGenerator, type IBackoff } from 'cockatiel';

/**
 * The waits between the attempts of one call: uniform between 0 and a bound that starts at `minMs` and doubles up to
 * `maxMs` (full jitter).
 *
 * Only cockatiel's series is used, not its retry policy: that one sleeps its wait out when the signal is aborted.
 */
export class Backoff {
  readonly #series: ExponentialBackoff<number>;
  #current: IBackoff<unknown> | null = null;

  constructor(minMs: number, maxMs: number) {
    this.#series = new ExponentialBackoff({
      generator: fullJitterGenerator,
      initialDelay: minMs,
      maxDelay: maxMs,
    });
  }

  nextMs(): number {
    this.#current = this.#current === null ? this.#series.next() : this.#current.next(undefined);
    return this.#current.duration;
  }
}

/** @throws the signal's reason as soon as it is aborted */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await timer(ms, undefined, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}
