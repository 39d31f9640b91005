import {
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
  RLWrapperTimeouts,
} from 'rate-limiter-flexible';
import { sleep } from './backoff.ts';
import { type RedisClient, redisAnswerMs } from './redis-answer.ts';

/** Lets requests through no faster than the allowance. */
export interface Throttle {
  /**
   * Resolves when one request may be sent, at once where the bucket allows it.
   * @throws the signal's reason
   */
  acquire(signal: AbortSignal): Promise<void>;
}

/**
 * The token bucket of a client id, shared through Redis by all its processes.
 *
 * Promise: over any second, wherever it starts, no more than `ratePerSecond` grants. The windows of the limiter library
 * start with their first request and let twice the rate through where two of them meet, so its Redis limiter runs a
 * script of ours: grants stand a fixed gap apart (a bucket that holds one token). The gap is a twentieth longer than the
 * rate asks for, so that requests whose way to Genesys differs by up to 50 ms still keep to the allowance there.
 *
 * With Redis away, or silent for a second, nothing waits for it: each process lets requests through by itself, at a quarter of
 * the rate, so that four processes keep to the allowance together.
 *
 * @param redis `null`: this process alone
 * @param ratePerSecond 0 = every request is let through at once, Redis is not asked
 */
export function openThrottle(redis: RedisClient | null, key: string, ratePerSecond: number): Throttle {
  if (ratePerSecond <= 0) return { acquire: async (signal) => signal.throwIfAborted() };
  const limiter = redis === null ? ownLimiter(ratePerSecond) : sharedLimiter(redis, ratePerSecond);
  return {
    async acquire(signal) {
      for (;;) {
        signal.throwIfAborted();
        const waitMs = await msUntilFree(limiter, key);
        if (waitMs === 0) return;
        await sleep(waitMs, signal);
      }
    },
  };
}

type Limiter = Pick<RateLimiterMemory, 'consume'>;

function ownLimiter(ratePerSecond: number): RateLimiterMemory {
  return new RateLimiterMemory({ points: 1, duration: slowdown / ratePerSecond });
}

function sharedLimiter(redis: RedisClient, ratePerSecond: number): Limiter {
  const limiter = new RateLimiterRedis({
    storeClient: redis,
    keyPrefix: '',
    points: ratePerSecond,
    // Below one second the library does not call the script.
    duration: 1,
    customIncrTtlLuaScript: takeSlot,
    rejectIfRedisNotReady: true,
  });
  const insuranceLimiter = ownLimiter(ratePerSecond * shareWithoutRedis);
  return new RLWrapperTimeouts({ limiter, insuranceLimiter, timeoutMs: redisAnswerMs });
}

/** 0: granted; else the ms to wait before asking again. */
async function msUntilFree(limiter: Limiter, key: string): Promise<number> {
  try {
    await limiter.consume(key);
    return 0;
  } catch (refused) {
    if (refused instanceof RateLimiterRes) return Math.max(1, Math.ceil(refused.msBeforeNext));
    throw refused;
  }
}

const slowdown = 1.05;

/** Of the rate, what a process takes that cannot ask what the others take. */
const shareWithoutRedis = 1 / 4;

/**
 * Takes the slot of one request, or tells when it is free.
 *
 * KEYS[1] when the next slot is free, in microseconds of Redis' clock; expires a second after.
 * ARGV[1], ARGV[2], ARGV[4] points asked for, seconds, duration: given by the library, not used
 * ARGV[3] requests per second
 * Returns {points used, ms until free}: more points than ARGV[3] mean refused, which is how the library reads it.
 *
 * A slot further ahead than one gap can only mean that Redis' clock was set back: it counts as free.
 */
const takeSlot = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local gap = ${slowdown} * 1000000 / ARGV[3]
local free = tonumber(redis.call('GET', KEYS[1]) or '0')
if free > now and free <= now + gap + 1 then
  return {math.ceil(ARGV[3]) + 1, math.ceil((free - now) / 1000)}
end
redis.call('SET', KEYS[1], string.format('%.0f', now + gap), 'PX', math.ceil(gap / 1000) + 1000)
return {1, 0}
`;
