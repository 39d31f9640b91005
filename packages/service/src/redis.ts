import { TrunklineError } from '@trunkline/contracts';
import { Redis, type RedisOptions } from 'ioredis';
import type { Logger } from './logger.ts';
import type { redisSettings } from './settings/redis.ts';
import type { Values } from './settings/setting.ts';

export type RedisValues = Values<typeof redisSettings>;

/** Replies in their native shapes, as BullMQ reads them. */
type ClientOptions = RedisOptions & { replyMapping?: 'legacy' };

/**
 * A connection that never gives up: commands wait while Redis is away and are sent when it is back
 * (`maxRetriesPerRequest: null`, which BullMQ's workers need too). Errors are logged at most every 10 s: an outage of an
 * hour must not fill a disk.
 */
export function connectRedis(settings: RedisValues, purpose: string, log: Logger): Redis {
  const options: ClientOptions = {
    connectionName: `trunkline-${purpose}`,
    maxRetriesPerRequest: null,
    connectTimeout: 10_000,
    keepAlive: 10_000,
    retryStrategy: (times) => Math.min(50 * 2 ** Math.min(times, 6), 2_000),
    // After a failover the old master answers READONLY: reconnect, and send the command again.
    reconnectOnError: (error) => (error.message.startsWith('READONLY') ? 2 : false),
  };
  const redis =
    settings.sentinels === null
      ? new Redis(settings.url, options)
      : new Redis({ ...options, ...sentinelOptions(settings) });
  let quietUntil = 0;
  redis.on('error', (error: Error) => {
    if (Date.now() < quietUntil) return;
    quietUntil = Date.now() + 10_000;
    log.warn(
      { event: 'redis.error', purpose, err: error },
      'Redis cannot be reached; commands wait until it is back',
    );
  });
  return redis;
}

function sentinelOptions(settings: RedisValues): ClientOptions {
  const url = new URL(settings.url);
  return {
    name: settings.sentinelName,
    sentinels: (settings.sentinels ?? []).map((address) => {
      const [host, port] = address.split(':');
      return { host: host ?? '', port: Number(port) };
    }),
    ...(url.username === '' ? {} : { username: decodeURIComponent(url.username) }),
    ...(url.password === '' ? {} : { password: decodeURIComponent(url.password) }),
    ...(url.pathname.length > 1 ? { db: Number(url.pathname.slice(1)) } : {}),
    ...(url.protocol === 'rediss:' ? { tls: {}, enableTLSForSentinelMode: true } : {}),
  };
}

/**
 * Refuses a Redis that may throw away keys: an evicted job or payload is found missing and fetched again, but a queue
 * that is emptied under load never drains.
 * @throws TrunklineError REDIS_SETTING_UNSAFE
 */
export async function requireNoEviction(redis: Redis): Promise<void> {
  const policy = /maxmemory_policy:(\S+)/.exec(await redis.info('memory'))?.[1];
  if (policy === undefined || policy === 'noeviction') return;
  throw new TrunklineError('REDIS_SETTING_UNSAFE', {
    message: `Redis may evict keys: its maxmemory-policy is ${policy}.`,
    remedy: 'Set `maxmemory-policy noeviction` on that Redis and start again.',
  });
}
