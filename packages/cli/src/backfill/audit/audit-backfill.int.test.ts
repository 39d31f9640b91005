import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { countEvents, refresh } from '@trunkline/elasticsearch-sink';
import { StreamState } from '@trunkline/stream-state';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Deployment, until } from '../../deployment.fixture.ts';
import { SimulatorProcess } from '../../simulator.fixture.ts';
import { WorkspaceProcess } from '../../workspace-process.fixture.ts';

const dayMs = 86_400_000;
const platform = { GENESYS_CONTRACT: 'platform', GENESYS_RATE_PER_SECOND: '' };

let deployment: Deployment;

afterEach(() => deployment[Symbol.asyncDispose]());

const dayBefore = (days: number): string => new Date(Date.now() - days * dayMs).toISOString().slice(0, 10);

describe('backfill audit', () => {
  beforeEach(() => {
    deployment = new Deployment(null);
  });

  const ask = (from: string, to: string, ...more: string[]) =>
    deployment.run(['backfill', 'audit', '--from', from, '--to', to, '--json', ...more], platform);

  test('keeps the request for a fetcher, once, and says what it will take', async () => {
    const { code, out } = await ask(dayBefore(90), dayBefore(10));
    expect(code).toBe(0);
    const report = JSON.parse(out);
    expect(report).toMatchObject({ state: 'open', askedBefore: false, windows: 3, requestsPerSecond: 5 });
    expect(report.stream).toMatch(/^default\.backfill\.\d{8}T0000-\d{8}T0000$/);
    const again = await ask(dayBefore(90), dayBefore(10), '--again');
    expect(JSON.parse(again.out)).toMatchObject({ askedBefore: true, stream: report.stream });
    expect(await deployment.records.listBackfills('default')).toMatchObject([
      { id: report.stream, state: 'open', requestedBy: 'ops@test' },
    ]);
    const { out: text } = await deployment.run(
      ['backfill', 'audit', '--from', dayBefore(90), '--to', dayBefore(10)],
      platform,
    );
    expect(text).toContain('3 windows');
    expect(text).toContain('at most 5 requests a second');
  });

  test('reads a range once more when it is told to', async () => {
    const first = JSON.parse((await ask(dayBefore(20), dayBefore(10))).out);
    await deployment.records.endBackfill(first.stream, {
      state: 'done',
      at: new Date().toISOString(),
      why: null,
    });
    expect(JSON.parse((await ask(dayBefore(20), dayBefore(10))).out)).toMatchObject({ state: 'done' });
    const again = await ask(dayBefore(20), dayBefore(10), '--again');
    expect(JSON.parse(again.out)).toMatchObject({ state: 'open', stream: `${first.stream}.2` });
  });

  test('tells that a fetcher refused it', async () => {
    const { stream } = JSON.parse((await ask(dayBefore(20), dayBefore(10))).out);
    const end = { state: 'refused', at: new Date().toISOString(), why: 'It is too old.' } as const;
    await deployment.records.endBackfill(stream, end);
    const { code, out } = await ask(dayBefore(20), dayBefore(10), '--wait');
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ state: 'refused', why: 'It is too old.' });
  });

  test('that nobody takes up says so, and is left to a fetcher that comes', async () => {
    const { code, err, out } = await ask(dayBefore(20), dayBefore(10), '--wait', '--patience', '7');
    expect(code).toBe(2);
    expect(err).toContain('No fetcher is alive');
    expect(JSON.parse(out)).toMatchObject({ state: 'open', windowsDone: 0, batches: 0, events: 0 });
  });

  test('is refused clearly where there is no history', async () => {
    const guide = await deployment.run(['backfill', 'audit', '--from', dayBefore(20), '--to', dayBefore(10)]);
    expect(guide).toMatchObject({ code: 78, err: expect.stringContaining('GENESYS_CONTRACT is guide') });
    expect(await ask(dayBefore(400), dayBefore(10))).toMatchObject({
      code: 64,
      err: expect.stringContaining('365 days'),
    });
    expect(await ask(dayBefore(10), dayBefore(-2))).toMatchObject({ code: 64 });
    expect(await deployment.records.listBackfills('default')).toEqual([]);
  });
});

