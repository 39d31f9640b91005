import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { until } from '@trunkline/test-kit';
import { expect, test } from 'vitest';
import { Overview } from './overview.ts';
import { smallDisk } from './small-disk.ts';
import { expectExactlyOnce, startSystem } from './start-system.ts';

/** Two bounds of a spool. */
const bounds: { bound: string; settings: Record<string, string> }[] = [
  // Any disk is fuller than that.
  { bound: 'its share of the disk', settings: { SPOOL_MAX_DISK_PERCENT: '1' } },
  { bound: 'its size', settings: { SPOOL_MAX_BYTES: '1048576', SPOOL_MAX_DISK_PERCENT: '100' } },
];

test.concurrent.for(bounds)(
  'with queue and spool full ($bound) polls stop, it is said until when that is harmless, and nothing is lost',
  async ({ settings }) => {
    await using system = await startSystem({
      simulator: { backlog: 200 },
      settings: {
        QUEUE_HIGH_WATER: '3',
        QUEUE_LOW_WATER: '2',
        GENESYS_RATE_PER_SECOND: '0',
        ...settings,
      },
    });
    const overview = await Overview.open(system);
    await system.drained();
    const [fetcher] = system.fetchers;
    if (fetcher === undefined) throw new Error('No fetcher runs.');
    await system.faults.elasticsearch.refuse();
    await system.genesys.addEvents(400);
    // More than a MiB, even compressed.
    await system.genesys.addOdd(...Array(8).fill({ kind: 'huge', bytes: 400_000 }));
    await system.genesys.addEvents(600);
    const told = await fetcher.log.waitFor('outlet.none');
    expect(told).toMatchObject({ level: 'error', replayWindowSeconds: expect.any(Number) });
    const problem = await fetcher.untilProblem(/spool is full/i);
    expect(problem).toMatch(/replay window closes in \d+ h \d+ min/);
    expect((await fetcher.get('livez')).status).toBe(200);
    expect((await fetcher.get('readyz')).status).toBe(503);
    await overview.untilItSays(/^fetcher: .*spool is full.*replay window closes in \d+ h \d+ min/);

    // Three of its heartbeats lie a second apart, and it looks for room five times a second.
    const { unserved } = await system.genesys.summary();
    expect(unserved).toBeGreaterThan(0);
    const polledAt = new Set<unknown>();
    const beats = new Set<string>();
    await until('three heartbeats tell of a full spool', async () => {
      const beat = (await system.heartbeats()).find(({ service }) => service === 'fetcher');
      const stream = beat?.streams?.['default'];
      if (beat === undefined || stream?.['outlet'] !== 'none') return false;
      beats.add(beat.beatAt);
      polledAt.add(stream['lastPollAt']);
      return beats.size === 3;
    });
    expect(polledAt.size).toBe(1);
    expect((await system.genesys.summary()).unserved).toBe(unserved);

    await system.faults.elasticsearch.heal();
    await until('it says no more that the spool is full', async () =>
      (await fetcher.problems()).every((text) => !/spool/i.test(text)),
    );
    await system.drained();
    await system.untilReady();
    await overview.untilWell('fetcher');
    await expectExactlyOnce(system);
    expect(await system.burnedAttempts()).toEqual([]);
  },
);

test.concurrent('with no room left on the disk of the spool polls stop, it is told, and nothing is lost', async () => {
  await using disk = await smallDisk();
  await using system = await startSystem({
    fetchers: 0,
    simulator: { backlog: 200 },
    settings: { QUEUE_HIGH_WATER: '3', QUEUE_LOW_WATER: '2', GENESYS_RATE_PER_SECOND: '0' },
  });
  const overview = await Overview.open(system);
  const fetcher = await system.addFetcher(
    { ...disk.settings, SPOOL_DIR: disk.folder, SPOOL_MAX_DISK_PERCENT: '100' },
    disk.preload,
  );
  await system.drained();
  await system.faults.elasticsearch.refuse();
  await disk.fill();
  await system.genesys.addEvents(1_000);
  await fetcher.untilProblem(/disk of the spool is full/);
  expect((await fetcher.get('livez')).status).toBe(200);
  expect((await fetcher.get('readyz')).status).toBe(503);
  await overview.untilItSays(/^fetcher: .*disk of the spool is full/);
  // What was begun is taken away again.
  const spool = path.join(disk.folder, system.names.id, 'default');
  await until('nothing stands in the spool', async () => (await readdir(spool)).length === 0);

  await disk.free();
  await fetcher.log.waitFor('outlet.spool');
  await until('everything is received', async () => (await system.genesys.summary()).unserved === 0);
  await system.faults.elasticsearch.heal();
  await system.drained();
  await system.untilReady();
  await overview.untilWell('fetcher');
  await expectExactlyOnce(system);
  expect(await system.burnedAttempts()).toEqual([]);
});
