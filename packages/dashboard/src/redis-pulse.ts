import type { Redis } from 'ioredis';

/** What is asked of a connection. */
interface Pinged extends Pick<Redis, 'status'> {
  ping(): Promise<unknown>;
}

const intervalMs = 1_000;
/** A Redis that takes longer for a PING does not answer. */
const patienceMs = 2_000;

/**
 * Knows since when Redis does not answer: it is asked once a second. Only this tells of a Redis that is frozen, whose connection stands
 * and whose commands wait without end. One PING is under way at a time, so that none pile up.
 */
export class RedisPulse {
  readonly #redis: Pinged;
  readonly #now: () => number;
  #answeredAt: number;
  #askedAt: number | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(redis: Pinged, now: () => number = Date.now) {
    this.#redis = redis;
    this.#now = now;
    this.#answeredAt = now();
  }

  start(): void {
    this.#timer ??= setInterval(() => this.look(), intervalMs);
    this.look();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  /** When it answered last, in ms since 1970, or this process began to ask; `null`: it answers. */
  get silentSince(): number | null {
    const waits = this.#askedAt !== null && this.#now() - this.#askedAt > patienceMs;
    return waits || this.#redis.status !== 'ready' ? this.#answeredAt : null;
  }

  /** Asks, unless an answer is waited for. */
  look(): void {
    if (this.#askedAt !== null) return;
    this.#askedAt = this.#now();
    this.#redis.ping().then(
      () => {
        this.#answeredAt = this.#now();
        this.#askedAt = null;
      },
      // Refused, as by a Redis that is loading its data, or the connection was given up.
      () => {
        this.#askedAt = null;
      },
    );
  }
}
