import type { Cluster, Redis } from 'ioredis';

export type RedisClient = Redis | Cluster;

/** How long a request to Genesys waits for Redis before it goes by what this process knows (ms). */
export const redisAnswerMs = 1_000;

/**
 * What Redis answers, or `null` when it is away, answers an error or does not answer within `redisAnswerMs`.
 * A client that is not connected is not asked: it would queue the command for as long as Redis is away.
 */
export async function redisAnswer<T>(
  redis: RedisClient | null,
  ask: (redis: RedisClient) => Promise<T>,
): Promise<{ value: T } | null> {
  if (redis === null || redis.status !== 'ready') return null;
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), redisAnswerMs);
  });
  try {
    return await Promise.race([
      ask(redis).then(
        (value) => ({ value }),
        () => null,
      ),
      tooLate,
    ]);
  } finally {
    clearTimeout(timer);
  }
}
