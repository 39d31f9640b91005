import { redisValues, type System, until } from '@trunkline/test-kit';
import { expect, test } from 'vitest';
import { startSystem } from './start-system.ts';

/** Where names of users or their addresses stand that must not: each place with what was found. */
async function leaks(system: System, pages: { name: string; text: string }[]): Promise<unknown[]> {
  const data = await system.personalData();
  expect(data.size).toBeGreaterThan(50);
  const found: unknown[] = [];
  const look = (where: string, text: string): void => {
    const here = data.foundIn(text);
    if (here.length > 0) found.push({ where, found: here.slice(0, 3), of: here.length });
  };
  let values = 0;
  for await (const { key, text } of redisValues(system.redis, `{${system.names.id}*`)) {
    values += 1;
    look(`Redis: ${key}`, text);
  }
  expect(values).toBeGreaterThan(5);
  for (const { name, text } of system.logs()) {
    expect(text).not.toBe('');
    look(`log of ${name}`, text);
  }
  for (const { name, text } of pages) look(name, text);
  // The scan itself works: it finds what stands in the events.
  let seen = 0;
  for await (const { source } of system.genesys.events({ limit: 100, source: true })) {
    if (data.foundIn(source ?? '').length > 0) seen += 1;
  }
  expect(seen).toBeGreaterThan(50);
  return found;
}

/**
 * Every page that a visitor of the dashboard can reach without a click that changes something.
 * @param letters ids of the dead letters that are there
 */
async function pagesOf(
  system: System,
  letters: readonly string[] = [],
): Promise<{ name: string; text: string }[]> {
  const dashboard = system.dashboards[0];
  if (dashboard === undefined) throw new Error('No dashboard runs.');
  const listening = await dashboard.log.waitFor('dashboard.listening');
  const url = String(listening['url']);
  const jobs = [
    ...(await system.queue('audit-index').getJobs(['wait', 'delayed'], 0, 2)),
    ...(await system.queue('audit-dead-letter').getFailed(0, 5)),
  ];
  const names = [
    '/',
    '/queues',
    '/dead-letters/audit',
    '/dead-letters/archive',
    ...letters.map((id) => `/dead-letters/audit/${encodeURIComponent(id)}`),
    ...['audit-index', 'audit-dead-letter'].flatMap((name) =>
      ['latest', 'waiting', 'active', 'delayed', 'failed'].map(
        (status) => `/queues/api/queues?activeQueue=${name}&status=${status}&page=1&jobsPerPage=50`,
      ),
    ),
    ...jobs.flatMap(({ id, queueName }) => [
      `/queues/api/queues/${queueName}/${encodeURIComponent(id ?? '')}`,
      `/queues/api/queues/${queueName}/${encodeURIComponent(id ?? '')}/logs`,
    ]),
  ];
  return Promise.all(
    names.map(async (name) => {
      const answer = await fetch(`${url}${name}`);
      expect(answer.status, name).toBe(200);
      return { name, text: await answer.text() };
    }),
  );
}

test('no name of a user and no address stands in Redis, in a log or on the dashboard', async () => {
  await using system = await startSystem({ simulator: { backlog: 300 } });
  await system.addDashboard({ DASHBOARD_PORT: '0' });
  await system.drained();
  // With Elasticsearch away the batches stay in Redis; what cannot be read, refused or replayed is told in logs.
  await system.faults.elasticsearch.refuse();
  await system.genesys.addFaults(
    { kind: 'truncate', times: 1 },
    { kind: 'html-200', times: 1 },
    { kind: 'duplicates-across-pages', times: 1 },
  );
  await system.genesys.addOdd(
    { kind: 'wrong-shape', variant: 'no-id' },
    { kind: 'id-conflict' },
    { kind: 'malformed-ip' },
    { kind: 'depth-60' },
  );
  await system.genesys.addEvents(700);
  await until('everything is on the queue', async () => (await system.genesys.summary()).unserved === 0);
  await until('batches wait', async () => ((await system.jobCounts())['wait'] ?? 0) > 3);
  expect(await leaks(system, await pagesOf(system))).toEqual([]);
  await system.faults.elasticsearch.heal();
  await system.drained();
  const letters = (await system.deadLetters()).map(({ id }) => id);
  expect(letters).toHaveLength(2);
  expect(await leaks(system, await pagesOf(system, letters))).toEqual([]);
});
