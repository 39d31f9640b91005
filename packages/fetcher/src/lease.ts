import { randomBytes } from 'node:crypto';
import type { StreamState } from '@trunkline/stream-state';

/**
 * The right to poll a stream. Taken where nobody holds it, renewed by a timer, lost when a renewal is refused or none
 * succeeded for the lease's whole time. Losing it is told by the signal; the scripts' fencing holds even where this process
 * was paused and does not know yet.
 */
export class Lease {
  readonly #stream: StreamState;
  readonly #holder: string;
  readonly #ttlMs: number;
  #token: string;
  readonly #lost = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #renewedAt: number;

  private constructor(
    stream: StreamState,
    holder: string,
    token: string,
    ttlMs: number,
    renewMs: number,
    takenAt: number,
  ) {
    this.#stream = stream;
    this.#holder = holder;
    this.#token = token;
    this.#ttlMs = ttlMs;
    this.#renewedAt = takenAt;
    this.#timer = setInterval(() => void this.#renew(), renewMs);
  }

  /** Takes the lease, or answers `null` where another holds it. */
  static async take(
    stream: StreamState,
    options: { holder: string; ttlMs: number; renewMs: number },
  ): Promise<Lease | null> {
    const token = newToken();
    const takenAt = performance.now();
    const taken = await stream.take(options.holder, options.ttlMs, token);
    return taken ? new Lease(stream, options.holder, token, options.ttlMs, options.renewMs, takenAt) : null;
  }

  get holder(): string {
    return this.#holder;
  }

  /** The epoch: changes with a rewind. */
  get token(): string {
    return this.#token;
  }

  /** Aborted when the lease is lost. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Goes on in the epoch that a rewind has begun. */
  moveTo(token: string): void {
    this.#token = token;
  }

  /** To be called when a script answered `fenced`. */
  lose(): void {
    clearInterval(this.#timer);
    this.#lost.abort();
  }

  /** Gives the lease back, so that another fetcher goes on at once. */
  async release(): Promise<void> {
    this.lose();
    await this.#stream.release(this.#holder);
  }

  async #renew(): Promise<void> {
    const token = this.#token;
    const askedAt = performance.now();
    if (askedAt - this.#renewedAt > this.#ttlMs) return this.lose();
    let renewed = false;
    try {
      renewed = await this.#stream.renew(this.#holder, this.#ttlMs, token);
    } catch {
      return; // judged by its age with the next renewal
    }
    if (renewed) this.#renewedAt = askedAt;
    // A rewind may have moved the epoch while the renewal was under way.
    else if (token === this.#token) this.lose();
  }
}

/** A new epoch: random, so that no two holders share one, not even over an emptied Redis. */
export function newToken(): string {
  return randomBytes(9).toString('hex');
}
