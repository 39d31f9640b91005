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

  /** The most grants in any stretch of so many microseconds, wherever it starts. */
  mostWithin(us: number): number {
    const sorted = this.#sorted();
    return Math.max(
      ...sorted.map((from, index) => {
        const beyond = sorted.findIndex((at) => at >= from + us);
        return (beyond === -1 ? sorted.length : beyond) - index;
      }),
    );
  }

  span(): number {
    const sorted = this.#sorted();
    return (sorted.at(-1) ?? 0) - (sorted[0] ?? 0);
  }

  #sorted(): number[] {
    return [...this.#freeAt].sort((a, b) => a - b);
  }
}

describe('processes of one client id', () => {
  it('send no more than the allowance over any stretch together, be it a second or a minute', async () => {
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
    // Each stretch stands for a minute of a slower client. By Redis' clock: a busy machine can only spread grants.
    for (const stretchMs of [25, 50, 250, 1_000]) {
      expect(slots.mostWithin(stretchMs * 1_000)).toBeLessThanOrEqual((ratePerSecond * stretchMs) / 1_000);
    }
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
  /** Never faster than the rate that is to be kept; how much slower is the machine's affair. */
  const takes = async (redis: Redis | null, grants: number, rate: { set: number; kept: number }) => {
    const throttle = openThrottle(redis, 'rate', rate.set);
    await throttle.acquire(never);
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: grants - 1 }, () => throttle.acquire(never)));
    expect(performance.now() - startedAt).toBeGreaterThan(((grants - 1) / rate.kept) * 1000 - 5);
  };

  it('keeps to the allowance without Redis', async () => {
    await takes(null, 20, { set: 50, kept: 50 });
  });

  it('takes a quarter of the allowance when Redis is gone: it does not know what the others take', async () => {
    await using redis = await openRedis();
    redis.disconnect();
    await takes(redis, 20, { set: 200, kept: 50 });
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
