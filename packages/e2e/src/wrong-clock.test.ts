import { preloaded } from '@trunkline/test-kit';
import { expect, test } from 'vitest';
import { Overview } from './overview.ts';
import { expectExactlyOnce, startSystem } from './start-system.ts';

const ahead = { TEST_CLOCK_SHIFT_SECONDS: '600' };
const behind = { TEST_CLOCK_SHIFT_SECONDS: '-600' };
const minutes = 60_000;

test('hosts whose clocks are ten minutes off lose nothing, and are seen alive and where they are', async () => {
  await using system = await startSystem({ fetchers: 0, indexers: 0, simulator: { backlog: 500 } });
  const overview = await Overview.open(system);
  const first = await system.addFetcher(ahead, 'shifted-clock');
  for (const clock of [ahead, behind]) await system.addIndexer(clock, preloaded('shifted-clock'));
  await system.drained();
  await system.untilReady();
  // The clock is off in truth.
  const { time } = await first.log.waitFor('lease.taken');
  expect(Date.parse(String(time)) - Date.now()).toBeGreaterThan(5 * minutes);

  // Another takes over whose clock is off the other way, over an outage of the sink.
  await system.faults.elasticsearch.refuse();
  await system.genesys.addEvents(300);
  await first.kill();
  const second = await system.addFetcher(behind, 'shifted-clock');
  await second.log.waitFor('lease.taken');
  await system.genesys.addEvents(300);
  await system.faults.elasticsearch.heal();
  await system.drained();
  await system.untilReady();
  await overview.untilWell('indexer');
  await overview.untilWell('fetcher');
  await overview.untilItSays(/^3 alive|^4 alive/);
  const beats = await system.heartbeats();
  for (const indexer of system.indexers) expect(beats.map(({ pid }) => pid)).toContain(indexer.pid);
  const facts = beats.find(({ pid }) => pid === second.pid)?.streams?.['default'];
  // Genesys' clock is the one that counts.
  expect(Math.abs(Number(facts?.['genesysClockOffsetMs']) - 10 * minutes)).toBeLessThan(5 * minutes);
  expect(Number(facts?.['lagSeconds'])).toBeLessThan(300);
  for (const { to, at } of await system.gapRecords()) {
    expect(Math.abs(Date.parse(at) - Date.now())).toBeLessThan(9 * minutes);
    expect(Date.parse(at) - Date.parse(to ?? '')).toBe(24 * 60 * minutes);
  }
  await expectExactlyOnce(system);
  expect(await system.burnedAttempts()).toEqual([]);
});
