import { isBulk, until } from '@trunkline/test-kit';
import { describe, expect, test } from 'vitest';
import { expectExactlyOnce, startSystem } from './start-system.ts';

describe.concurrent('SIGTERM', () => {
  test('under load ends every process with exit code 0, and its work goes on where it stopped', async () => {
    await using system = await startSystem({
      indexers: 2,
      simulator: { backlog: 1_500 },
      // Only a job that was not given back would be found by its lock running out.
      settings: { WORKER_LOCK_SECONDS: '30', WORKER_STALLED_INTERVAL_SECONDS: '15' },
    });
    await system.untilIndexed(300);
    const exits = await Promise.all(system.processes.map((process) => process.terminate()));
    expect(exits).toEqual(system.processes.map(() => ({ code: 0, signal: null })));
    // Nobody holds a job or the lease: the next ones need not wait for anything to run out.
    expect((await system.jobCounts())['active']).toBe(0);
    expect((await system.snapshot()).leaseHolder).toBeNull();
    await Promise.all(system.processes.map((process) => process.start()));
    await system.drained();
    await expectExactlyOnce(system);
    expect(system.indexers.flatMap(({ log }) => log.events('job.stalled'))).toEqual([]);
  });

  test('gives a job back whose bulk takes longer than the deadline allows', async () => {
    await using system = await startSystem({
      simulator: { backlog: 100 },
      settings: { SHUTDOWN_DEADLINE_SECONDS: '15', ELASTICSEARCH_TIMEOUT_SECONDS: '600' },
    });
    await system.drained();
    const [indexer] = system.indexers;
    const lost = system.faults.elasticsearchHttp.intercept(isBulk, { kind: 'lose-reply' });
    await system.genesys.addEvents(100);
    await until('the bulk is under way', () => lost.struck > 0);
    expect(await indexer?.terminate()).toEqual({ code: 0, signal: null });
    expect(await system.jobCounts()).toMatchObject({ wait: 1, active: 0, failed: 0 });
    expect(await system.burnedAttempts()).toEqual([]);
    system.faults.elasticsearchHttp.heal();
    await indexer?.start();
    await system.drained();
    await expectExactlyOnce(system);
  });

  test('is obeyed with Redis and Elasticsearch away', async () => {
    await using system = await startSystem({
      simulator: { backlog: 300 },
      settings: { SHUTDOWN_DEADLINE_SECONDS: '4' },
    });
    await system.drained();
    await Promise.all([system.faults.redis.refuse(), system.faults.elasticsearch.refuse()]);
    await Promise.all(system.processes.map((process) => process.untilProblem(/redis/i)));
    const exits = await Promise.all(system.processes.map((process) => process.terminate()));
    // With Redis away nothing can be given back: the deadline ends what waits for it.
    for (const exit of exits) expect(exit.signal).toBeNull();
    await Promise.all([system.faults.redis.heal(), system.faults.elasticsearch.heal()]);
    await system.genesys.addEvents(200);
    await Promise.all(system.processes.map((process) => process.start()));
    await system.drained();
    await expectExactlyOnce(system);
  });
});
