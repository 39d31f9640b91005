import { z } from 'zod';
import { commaList, optionalSetting, setting } from './setting.ts';

const redisUrl = z
  .string()
  .refine(
    (text) => URL.canParse(text) && /^rediss?:$/.test(new URL(text).protocol),
    'must be a redis:// or rediss:// URL',
  );

/** How Redis is reached: one server, or Sentinel where REDIS_SENTINELS is set. */
export const redisSettings = {
  url: setting({
    env: 'REDIS_URL',
    schema: redisUrl,
    secret: true,
    summary: 'Redis, `redis://` or `rediss://`, with ACL user, password and database where needed',
  }),
  sentinels: optionalSetting({
    env: 'REDIS_SENTINELS',
    schema: commaList(z.string().regex(/^[^:]+:\d+$/, 'must be a list of host:port')),
    summary: 'Sentinels as `host:port,host:port`; REDIS_URL then gives user, password and database only',
  }),
  sentinelName: setting({
    env: 'REDIS_SENTINEL_NAME',
    schema: z.string(),
    default: 'mymaster',
    summary: 'name of the group that the Sentinels watch',
  }),
} as const;
