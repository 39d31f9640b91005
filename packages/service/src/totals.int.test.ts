import { randomBytes } from 'node:crypto';
import { pipelinePrefix } from '@trunkline/contracts';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { readTotals, Totals } from './totals.ts';

let redis: Redis;
const deployment = `test-${randomBytes(6).toString('hex')}`;
beforeAll(() => {
  redis = new Redis(inject('redisUrl'));
});
afterAll(async () => {
  await redis.del(`${pipelinePrefix(deployment, 'audit')}:totals`);
  await redis.quit();
});

it('adds what was gathered, and keeps it while Redis is away', async () => {
  const own = new Redis(inject('redisUrl'), { retryStrategy: () => null, maxRetriesPerRequest: 0 });
  const totals = new Totals(own, deployment, 'audit');
  totals.add('created', 5);
  await totals.flush();
  totals.add('created', 2);
  own.disconnect();
  await expect(totals.flush()).rejects.toThrow();
  expect(await readTotals(redis, deployment, 'audit')).toEqual({ created: 5 });
  await own.connect();
  await totals.flush();
  own.disconnect();
  expect(await readTotals(redis, deployment, 'audit')).toEqual({ created: 7 });
});
