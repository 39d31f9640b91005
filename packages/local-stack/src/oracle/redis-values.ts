import type { Redis } from 'ioredis';

/** Keys that match a pattern, in no particular order. */
export async function keysOf(redis: Redis, pattern: string): Promise<string[]> {
  const keys = new Set<string>();
  for await (const found of redis.scanStream({ match: pattern, count: 1_000 })) {
    for (const key of found as string[]) keys.add(key);
  }
  return [...keys];
}

/** All that stands under the keys that match, as text: names of keys and fields, members, values. */
export async function* redisValues(
  redis: Redis,
  pattern: string,
): AsyncGenerator<{ key: string; text: string }> {
  for (const key of await keysOf(redis, pattern)) {
    yield { key, text: `${key}\n${await valueText(redis, key)}` };
  }
}

async function valueText(redis: Redis, key: string): Promise<string> {
  const type = await redis.type(key);
  switch (type) {
    case 'string':
      return (await redis.getBuffer(key))?.toString('latin1') ?? '';
    case 'hash':
      return JSON.stringify(await redis.hgetall(key));
    case 'list':
      return JSON.stringify(await redis.lrange(key, 0, -1));
    case 'set':
      return JSON.stringify(await redis.smembers(key));
    case 'zset':
      return JSON.stringify(await redis.zrange(key, '0', '-1'));
    case 'stream':
      return JSON.stringify(await redis.xrange(key, '-', '+'));
    case 'none':
      return ''; // gone since
    default:
      throw new Error(`The key ${key} is of the type ${type}, which nothing here reads.`);
  }
}
