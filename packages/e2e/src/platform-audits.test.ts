import type { System } from '@trunkline/test-kit';
import { until } from '@trunkline/test-kit';
import { describe, expect, test } from 'vitest';
import { killFault } from './chaos/faults.ts';
import { SeededRandom } from './chaos/random.ts';
import { runRound } from './chaos/round.ts';
import { expectExactlyOnce, startSystem } from './start-system.ts';

/** Lets the simulator's clock jump step by step, so that sweeps and histories find the time between to be read. */
async function passHours(system: System, hours: number, steps: number): Promise<void> {
  for (let step = 0; step < steps; step++) {
    await system.genesys.changeClock({ shiftSeconds: (hours * 3_600) / steps });
    const { polls } = await system.genesys.summary();
    await until(
      'the time that passed is read',
      async () => (await system.genesys.summary()).polls > polls + 2,
    );
  }
}

describe.concurrent('under the platform contract', () => {
  test('kill -9 of fetchers and indexers under load, with rows that appear late, loses nothing', async () => {
    await using system = await startSystem({
      contract: 'platform',
      fetchers: 2,
      indexers: 2,
      // A minute takes three seconds: late rows, sweeps and histories all have their turns.
      simulator: { backlog: 800, clockSpeed: 20, audits: { lateShare: 0.1, lateSeconds: 50 } },
    });
    const faults = (['fetcher', 'indexer'] as const).flatMap((kind) => [killFault(kind), killFault(kind)]);
    const { struck } = await runRound(system, faults, new SeededRandom(1), { rate: 10 });
    expect(struck).toHaveLength(faults.length);
    await expectExactlyOnce(system);
    expect(await system.burnedAttempts()).toEqual([]);
    const shapes = new Set<string>();
    for await (const event of system.genesys.events()) for (const shape of event.shapes) shapes.add(shape);
    // What realtime does not cover came by the history.
    expect(shapes.has('realtime')).toBe(true);
    expect(shapes.has('history') || shapes.has('download')).toBe(true);
  });

  test('rows that appear up to 40 minutes after their time are indexed, each once', async () => {
    await using system = await startSystem({
      contract: 'platform',
      simulator: { backlog: 0, audits: { lateShare: 0.5, lateSeconds: 2_400 } },
      settings: { AUDIT_OVERLAP_MINUTES: '45' },
    });
    await system.untilReady();
    await system.genesys.addEvents(400);
    await until('those at their time are indexed', async () => (await system.indexedCount()) > 100);
    expect((await system.genesys.summary()).unserved).toBeGreaterThan(100);
    await passHours(system, 1, 6);
    await passHours(system, 1, 1);
    await system.drained();
    await expectExactlyOnce(system);
  });

  test('an outage of 20 days is caught up by itself, through the history and then in realtime', async () => {
    await using system = await startSystem({
      contract: 'platform',
      simulator: { backlog: 300, clockSpeed: 20 },
    });
    await system.drained();
    const [fetcher] = system.fetchers;
    await fetcher?.kill();
    for (let days = 0; days < 20; days += 4) {
      await system.genesys.addEvents(150);
      await system.genesys.changeClock({ shiftSeconds: 4 * 86_400 });
    }
    await system.genesys.addEvents(150);
    await fetcher?.start();
    await fetcher?.log.waitFor('stream.switched-to-history');
    await system.drained();
    await expectExactlyOnce(system);
    // Of the very first start alone.
    expect((await system.gapRecords()).map(({ reason }) => reason)).toEqual(['no-cursor']);
    // Later events come as ever.
    await system.genesys.addEvents(100);
    await system.drained();
    await expectExactlyOnce(system);
  });

  test('after an outage of 500 days all that Genesys keeps is read, and the rest is on record', async () => {
    await using system = await startSystem({
      contract: 'platform',
      simulator: { backlog: 100, clockSpeed: 20 },
    });
    await system.drained();
    const [fetcher] = system.fetchers;
    await fetcher?.kill();
    // The tail has the history to itself: Genesys takes one query at a time.
    await system.genesys.changeAudits({ historyOnly: [] });
    for (let days = 0; days < 500; days += 100) {
      await system.genesys.changeClock({ shiftSeconds: 100 * 86_400 });
      await system.genesys.addEvents(40);
    }
    const { clock } = await system.genesys.state();
    await fetcher?.start();
    await fetcher?.log.waitFor('gap.recorded', ({ reason }) => reason === 'cursor-expired');
    await until('all that is kept is indexed', async () => {
      return (await system.oracle({ gapsAccount: true })).missing.length === 0;
    });
    expect(await system.oracle({ gapsAccount: true })).toMatchObject({ twice: [], altered: [], inGaps: 40 });
    const gap = (await system.gapRecords()).find(({ reason }) => reason === 'cursor-expired');
    const keptFrom = Date.parse(clock.now) - 365 * 86_400_000;
    expect(Math.abs(Date.parse(gap?.to ?? '') - keptFrom)).toBeLessThan(86_400_000);
  });
});
