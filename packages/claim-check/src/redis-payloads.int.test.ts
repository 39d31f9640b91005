import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { Keyring } from './keyring.ts';
import { RedisPayloads } from './redis-payloads.ts';

let redis: Redis;
beforeAll(() => {
  redis = new Redis(inject('redisUrl'));
});
afterAll(() => redis.quit());

it('keeps a payload until it is deleted', async () => {
  const payloads = new RedisPayloads(redis, new Keyring([randomBytes(32)]));
  const key = `{test-${randomBytes(6).toString('hex')}}:payload:1`;
  expect(await payloads.exists(key)).toBe(false);
  await payloads.put(key, Buffer.from('{"userName":"Jane"}'));
  expect(await payloads.exists(key)).toBe(true);
  const sealed = await redis.getBuffer(key);
  expect(sealed?.includes('Jane')).toBe(false);
  expect(payloads.open(key, sealed ?? Buffer.alloc(0), 19).toString()).toBe('{"userName":"Jane"}');
  await payloads.delete(key);
  expect(await payloads.exists(key)).toBe(false);
});

it('sweeps what is old and named by nothing, and nothing else', async () => {
  const keyring = new Keyring([randomBytes(32)]);
  const payloads = new RedisPayloads(redis, keyring);
  const prefix = `{test-${randomBytes(6).toString('hex')}}:payload:`;
  const old = Buffer.from('p');
  for (const name of ['orphan', 'named'])
    await redis.set(prefix + name, keyring.seal(old, prefix + name, 1_000));
  await payloads.put(`${prefix}young`, old);
  await redis.set(`${prefix}foreign`, 'not a payload');
  const swept = await payloads.sweep(prefix, 2_000, async (key) => key.endsWith('named'));
  expect(swept).toBe(1);
  const left = await Promise.all(
    ['orphan', 'named', 'young', 'foreign'].map((name) => redis.exists(prefix + name)),
  );
  expect(left).toEqual([0, 1, 1, 1]);
  await redis.del(...['named', 'young', 'foreign'].map((name) => prefix + name));
});
