import { FaultProxy, type System, until } from '@trunkline/test-kit';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ownRedis } from './own-parts.ts';
import { expectExactlyOnce, startSystem } from './start-system.ts';

/** Everything that was received waits on the queue: the sink is away. @returns how often the stream was rewound before */
async function withBatchesWaiting(system: System, events: number): Promise<number> {
  const before = rewinds(system);
  await system.faults.elasticsearch.refuse();
  await system.genesys.addEvents(events);
  await until('everything is received', async () => (await system.genesys.summary()).unserved === 0);
  await until('the batches wait', async () => {
    const { wait = 0 } = await system.jobCounts();
    return wait >= events / 100;
  });
  return before;
}

/** Keys of the payloads that jobs wait for; others may be left over from jobs that were taken away. */
async function payloadsOfWaiting(system: System): Promise<string[]> {
  const jobs = await system.queue().getJobs(['wait']);
  return jobs.map(({ data }) => (data as { payloadKey: string }).payloadKey);
}

function rewinds(system: System): number {
  return system.fetchers.flatMap(({ log }) => log.events('stream.rewound')).length;
}

/** The sink is there again: what was taken away is missed, fetched once more, and indexed. */
async function expectRewound(system: System, before: number): Promise<void> {
  await system.faults.elasticsearch.heal();
  await until('the stream is rewound', () => rewinds(system) > before, { told: () => system.told() });
  await system.drained();
  await expectExactlyOnce(system);
}

describe.concurrent('recovery', () => {
  test('FLUSHALL: the stream goes on from the checkpoint beside the data', async () => {
    await using redis = await ownRedis();
    await using system = await startSystem({
      redisUrl: redis.url,
      simulator: { backlog: 700 },
      // A lease that is lost on a busy machine would make the first page be asked for again.
      settings: { LEASE_TTL_SECONDS: '15', LEASE_RENEW_SECONDS: '1' },
    });
    await system.drained();
    const { state } = await system.snapshot();
    await until(
      'the checkpoint is mirrored',
      async () => (await system.checkpoint())?.cursor === state?.indexed.cursor,
    );
    await withBatchesWaiting(system, 500);
    const { pollsWithoutCursor } = await system.genesys.summary();
    await system.redis.flushall();
    // The cursor to start from stands in Elasticsearch.
    await system.faults.elasticsearch.heal();
    await system.fetchers[0]?.log.waitFor('stream.recovered');
    await system.drained();
    await expectExactlyOnce(system);
    expect(await system.fetchers[0]?.metric('trunkline_audit_recoveries_total')).toBe(1);
    // What was indexed before was not read again: the checkpoint was used.
    expect((await system.genesys.summary()).pollsWithoutCursor).toBe(pollsWithoutCursor);
  });

  test('FLUSHALL with the checkpoint lost too: the stream is read again from the beginning of the window', async () => {
    await using redis = await ownRedis();
    await using system = await startSystem({ redisUrl: redis.url, simulator: { backlog: 700 } });
    await system.drained();
    await system.removeCheckpoint();
    await system.redis.flushall();
    await system.genesys.addEvents(150);
    await system.drained();
    await expectExactlyOnce(system);
    expect((await system.genesys.summary()).pollsWithoutCursor).toBeGreaterThan(1);
  });

  test('a failover that loses the last writes is noticed, and what they were is done again', async () => {
    await using master = await ownRedis();
    await using replica = await ownRedis();
    await using line = await FaultProxy.start(master.url);
    await using system = await startSystem({
      redisUrl: master.url,
      indexers: 2,
      simulator: { backlog: 600, rate: 150 },
    });
    const promoted = new Redis(replica.url);
    try {
      await promoted.replicaof('127.0.0.1', String(line.port));
      await until('the replica follows', async () =>
        (await promoted.info('replication')).includes('master_link_status:up'),
      );
      await system.untilIndexed(300);
      // From here on the replica lags; a good second later the master dies, and it is promoted.
      line.stall();
      const { state } = await system.snapshot();
      await until(
        'the master is ahead',
        async () => ((await system.snapshot()).state?.received.seq ?? 0) > (state?.received.seq ?? 0) + 3,
      );
      await master.takeDown('SIGKILL');
      await promoted.replicaof('NO', 'ONE');
      system.inspectRedis(replica.url);
      system.faults.redis.retarget(replica.url);
      await system.genesys.changeStream({ rate: 0 });
      await system.drained();
      await expectExactlyOnce(system);
    } finally {
      promoted.disconnect();
    }
  });
});

describe('what is gone from Redis', () => {
  let system: System;

  beforeAll(async () => {
    system = await startSystem({ simulator: { backlog: 300 } });
    await system.drained();
  });

  afterAll(async () => {
    await system?.[Symbol.asyncDispose]();
  });

  test('a queue emptied by hand is fetched again', async () => {
    const before = await withBatchesWaiting(system, 600);
    await system.queue().obliterate({ force: true });
    await expectRewound(system, before);
  });

  test('one job removed by hand is fetched again', async () => {
    const before = await withBatchesWaiting(system, 600);
    const jobs = await system.queue().getJobs(['wait']);
    await jobs[2]?.remove();
    await expectRewound(system, before);
  });

  test('payloads that were deleted are fetched again', async () => {
    const before = await withBatchesWaiting(system, 600);
    const payloads = await payloadsOfWaiting(system);
    expect(payloads.length).toBeGreaterThan(4);
    expect(await system.redis.unlink(...payloads.slice(0, 3))).toBe(3);
    await expectRewound(system, before);
  });

  test('a payload that was altered is fetched again', async () => {
    const before = await withBatchesWaiting(system, 300);
    const [key] = await payloadsOfWaiting(system);
    if (key === undefined) throw new Error('No payload is there.');
    await system.redis.setrange(key, 60, 'altered by hand');
    await expectRewound(system, before);
  });

  test('a settle that was lost, its job completed, is found out', async () => {
    const before = await withBatchesWaiting(system, 400);
    const { state, inFlight, early } = system.streamKeys;
    const saved = await Promise.all([state, inFlight].map((key) => system.redis.dumpBuffer(key)));
    await system.faults.elasticsearch.heal();
    await until('all is settled', async () => (await system.snapshot()).inFlightCount === 0);
    // As a failover leaves it that lost the settles and nothing else.
    const transaction = system.redis.multi().del(early);
    for (const [place, key] of [state, inFlight].entries()) {
      const bytes = saved[place];
      if (bytes == null) throw new Error(`${key} was not there.`);
      transaction.restore(key, 0, bytes, 'REPLACE');
    }
    await transaction.exec();
    await expectRewound(system, before);
  });
});
