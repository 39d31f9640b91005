import type { Redis } from 'ioredis';
import { describe, expect, inject, it } from 'vitest';
import { openRedis, ownPrefix } from './testing/redis.ts';
import { StallingRelay } from './testing/stalling-relay.ts';
import { openThrottle } from './throttle.ts';

const never = new AbortController().signal;

/** Free times of the slots that were taken, in microseconds of Redis' clock: each grant writes one. */
class Slots {
  readonly #freeAt = new Set<number>();

  async note(redis: Redis, key: string): Promise<void> {
    this.#freeAt.add(Number(await redis.get(key)));
  }

  gaps(): number[] {
    const sorted = [...this.#freeAt].sort((a, b) => a - b);
    return sorted.slice(1).map((free, index) => free - (sorted[index] ?? 0));
  }

  span(): number {
    return Math.max(...this.#freeAt) - Math.min(...this.#freeAt);
  }
}

describe('processes of one client id', () => {
  it('send no more than the allowance over any second together', async () => {
    const key = `${ownPrefix()}:rate`;
    const ratePerSecond = 40;
    await using a = await openRedis();
    await using b = await openRedis();
    await using c = await openRedis();
    const slots = new Slots();
    const askTenTimes = async (redis: Redis) => {
      const throttle = openThrottle(redis, key, ratePerSecond);
      for (let nth = 0; nth < 10; nth++) {
        await throttle.acquire(never);
        await slots.note(redis, key);
      }
    };
    await Promise.all([a, a, b, b, c].map(askTenTimes));
    // A second that holds one grant more than the allowance would hold `ratePerSecond` gaps.
    const shortest = Math.min(...slots.gaps());
    expect(shortest * ratePerSecond).toBeGreaterThanOrEqual(1_000_000);
    expect(slots.span()).toBeGreaterThanOrEqual((49 / ratePerSecond) * 1_000_000);
    expect(await a.pttl(key)).toBeLessThanOrEqual(1_100);
  });

  it('do not wait where the rate is far above what they ask for', async () => {
    await using redis = await openRedis();
    const throttle = openThrottle(redis, `${ownPrefix()}:rate`, 100_000);
    for (let nth = 0; nth < 1_000; nth++) await throttle.acquire(never);
  });

  it('are let through when the clock of Redis was set back', async () => {
    const key = `${ownPrefix()}:rate`;
    await using redis = await openRedis();
    const inAnHour = (Date.now() + 3_600_000) * 1000;
    await redis.set(key, String(inAnHour), 'EX', 7200);
    await openThrottle(redis, key, 10).acquire(never);
    expect(Number(await redis.get(key))).toBeLessThan(inAnHour);
  });

  it('stop waiting when the signal is aborted', async () => {
    await using redis = await openRedis();
    const throttle = openThrottle(redis, `${ownPrefix()}:rate`, 1);
    await throttle.acquire(never);
    const controller = new AbortController();
    const waiting = throttle.acquire(controller.signal);
    controller.abort(new Error('shutting down'));
    await expect(waiting).rejects.toThrow('shutting down');
  });
});

describe('a process alone', () => {
  const keepsToTheAllowance = async (redis: Redis | null, grants: number, ratePerSecond: number) => {
    const throttle = openThrottle(redis, 'rate', ratePerSecond);
    await throttle.acquire(never);
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: grants - 1 }, () => throttle.acquire(never)));
    // Never faster; how much slower is the machine's affair.
    expect(performance.now() - startedAt).toBeGreaterThan(((grants - 1) / ratePerSecond) * 1000 - 5);
  };

  it('keeps to the allowance without Redis', async () => {
    await keepsToTheAllowance(null, 20, 50);
  });

  it('keeps to the allowance when Redis is gone', async () => {
    await using redis = await openRedis();
    redis.disconnect();
    await keepsToTheAllowance(redis, 20, 50);
  });

  it('is let through when Redis no longer answers', async () => {
    const { hostname, port } = new URL(inject('redisUrl'));
    await using relay = await StallingRelay.start({ host: hostname, port: Number(port) });
    await using redis = await openRedis(`redis://127.0.0.1:${relay.port}`);
    const throttle = openThrottle(redis, `${ownPrefix()}:rate`, 50);
    await throttle.acquire(never);
    relay.stall();
    await throttle.acquire(never);
    expect(redis.status).toBe('ready');
  });
});