test('a range is read to its end, and followed, while the fetcher that reads it is killed', async () => {
  await using simulator = await SimulatorProcess.start({
    SIMULATOR_BACKLOG: '2500',
    SIMULATOR_BACKLOG_HOURS: String(70 * 24),
    SIMULATOR_RATE_LIMIT: 'null',
    SIMULATOR_AUDITS: JSON.stringify({ inlineRows: 200, fileRows: 300, querySeconds: 1 }),
  });
  deployment = new Deployment(simulator);
  const spoolDir = await mkdtemp(join(tmpdir(), 'trunkline-cli-'));
  const env = {
    ...deployment.env,
    GENESYS_CONTRACT: 'platform',
    AUDIT_FILTERS: '[]',
    GENESYS_LOGIN_BASE: simulator.url,
    FETCHER_PIPELINES: 'audit',
    SPOOL_DIR: spoolDir,
    HTTP_PORT: '0',
    AUDIT_POLL_INTERVAL_SECONDS: '0.2',
    LEASE_TTL_SECONDS: '2',
    LEASE_RENEW_SECONDS: '0.5',
  };
  // One that ended long ago, of which Redis still holds what a fetcher that died did not clear.
  const ended = {
    id: 'default.backfill.20260101T0000-20260102T0000',
    at: new Date(Date.now() - 2 * 3_600_000),
  };
  await deployment.records.requestBackfill({
    id: ended.id,
    stream: 'default',
    from: '2026-01-01T00:00:00.000Z',
    to: '2026-01-02T00:00:00.000Z',
    requestedAt: ended.at.toISOString(),
    requestedBy: 'ops@test',
  });
  await deployment.records.endBackfill(ended.id, { state: 'done', at: ended.at.toISOString(), why: null });
  const stateOf = (id: string) => new StreamState(deployment.redis, deployment.prefix, id);
  await stateOf(ended.id).take('a fetcher that died', 60_000, 'token');
  await stateOf(ended.id).init('token', 'a fetcher that died', 'cursor');
  try {
    await using _indexer = new WorkspaceProcess('indexer', env);
    const first = new WorkspaceProcess('fetcher', env);
    const range = ['--from', dayBefore(75), '--to', new Date().toISOString()];
    const running = deployment.run(['backfill', 'audit', ...range, '--wait'], env);
    await first.line('backfill.taken-up');
    const indexed = async (): Promise<number> => {
      const indexPattern = `${deployment.env['AUDIT_INDEX_PREFIX']}*`;
      await refresh(deployment.elasticsearch, indexPattern);
      return countEvents(deployment.elasticsearch, { indexPattern, from: null, to: null });
    };
    // An index that is just being made is not there for a moment.
    await until('a part of it is indexed', async () => (await indexed().catch(() => 0)) > 700);
    await first[Symbol.asyncDispose]();
    await using _second = new WorkspaceProcess('fetcher', env);
    const { code, out, err } = await running;
    expect(code, err).toBe(0);
    expect(out).toContain('read and indexed');
    expect(err).toMatch(/Reading .*of 3 windows, .*new events, no limit of requests/);
    const { unique, unservedShown } = (await (
      await fetch(`${simulator.url}/_simulator/ledger/summary`)
    ).json()) as Record<string, number>;
    expect(unservedShown).toBe(0);
    expect(await indexed()).toBe(unique);
    const requests = await deployment.records.listBackfills('default');
    expect(requests).toMatchObject([{ id: ended.id }, { state: 'done' }]);
    await until('what is left of the old range is gone', async () => {
      const { state, epoch } = await stateOf(ended.id).read();
      return state === null && epoch === null;
    });
    // The figures of the new one can still be looked at.
    expect((await stateOf(requests[1]?.id ?? '').read()).state).not.toBeNull();
  } finally {
    await rm(spoolDir, { recursive: true, force: true });
  }
});
