import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Simulator, SimulatorControl, startSimulator } from '@trunkline/simulator';
import { type Contract, calmPlatform, keysOf, readSink, type System, until } from '@trunkline/test-kit';
import { expect, test } from 'vitest';
import { startSystem } from './start-system.ts';

/** One of the organisations of a deployment, with a Genesys of its own. */
interface Organisation {
  id: string;
  contract: Contract;
  clientId: string;
  simulator: Simulator;
  control: SimulatorControl;
}

function organisation(id: string, contract: Contract, clientId: string, simulator: Simulator): Organisation {
  return { id, contract, clientId, simulator, control: new SimulatorControl(simulator.url) };
}

/** Writes the file that lists organisations; the settings that take the place of a single one's. */
async function listed(system: System, all: readonly Organisation[]): Promise<Record<string, string>> {
  const file = path.join(system.folder, 'organisations.json');
  const organisations = all.map(({ id, contract, clientId, simulator: { url } }) => ({
    id,
    contract,
    apiBase: url,
    ...(contract === 'platform' ? { loginBase: url } : {}),
    clientId,
    clientSecret: { env: 'SECRET_OF_ALL' },
  }));
  await writeFile(file, JSON.stringify({ organisations }));
  return {
    ORGANISATIONS_FILE: file,
    SECRET_OF_ALL: system.names.clientSecret,
    GENESYS_API_BASE: '',
    GENESYS_LOGIN_BASE: '',
    GENESYS_CLIENT_ID: '',
    GENESYS_CLIENT_SECRET: '',
  };
}

/** Ids in an organisation's indices; `*`: of all. */
async function idsIn(system: System, id: string): Promise<string[]> {
  const found = await readSink(system.elasticsearchUrl, `${system.names.indexPrefix}${id}-*`, (text) => text);
  return found.map((document) => document.id).sort();
}

/** Of the events that the usual filter lets through. */
async function idsOf({ control }: Organisation): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id, filtered } of control.events()) if (!filtered) ids.push(id ?? '');
  return ids.sort();
}

/** Simulated seconds a second where the platform contract is spoken: an hour takes 24 s. */
const speed = 150;

/**
 * How far behind a stream that nobody holds up may be, in seconds of its Genesys' clock: its head moves on by a minute at least while
 * nothing comes, and a page takes a poll's wait and its way through queue and cluster, on a machine that is busy with other tests.
 */
const flatSeconds = 60 + 8 * speed;

test('of several organisations one has to wait for an hour, and the others have their events meanwhile', async () => {
  // Of two contracts; rows of the platform appear up to 50 s late, which is within the overlap of a test.
  const platform = { ...calmPlatform, clockSpeed: speed, audits: { lateShare: 0.1, lateSeconds: 50 } };
  await using system = await startSystem({
    contract: 'platform',
    fetchers: 0,
    indexers: 0,
    simulator: platform,
  });
  const { id, clientId, clientSecret } = system.names;
  const begin = (of: string, options: typeof platform | object) =>
    startSimulator({ seed: of, clientId: of, clientSecret, rate: 0, backlog: 0, ...options });
  await using second = await begin(`${id}-two`, platform);
  await using third = await begin(`${id}-three`, {});
  const one = organisation('one', 'platform', clientId, system.simulator);
  const two = organisation('two', 'platform', `${id}-two`, second);
  const others = [two, organisation('three', 'guide', `${id}-three`, third)];
  const all = [one, ...others];
  const settings = await listed(system, all);
  const [fetcher] = await Promise.all([system.addFetcher(settings), system.addIndexer(settings)]);
  const lagOf = async (stream: string) => fetcher.metric('trunkline_audit_lag_seconds', { stream });
  const told = async (stream: string): Promise<Record<string, unknown>> => {
    const beats = await system.heartbeats();
    return beats.find(({ service }) => service === 'fetcher')?.streams?.[stream] ?? {};
  };
  const lags: number[] = [];
  const whole = (of: Organisation) =>
    until(
      `all events of ${of.id} are indexed`,
      async () => {
        const lag = await lagOf(of.id);
        if (of === two && lag !== null) lags.push(lag);
        // Found first: what comes in between is due in any case.
        const found = await idsIn(system, of.id);
        const due = await idsOf(of);
        return due.length > 0 && JSON.stringify(found) === JSON.stringify(due);
      },
      { everyMs: 200, told: async () => `${JSON.stringify(await told(of.id))} ${await system.told()}` },
    );
  await Promise.all(all.map(({ control }) => control.addEvents(120)));
  await Promise.all(all.map(whole));

  await one.control.addFaults({ kind: 'rate-limit', match: 'audits', times: 1, retryAfterSeconds: 3_600 });
  await until('one is told until when it waits', async () => {
    const { genesysPausedUntil } = await told('one');
    return Date.parse(String(genesysPausedUntil)) > Date.now() + 3_000_000;
  });
  const before = await idsIn(system, 'one');
  lags.length = 0;
  const begun = one.simulator.clock.now();
  while (one.simulator.clock.now() < begun + 3_600_000) {
    await Promise.all(all.map(({ control }) => control.addEvents(50)));
    await Promise.all(others.map(whole));
  }
  expect(lags.length).toBeGreaterThan(10);
  expect(Math.max(...lags)).toBeLessThan(flatSeconds);
  for (const of of others) {
    expect(await told(of.id)).toMatchObject({ lease: 'held', genesysPausedUntil: null });
  }
  // The one that waits does not pass for one that is at its source.
  expect(await lagOf('one')).toBeGreaterThan(0);
  expect(await idsIn(system, 'one')).toEqual(before);

  // The hour is over: nothing of the one that waited is missing either.
  const pauses = await keysOf(system.redis, `{${id}*:genesys:pause:*`);
  expect(pauses).toHaveLength(1);
  await system.redis.del(...pauses);
  await fetcher.restart();
  await Promise.all(all.map(whole));
  const due = await Promise.all(all.map(idsOf));
  expect(await idsIn(system, '*')).toEqual(due.flat().sort());
});
