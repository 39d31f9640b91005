import { TrunklineError } from '@trunkline/contracts';
import { connectRedis, createLogger, type RedisValues } from '@trunkline/service';
import type { Redis } from 'ioredis';
import type { Progress } from '../terminal/progress.ts';

/** How long a command waits for Redis before it says that it cannot be reached (ms). */
const usualPatienceMs = 10_000;

/**
 * A connection for the time of a command: unlike a process, it does not wait for a Redis that is away when it begins. An
 * outage later on is waited for, and told.
 * @throws TrunklineError REDIS_UNREACHABLE
 */
export async function openRedis(
  settings: RedisValues,
  progress: Pick<Progress, 'note'>,
  patienceMs: number = usualPatienceMs,
): Promise<Redis & AsyncDisposable> {
  const log = createLogger(
    { service: 'cli', instance: 'cli', level: 'warn' },
    { write: (line) => progress.note(messageOf(line)) },
  );
  const redis = connectRedis(settings, 'cli', log);
  try {
    await answers(redis, patienceMs);
  } catch (error) {
    redis.disconnect();
    throw error;
  }
  return Object.assign(redis, { [Symbol.asyncDispose]: async () => redis.disconnect() });
}

async function answers(redis: Redis, patienceMs: number): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () =>
      late.reject(
        new TrunklineError('REDIS_UNREACHABLE', {
          message: `Redis does not answer within ${patienceMs / 1_000} s.`,
          remedy: 'Check REDIS_URL and the server, then run the command again.',
        }),
      ),
    patienceMs,
  );
  try {
    await Promise.race([redis.ping(), late.promise]);
  } catch (error) {
    if (!(error instanceof Error) || !/^(NOAUTH|WRONGPASS|NOPERM)/.test(error.message)) throw error;
    throw new TrunklineError('CONFIG_INVALID', {
      message: 'Redis refuses the user or the password.',
      remedy: 'Correct them in REDIS_URL.',
      cause: error,
    });
  } finally {
    clearTimeout(timer);
  }
}

/** What a line of the log says, for a terminal. */
export function messageOf(line: string): string {
  const { msg } = JSON.parse(line) as { msg?: unknown };
  return typeof msg === 'string' ? msg : 'something went wrong';
}
