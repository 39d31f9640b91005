import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { SimulatorControl, startSimulator } from '@trunkline/simulator';
import { keysOf, readSink, type System, until } from '@trunkline/test-kit';
import { expect, test } from 'vitest';
import { startSystem } from './start-system.ts';

/** Writes the file that lists organisations; the settings that take the place of a single one's. */
async function listed(
  system: System,
  organisations: Record<string, { url: string; clientId: string }>,
): Promise<Record<string, string>> {
  const file = path.join(system.folder, 'organisations.json');
  const entries = Object.entries(organisations).map(([id, { url, clientId }]) => {
    return { id, apiBase: url, clientId, clientSecret: { env: 'SECRET_OF_BOTH' } };
  });
  await writeFile(file, JSON.stringify({ organisations: entries }));
  return {
    ORGANISATIONS_FILE: file,
    SECRET_OF_BOTH: system.names.clientSecret,
    GENESYS_API_BASE: '',
    GENESYS_CLIENT_ID: '',
    GENESYS_CLIENT_SECRET: '',
  };
}

async function idsIn(system: System, organisation: string): Promise<string[]> {
  const found = await readSink(
    system.elasticsearchUrl,
    `${system.names.indexPrefix}${organisation}-*`,
    (text) => text,
  );
  return found.map(({ id }) => id).sort();
}

/** Of the events that the usual filter lets through. */
async function idsOf(control: SimulatorControl): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id, filtered } of control.events()) if (!filtered) ids.push(id ?? '');
  return ids.sort();
}

test('of two organisations one has to wait for an hour, and the other has its events meanwhile', async () => {
  await using system = await startSystem({ fetchers: 0, indexers: 0 });
  const clientId = `${system.names.id}-two`;
  const { clientSecret } = system.names;
  await using simulator = await startSimulator({
    seed: clientId,
    clientId,
    clientSecret,
    rate: 0,
    backlog: 0,
  });
  const [one, two] = [system.genesys, new SimulatorControl(simulator.url)];
  const settings = await listed(system, {
    one: { url: system.simulator.url, clientId: system.names.clientId },
    two: { url: simulator.url, clientId },
  });
  const [fetcher] = await Promise.all([system.addFetcher(settings), system.addIndexer(settings)]);
  const whole = (organisation: string, control: SimulatorControl) =>
    until(`all events of ${organisation} are indexed`, async () => {
      const [found, due] = await Promise.all([idsIn(system, organisation), idsOf(control)]);
      return due.length > 0 && JSON.stringify(found) === JSON.stringify(due);
    });
  const told = async (organisation: string): Promise<Record<string, unknown>> => {
    const beats = await system.heartbeats();
    return beats.find(({ service }) => service === 'fetcher')?.streams?.[organisation] ?? {};
  };
  await Promise.all([one.addEvents(120), two.addEvents(120)]);
  await Promise.all([whole('one', one), whole('two', two)]);

  await one.addFaults({ kind: 'rate-limit', times: 1, retryAfterSeconds: 3_600 });
  await until('one is told until when it waits', async () => {
    const { genesysPausedUntil } = await told('one');
    return Date.parse(String(genesysPausedUntil)) > Date.now() + 3_000_000;
  });
  const before = await idsIn(system, 'one');
  for (let round = 0; round < 3; round++) {
    await Promise.all([one.addEvents(50), two.addEvents(250)]);
    await whole('two', two);
  }
  expect(await told('two')).toMatchObject({ lease: 'held', genesysPausedUntil: null });
  expect(await idsIn(system, 'one')).toEqual(before);
  expect(await idsOf(two)).toHaveLength(870);

  // The hour is over: nothing of the one that waited is missing either.
  const pauses = await keysOf(system.redis, `{${system.names.id}*:genesys:pause:*`);
  expect(pauses).toHaveLength(1);
  await system.redis.del(...pauses);
  await fetcher.restart();
  await Promise.all([whole('one', one), whole('two', two)]);
  expect(await idsIn(system, '*')).toHaveLength((await idsOf(one)).length + (await idsOf(two)).length);
});
