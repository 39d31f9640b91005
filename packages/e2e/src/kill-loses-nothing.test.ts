import { type System, until } from '@trunkline/test-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { killFault } from './chaos/faults.ts';
import { SeededRandom } from './chaos/random.ts';
import { runRound } from './chaos/round.ts';
import { crashPoints } from './crash-points.ts';
import { expectExactlyOnce, startSystem } from './start-system.ts';

describe('kill -9', () => {
  let system: System;
  let deadLettered = 0;

  beforeAll(async () => {
    system = await startSystem({
      simulator: { backlog: 150 },
      // Found by the fetcher that takes over, not by a lucky moment of the one that runs.
      settings: { RECOVERY_AUDIT_SECONDS: '3600' },
    });
  });

  afterAll(async () => {
    await system?.[Symbol.asyncDispose]();
  });

  test.for(crashPoints)('of the $process $when loses nothing', async ({ process, reach, odd }, { task }) => {
    await system.drained();
    const victim = process === 'fetcher' ? system.fetchers[0] : system.indexers[0];
    if (victim === undefined) throw new Error(`${task.name}: no ${process} runs.`);
    const point = reach(system);
    if (odd) {
      await system.genesys.addOdd({ kind: 'wrong-shape' });
      deadLettered += 1;
    }
    await system.genesys.addEvents(250);
    await point.reached;
    await victim.kill();
    point.release();
    await system.faults.redis.heal();
    await system.faults.elasticsearch.heal();
    system.faults.elasticsearchHttp.heal();
    await victim.start();
    await system.drained();
    await expectExactlyOnce(system, { deadLettered });
  });
});

test.for([
  { name: 'the fetcher', victims: ['fetcher'], seed: 1 },
  { name: 'an indexer', victims: ['indexer'], seed: 2 },
  { name: 'both', victims: ['fetcher', 'indexer'], seed: 3 },
] as const)('kill -9 of $name again and again under load loses nothing', async ({ victims, seed }) => {
  await using system = await startSystem({ indexers: 2, simulator: { backlog: 1_000 } });
  const faults = victims.flatMap((kind) => [killFault(kind), killFault(kind)]);
  const outcome = await runRound(system, faults, new SeededRandom(seed));
  expect(outcome.struck).toHaveLength(faults.length);
  await expectExactlyOnce(system);
});

test('kill -9 of everything at once loses nothing', async () => {
  await using system = await startSystem({ indexers: 2, simulator: { backlog: 1_500 } });
  await until('the work has begun', async () => (await system.indexedCount()) > 0);
  await Promise.all(system.processes.map((process) => process.kill()));
  await Promise.all(system.processes.map((process) => process.start()));
  await system.drained();
  await expectExactlyOnce(system);
});
