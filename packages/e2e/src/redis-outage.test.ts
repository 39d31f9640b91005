import { randomBytes } from 'node:crypto';
import { hashPassword } from '@trunkline/dashboard';
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
      await overview.untilItSays(/^Redis has not answered since .* UTC/);
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

  test('that does not answer lets no page of the dashboard hang, logged in or not', async () => {
    await using system = await startSystem({ fetchers: 0, indexers: 0 });
    const password = randomBytes(12).toString('base64url');
    const dashboard = await system.addDashboard({
      DASHBOARD_PORT: '0',
      DASHBOARD_USERS: `ana:operator:${await hashPassword(password)}`,
    });
    const url = String((await dashboard.log.waitFor('dashboard.listening'))['url']);
    const ask = async (path: string, more: RequestInit = {}): Promise<Response> => {
      const headers = { origin: url, accept: 'text/html', ...more.headers };
      return fetch(url + path, { redirect: 'manual', signal: AbortSignal.timeout(20_000), ...more, headers });
    };
    const logIn = (): Promise<Response> =>
      ask('/login', { method: 'POST', body: new URLSearchParams({ name: 'ana', password }) });
    const cookie = (await logIn()).headers.get('set-cookie')?.split(';')[0] ?? '';
    expect((await ask('/', { headers: { cookie } })).status).toBe(200);
    const pages = ['/', '/dead-letters/archive', '/queues', '/queues/api/queues', '/access-log', '/events'];
    const everything = (): Promise<Response[]> =>
      Promise.all([...pages.map((path) => ask(path, { headers: { cookie } })), logIn()]);

    system.faults.redis.stall();
    // Before it is known, and when it is.
    for (const answers of [await everything(), await everything()]) {
      for (const answer of answers) {
        expect(answer.status).toBe(503);
        expect(await answer.text()).toMatch(/Redis has not answered since [^<]* UTC/);
      }
    }
    await system.faults.redis.heal();
    await until('pages are there again', async () => (await ask('/', { headers: { cookie } })).ok);
    expect((await logIn()).status).toBe(303);
    expect([...dashboard.log.lines()].filter(({ event }) => event === 'dashboard.request-failed')).toEqual(
      [],
    );
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
    // Every process tries again and again meanwhile; a second lies between two heartbeats.
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
