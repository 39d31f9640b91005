import { setTimeout as sleep } from 'node:timers/promises';
import { type System, until } from '@trunkline/test-kit';
import { describe, expect, test } from 'vitest';
import { ownRedis } from './own-parts.ts';
import { expectExactlyOnce, startSystem } from './start-system.ts';

/** The processes as they were started: none has ended and been replaced. */
function starts(system: System): number[] {
  return system.processes.map(({ pid }) => pid);
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
      await redis.takeDown(signal);
      await Promise.all(
        system.processes.map(async (process) => {
          await process.untilProblem(/redis/i);
          // Alive: a restart of the process would not help.
          expect((await process.get('livez')).status).toBe(200);
        }),
      );
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

  test('that is full pauses the polls, is drained by the workers, and fills no log', async () => {
    await using redis = await ownRedis('--maxmemory', '12mb');
    await using system = await startSystem({ redisUrl: redis.url, simulator: { backlog: 300 } });
    await system.drained();
    const pids = starts(system);
    const [fetcher] = system.fetchers;
    // Something else takes the room.
    const filler = 'x'.repeat(64 * 1024);
    for (let n = 0; ; n++) {
      const refused = await system.redis.set(`filler:${n}`, filler).then(
        () => false,
        () => true,
      );
      if (refused) break;
    }
    await system.genesys.addEvents(1_000);
    await fetcher?.untilProblem(/redis|memory|full/i);
    const warnings = (): number =>
      system.processes
        .flatMap(({ log }) => log.lines())
        .filter(({ level }) => level === 'warn' || level === 'error').length;
    const before = warnings();
    // It goes on for a while, in which every process tries again and again.
    await sleep(4_000);
    expect(warnings() - before).toBeLessThan(20);
    const fillers = await system.redis.keys('filler:*');
    await system.redis.unlink(...fillers);
    await goesOn(system, pids);
  });
});
