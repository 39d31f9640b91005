import { expect, it } from 'vitest';
import { openRedis, ownPrefix } from '../../testing/redis.ts';
import { HistoryLease } from './history-lease.ts';

it('one stream of a client has the history at a time, in whatever process', async () => {
  const key = `${ownPrefix()}:history`;
  await using redis = await openRedis();
  await using other = await openRedis();
  const [here, there, backfill] = [
    new HistoryLease(redis, key, 'default'),
    new HistoryLease(other, key, 'default'),
    new HistoryLease(other, key, 'default.backfill'),
  ];
  expect(await here.take()).toBe(true);
  expect(await backfill.take()).toBe(false);
  await backfill.release();
  expect(await there.take()).toBe(true);
  await there.release();
  expect(await backfill.take()).toBe(true);
  expect(await here.take()).toBe(false);
});

it('nobody has it while Redis is away', async () => {
  await using redis = await openRedis();
  redis.disconnect();
  expect(await new HistoryLease(redis, `${ownPrefix()}:history`, 'default').take()).toBe(false);
});
