import { until } from '@trunkline/test-kit';
import { expect, test } from 'vitest';
import { expectExactlyOnce, startSystem } from './start-system.ts';

test.concurrent('every event of a backlog and of a running stream stands in Elasticsearch once, as it was served', async () => {
  await using system = await startSystem({
    indexers: 2,
    simulator: { backlog: 2_000, rate: 200 },
  });
  await system.untilIndexed(2_500);
  await system.genesys.changeStream({ rate: 0 });
  await system.drained();
  await expectExactlyOnce(system);
  expect(await system.burnedAttempts()).toEqual([]);
  expect((await system.jobCounts())['wait']).toBe(0);
  // A payload goes with its batch.
  const left = await system.redis.keys(`${system.pipelinePrefix}:payload:*`);
  expect(left).toEqual([]);
  await until('the checkpoint reaches the watermark', async () => {
    const { state } = await system.snapshot();
    return (await system.checkpoint())?.cursor === state?.indexed.cursor;
  });
});

test.concurrent.for(['null-repeat', 'null-once'] as const)(
  'a stream whose end is told with null (%s) is read to the end, again and again',
  async (tail) => {
    await using system = await startSystem({ simulator: { backlog: 450, tail } });
    await system.drained();
    for (let more = 0; more < 3; more++) {
      await system.genesys.addEvents(130);
      await system.drained();
    }
    await expectExactlyOnce(system);
  },
);

test.concurrent('three indexers share the work, and none does it twice', async () => {
  await using system = await startSystem({
    indexers: 3,
    simulator: { backlog: 3_000 },
    // A reply that is given up, or a lock that runs out, makes honest duplicates: no matter how slow this machine is.
    settings: {
      ELASTICSEARCH_TIMEOUT_SECONDS: '120',
      WORKER_LOCK_SECONDS: '120',
      WORKER_STALLED_INTERVAL_SECONDS: '60',
    },
  });
  await system.drained();
  await expectExactlyOnce(system);
  const created = await Promise.all(
    system.indexers.map((indexer) =>
      indexer.metric('trunkline_audit_events_indexed_total', { outcome: 'created' }),
    ),
  );
  expect(created.reduce<number>((sum, count) => sum + (count ?? 0), 0)).toBe((await system.oracle()).indexed);
});
