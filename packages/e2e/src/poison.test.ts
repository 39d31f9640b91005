import { preloaded, type TrunklineProcess } from '@trunkline/test-kit';
import { expect, test } from 'vitest';
import { expectExactlyOnce, startSystem } from './start-system.ts';

/** Starts processes again as often as they end, as an orchestrator does; until it is disposed of. */
function keepAlive(processes: readonly TrunklineProcess[]): { deaths: number } & AsyncDisposable {
  let over = false;
  const keeper = {
    deaths: 0,
    [Symbol.asyncDispose]: async () => {
      over = true;
      await Promise.all(processes.map((process) => process.kill()));
      await Promise.all(watched);
    },
  };
  const watched = processes.map(async (process) => {
    for (;;) {
      await process.exited;
      if (over) return;
      keeper.deaths += 1;
      await process.start();
    }
  });
  return keeper;
}

test('an event that kills every indexer becomes a dead letter, and all others are indexed', async () => {
  await using system = await startSystem({ indexers: 0, simulator: { backlog: 200 } });
  const indexers = await Promise.all(
    Array.from({ length: 2 }, () => system.addIndexer({}, preloaded('poison'))),
  );
  await using keeper = keepAlive(indexers);
  await system.drained();
  await system.genesys.changeStream({ addEvents: 5, odd: ['poison'] });
  await system.genesys.addEvents(400);
  await system.drained({ withinMs: 400_000 });
  expect(keeper.deaths).toBeGreaterThan(4);
  expect((await system.deadLetters()).map(({ code }) => code)).toEqual(['AUDIT_EVENT_KILLS_WORKER']);
  await system.untilReady();
  await expectExactlyOnce(system, { deadLettered: 1 });
});
