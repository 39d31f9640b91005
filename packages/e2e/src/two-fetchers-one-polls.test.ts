import { type System, type TrunklineProcess, until } from '@trunkline/test-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectExactlyOnce, startSystem } from './start-system.ts';

interface Pair {
  holder: TrunklineProcess;
  other: TrunklineProcess;
}

/** Of two fetchers, the one that polls. The instance that stands in the lease names its process id. */
async function pairOf(system: System): Promise<Pair> {
  return until('a fetcher holds the lease', async () => {
    const instance = (await system.snapshot()).leaseHolder;
    const holder = system.fetchers.find(({ pid }) => instance?.includes(`-${pid}-`));
    const other = system.fetchers.find((fetcher) => fetcher !== holder);
    return holder !== undefined && other !== undefined && { holder, other };
  });
}

async function untilHeldBy(system: System, fetcher: TrunklineProcess): Promise<void> {
  await until(`${fetcher.name} has taken over`, async () => (await pairOf(system)).holder === fetcher);
}

const flow = { backlog: 500, rate: 150 };

/** Longer than a process of a busy machine is ever kept waiting: a lease changes hands only where the test makes it. */
const steadyLease = { LEASE_TTL_SECONDS: '10', LEASE_RENEW_SECONDS: '1' };

async function startPair(fetchers = 2, settings: Record<string, string> = {}): Promise<System> {
  return startSystem({ fetchers, simulator: flow, settings: { ...steadyLease, ...settings } });
}

describe('of two fetchers', () => {
  let system: System;

  beforeAll(async () => {
    system = await startPair();
  });

  afterAll(async () => {
    await system?.[Symbol.asyncDispose]();
  });

  async function flowsAgain(): Promise<void> {
    await system.untilReady();
    const indexed = await system.indexedCount();
    await system.genesys.changeStream({ rate: flow.rate });
    await system.untilIndexed(indexed + 200);
  }

  test('one polls, and the other waits', async () => {
    await system.untilIndexed(800);
    const { holder, other } = await pairOf(system);
    expect(holder.log.events('page.accepted').length).toBeGreaterThan(0);
    expect(other.log.events('page.accepted')).toEqual([]);
    await system.genesys.changeStream({ rate: 0 });
    await system.drained();
    await expectExactlyOnce(system);
    // Nothing was fetched twice.
    const { served, servedEvents } = await system.genesys.summary();
    expect(served).toBe(servedEvents);
  });

  test('the other takes over when the one that polls is killed', async () => {
    await flowsAgain();
    const { holder, other } = await pairOf(system);
    await holder.kill();
    await untilHeldBy(system, other);
    await holder.start();
    await system.genesys.changeStream({ rate: 0 });
    await system.drained();
    await expectExactlyOnce(system);
  });

  test('the one that was frozen moves nothing when it wakes', async () => {
    await flowsAgain();
    const { holder, other } = await pairOf(system);
    holder.pause();
    const frozen = (await system.snapshot()).state?.received.seq ?? 0;
    await untilHeldBy(system, other);
    const { epoch } = await system.snapshot();
    holder.resume();
    await holder.log.waitFor('lease.lost');
    await system.genesys.changeStream({ rate: 0 });
    await system.drained();
    expect((await system.snapshot()).epoch).toBe(epoch);
    // The reply to what it had accepted before may be what it reads first.
    const accepted = holder.log.events('page.accepted').map(({ seq }) => Number(seq));
    expect(Math.max(...accepted)).toBeLessThanOrEqual(frozen);
    await expectExactlyOnce(system);
  });
});

describe.concurrent('of two fetchers', () => {
  test('the other takes over at once when the one that polls is told to stop', async () => {
    await using system = await startSystem({
      fetchers: 2,
      simulator: flow,
      // Only a lease that is given back can change hands within the test.
      settings: { LEASE_TTL_SECONDS: '600' },
    });
    await system.untilIndexed(300);
    const { holder, other } = await pairOf(system);
    expect(await holder.terminate()).toMatchObject({ code: 0 });
    await untilHeldBy(system, other);
    await system.genesys.changeStream({ rate: 0 });
    await system.drained();
    await expectExactlyOnce(system);
  });

  test('the one that is cut off from Redis stops, and comes back as the one that waits', async () => {
    await using system = await startPair(1);
    const cutOff = system.fetchers[0] as TrunklineProcess;
    // Past the proxy: only the first one's way to Redis is cut.
    const other = await (async () => {
      await system.untilIndexed(100);
      return system.addFetcher({ REDIS_URL: system.redisUrl });
    })();
    await other.untilReady();
    system.faults.redis.stall();
    await untilHeldBy(system, other);
    const polls = (await system.genesys.summary()).polls;
    await until('the other polls', async () => (await system.genesys.summary()).polls > polls + 3);
    await system.faults.redis.heal();
    await cutOff.untilReady();
    await system.genesys.changeStream({ rate: 0 });
    await system.drained();
    expect((await pairOf(system)).holder).toBe(other);
    await expectExactlyOnce(system);
  });

  test('the one that told of a full spool tells nothing of it when the other polls', async () => {
    await using system = await startPair(2, {
      QUEUE_HIGH_WATER: '3',
      QUEUE_LOW_WATER: '2',
      // Any disk is fuller than that.
      SPOOL_MAX_DISK_PERCENT: '1',
    });
    await system.untilIndexed(300);
    await system.faults.elasticsearch.refuse();
    const { holder, other } = await pairOf(system);
    await holder.untilProblem(/spool is full/);
    holder.pause();
    await untilHeldBy(system, other);
    await other.untilProblem(/spool is full/);
    holder.resume();
    await holder.log.waitFor('lease.lost');
    await holder.untilReady();
    await other.untilProblem(/spool is full/);
    await system.faults.elasticsearch.heal();
    await system.genesys.changeStream({ rate: 0 });
    await system.drained();
    await system.untilReady();
    await expectExactlyOnce(system);
  });
});
