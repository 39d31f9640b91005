import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '@trunkline/test-kit';
import { expect, test } from 'vitest';
import { expectExactlyOnce, startSystem } from './start-system.ts';

test('with queue and spool full polls stop, it is said until when that is harmless, and nothing is lost', async () => {
  await using system = await startSystem({
    simulator: { backlog: 200 },
    settings: {
      QUEUE_HIGH_WATER: '3',
      QUEUE_LOW_WATER: '2',
      // Any disk is fuller than that.
      SPOOL_MAX_DISK_PERCENT: '1',
      GENESYS_RATE_PER_SECOND: '50',
    },
  });
  await system.drained();
  const [fetcher] = system.fetchers;
  if (fetcher === undefined) throw new Error('No fetcher runs.');
  await system.faults.elasticsearch.refuse();
  await system.genesys.addEvents(1_000);
  const told = await fetcher.log.waitFor('outlet.none');
  expect(told).toMatchObject({ level: 'error', replayWindowSeconds: expect.any(Number) });
  const problem = await fetcher.untilProblem(/spool is full/i);
  expect(problem).toMatch(/replay window closes in \d+ h \d+ min/);
  expect((await fetcher.get('livez')).status).toBe(200);

  const { polls, unserved } = await system.genesys.summary();
  expect(unserved).toBeGreaterThan(0);
  // Ten poll intervals: each round looks for room first, and finds none.
  await sleep(2_000);
  expect((await system.genesys.summary()).polls).toBe(polls);

  await system.faults.elasticsearch.heal();
  await until('it says no more that the spool is full', async () =>
    (await fetcher.problems()).every((text) => !/spool/i.test(text)),
  );
  await system.drained();
  await system.untilReady();
  await expectExactlyOnce(system);
  expect(await system.burnedAttempts()).toEqual([]);
});
