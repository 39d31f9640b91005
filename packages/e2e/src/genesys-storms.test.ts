import type { FaultInput } from '@trunkline/simulator';
import { keysOf, type System, type TrunklineProcess, until } from '@trunkline/test-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Overview } from './overview.ts';
import { expectExactlyOnce, startSystem } from './start-system.ts';

function startSteady(settings: Record<string, string> = {}): Promise<System> {
  return startSystem({
    simulator: { backlog: 200 },
    settings: { GENESYS_RATE_PER_SECOND: '50', GENESYS_PROBE_SECONDS: '0.3', ...settings },
  });
}

/** A fault strikes as often as it is planned to while new events wait. */
async function storm(system: System, fault: FaultInput): Promise<void> {
  await system.drained();
  const [id = 0] = await system.genesys.addFaults(fault);
  await system.genesys.addEvents(400);
  await until(`${JSON.stringify(fault)} is over`, async () => {
    const planned = (await system.genesys.faults()).find((one) => one.id === id);
    return planned !== undefined && planned.struck === planned.fault.times;
  });
  await system.genesys.clearFaults(id);
}

async function expectCalmAndWhole(system: System): Promise<void> {
  await system.drained();
  await system.untilReady();
  await expectExactlyOnce(system);
  expect(await system.burnedAttempts()).toEqual([]);
}

function fetcherOf(system: System): TrunklineProcess {
  const [fetcher] = system.fetchers;
  if (fetcher === undefined) throw new Error('No fetcher runs.');
  return fetcher;
}

describe('Genesys, again and again:', () => {
  let system: System;

  beforeAll(async () => {
    system = await startSteady();
  });

  afterAll(async () => {
    await system?.[Symbol.asyncDispose]();
  });

  test('401 to every token is told as rejected credentials, and tried again by itself', async () => {
    await storm(system, { kind: 'unauthorized', times: 6 });
    await fetcherOf(system).log.waitFor(
      'poll.failed',
      ({ errorCode }) => errorCode === 'GENESYS_CREDENTIALS_REJECTED',
    );
    await expectCalmAndWhole(system);
  });

  test('a web page with status 200 is no page of events, and the cursor stays good', async () => {
    await storm(system, { kind: 'html-200', times: 10 });
    await expectCalmAndWhole(system);
    // Of the beginning alone; another fetcher's turn may have written it once more.
    expect(new Set((await system.gapRecords()).map(({ reason }) => reason))).toEqual(new Set(['no-cursor']));
  });

  test('the same cursor moves nothing on, and is not asked for without a pause', async () => {
    await storm(system, { kind: 'repeated-cursor', times: 20 });
    const struckAt = (await system.genesys.requests())
      .filter(({ faults }) => faults.includes('repeated-cursor'))
      .map(({ at }) => at);
    expect(struckAt).toHaveLength(20);
    // The poll interval lies between them (0.2 s): what they took together is more on a slow machine, never less.
    expect((struckAt.at(-1) ?? 0) - (struckAt[0] ?? 0)).toBeGreaterThan(10 * 200);
    await expectCalmAndWhole(system);
  });

  test('a cursor that expired while no fetcher ran leaves a gap record, and the window is read again', async () => {
    await system.drained();
    const { state } = await system.snapshot();
    const fetcher = fetcherOf(system);
    await fetcher.kill();
    await system.genesys.expireCursors();
    await system.genesys.addEvents(400);
    await fetcher.start();
    await fetcher.log.waitFor('gap.recorded', ({ reason }) => reason === 'cursor-expired');
    await expectCalmAndWhole(system);
    expect(state?.received.cursor).not.toBeNull();
    expect(new Set((await system.gapRecords()).map(({ reason }) => reason))).toEqual(
      new Set(['no-cursor', 'cursor-expired']),
    );
  });
});

describe.concurrent('Genesys, at its worst:', () => {
  test('an hour of 429 parks the polls, is told with its end, and burns nothing', async () => {
    await using system = await startSteady();
    const overview = await Overview.open(system);
    await system.drained();
    await system.faults.elasticsearch.refuse();
    await system.genesys.addEvents(300);
    await until('the batches wait', async () => ((await system.jobCounts())['wait'] ?? 0) >= 3);
    await system.genesys.addFaults({ kind: 'rate-limit', times: 1, retryAfterSeconds: 3_600 });
    await system.genesys.addEvents(300);
    const fetcher = fetcherOf(system);
    const told = await fetcher.untilProblem(/429.*next attempt is made at/);
    const endsAt = Date.parse(/made at (\S+Z)/.exec(told)?.[1] ?? '');
    expect(endsAt - Date.now()).toBeGreaterThan(3_000_000);
    expect((await fetcher.get('livez')).status).toBe(200);
    expect((await fetcher.get('readyz')).status).toBe(503);
    await overview.untilItSays(/^fetcher: .*429.*next attempt is made at/);
    const { polls } = await system.genesys.summary();
    // Another start of the fetcher keeps to the pause as well: it is the OAuth client's.
    await fetcher.restart();
    await fetcher.untilProblem(/told this OAuth client to pause.*next attempt is made at/);
    // What is queued is indexed meanwhile.
    await system.faults.elasticsearch.heal();
    await until('the queue is empty', async () => (await system.snapshot()).inFlightCount === 0);
    expect((await system.genesys.summary()).polls).toBe(polls);
    // The hour is over: Redis keeps its time. It is looked at every minute.
    const [pause = ''] = await keysOf(system.redis, `{${system.names.id}*:genesys:pause:*`);
    expect(await system.redis.pttl(pause)).toBeGreaterThan(3_000_000);
    await system.redis.pexpire(pause, 1);
    await expectCalmAndWhole(system);
    await overview.untilWell('fetcher');
  });

  test('a page of 50 MB is read whole', async () => {
    // As in production: how long it takes is the machine's affair.
    await using system = await startSteady({ GENESYS_TIMEOUT_SECONDS: '120' });
    await storm(system, { kind: 'huge-page', times: 1, bytes: 50_000_000 });
    await expectCalmAndWhole(system);
    // It was not given up and asked for again in small pieces.
    expect(fetcherOf(system).log.events('genesys.wait')).toEqual([]);
    expect(fetcherOf(system).log.events('poll.failed')).toEqual([]);
  });
});
