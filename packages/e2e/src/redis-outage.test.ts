import { type LogLine, type System, until } from '@trunkline/test-kit';
import { describe, expect, test } from 'vitest';
import { Overview } from './overview.ts';
import { ownRedis } from './own-parts.ts';
import { expectExactlyOnce, startSystem } from './start-system.ts';

/** The processes as they were started: none has ended and been replaced. */
function starts(system: System): number[] {
  return [...system.fetchers, ...system.indexers].map(({ pid }) => pid);
}

async function goesOn(system: System, pids: number[]): Promise<void> {
  await system.untilReady();
  await system.genesys.addEvents(300);
  await system.drained();
  expect(starts(system)).toEqual(pids);
  expect(system.processes.every(({ running }) => running)).toBe(true);
  await expectExactlyOnce(system);
}

describe.concurrent('Redis', () => {
  test.for(['SIGTERM', 'SIGKILL'] as const)(
    'restarted under load by %s: every process goes on by itself, and nothing is lost',
    async (signal) => {
      await using redis = await ownRedis();
      await using system = await startSystem({
        redisUrl: redis.url,
        indexers: 2,
        simulator: { backlog: 1_500 },
      });
      await system.untilIndexed(300);
      const pids = starts(system);
      const overview = await Overview.open(system);
      await redis.takeDown(signal);
      await Promise.all(
        system.processes.map(async (process) => {
          if (process.kind === 'dashboard') return;
          await process.untilProblem(/redis/i);
          // Alive: a restart of the process would not help.
          expect((await process.get('livez')).status).toBe(200);
        }),
      );
      await overview.untilItSays(/^Redis cannot be reached/);
      await redis.bringUp();
      await goesOn(system, pids);
      expect(await system.burnedAttempts()).toEqual([]);
    },
  );

  test('that does not answer, with its connections open, holds everything up and loses nothing', async () => {
    await using redis = await ownRedis();
    await using system = await startSystem({ redisUrl: redis.url, simulator: { backlog: 1_000 } });
    await system.untilIndexed(200);
    const pids = starts(system);
    await redis.pause();
    const { polls } = await system.genesys.summary();
    await until('the outage has outlived locks and lease', async () => {
      const { requestsPerSecond } = await system.genesys.summary();
      const last = requestsPerSecond.at(-1)?.second ?? 0;
      return Date.now() / 1_000 - last > 4;
    });
    expect((await system.genesys.summary()).polls).toBeLessThan(polls + 5);
    await redis.resume();
    await goesOn(system, pids);
  });

  test('that is full pauses the polls, is told, fills no log, and is drained when it has room again', async () => {
    await using redis = await ownRedis();
    await using system = await startSystem({ redisUrl: redis.url, simulator: { backlog: 300 } });
    const overview = await Overview.open(system);
    await system.drained();
    const pids = starts(system);
    const [fetcher] = system.fetchers;
    const lines = (): LogLine[] => system.processes.flatMap(({ log }) => [...log.lines()]);
    const before = lines().length;
    // Less than what it holds: it takes nothing, however much its clients give back.
    await system.redis.config('SET', 'maxmemory', '1');
    await system.genesys.addEvents(1_000);
    expect(await fetcher?.untilProblem(/redis is full/i)).toMatch(/memory/);
    expect((await fetcher?.get('livez'))?.status).toBe(200);
    await overview.untilItSays(/^fetcher: .*Redis is full/);
    // Every process tries again and again meanwhile; two seconds lie between two heartbeats.
    const beats = new Set<string>();
    await until('five heartbeats tell of it', async () => {
      for (const { service, problems, beatAt } of await system.heartbeats()) {
        if (service === 'fetcher' && problems.some((text) => /redis is full/i.test(text))) beats.add(beatAt);
      }
      return beats.size === 5;
    });
    const warnings = lines()
      .slice(before)
      .filter(({ level }) => level === 'warn' || level === 'error');
    expect(warnings.length).toBeLessThan(40);
    await system.redis.config('SET', 'maxmemory', '0');
    await goesOn(system, pids);
    await overview.untilWell('fetcher');
  });
});
