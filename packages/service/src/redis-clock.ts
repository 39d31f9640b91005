import type { Redis } from 'ioredis';
import { redisNow } from './heartbeats.ts';

/** How long Redis' time is carried on by this process's own clock (ms). */
const holdsMs = 30_000;

/**
 * Redis' clock, asked for now and then: one command for thirty heartbeats. In between this process's monotonic clock carries it on,
 * which nobody sets. After a reconnect it is asked for anew: another server may answer.
 */
export class RedisClock {
  readonly #redis: Redis;
  readonly #monotonic: () => number;
  /** Redis' time less the monotonic clock's (ms). */
  #ahead = 0;
  #readAt = Number.NEGATIVE_INFINITY;

  constructor(redis: Redis, monotonic: () => number = () => performance.now()) {
    this.#redis = redis;
    this.#monotonic = monotonic;
    redis.on('ready', () => {
      this.#readAt = Number.NEGATIVE_INFINITY;
    });
  }

  /** ms since 1970. */
  async now(): Promise<number> {
    const askedAt = this.#monotonic();
    if (askedAt - this.#readAt >= holdsMs) {
      this.#ahead = (await redisNow(this.#redis)) - this.#monotonic();
      this.#readAt = askedAt;
    }
    return this.#ahead + this.#monotonic();
  }
}
