import { AUDIT_INDEX, deploymentPrefix, type Heartbeat } from '@trunkline/contracts';
import { openQueue } from '@trunkline/service';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Deployment } from '../deployment.fixture.ts';

let deployment: Deployment;

beforeEach(() => {
  deployment = new Deployment(null);
});

afterEach(() => deployment[Symbol.asyncDispose]());

async function alive(service: string, changes: Partial<Heartbeat> = {}): Promise<void> {
  const at = new Date().toISOString();
  const beat: Heartbeat = {
    v: 1,
    service,
    instance: service,
    version: '0.1.0',
    host: 'a-host',
    pid: 7,
    startedAt: at,
    beatAt: at,
    live: true,
    ready: true,
    problems: [],
    httpUrl: null,
    facts: {},
    ...changes,
  };
  await deployment.redis.hset(
    `${deploymentPrefix(deployment.name)}:heartbeats`,
    service,
    JSON.stringify(beat),
  );
}

async function pipelineIsWell(): Promise<void> {
  const now = new Date().toISOString();
  await deployment.take({ before: null, after: 'c1', texts: ['{"id":"1"}'] }, true);
  const told = {
    lease: 'held',
    lagSeconds: 3,
    drained: true,
    lastPollAt: now,
    replayWindowMs: 86_400_000,
    outlet: 'queue',
    spoolBatches: 0,
  };
  await alive('fetcher', { streams: { default: told } });
  await alive('indexer', { facts: { gate: 'open', breaker: 'closed' } });
}

test('says that all is well, with the figures, and exits 0', async () => {
  await pipelineIsWell();
  const { code, out, err } = await deployment.run(['status']);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toMatch(/^All is well\. {2}\d{4}-/);
  expect(out).toMatch(/default .* 0 +3 s +closes in 23 h .* to the queue +empty/);
  expect(out).toMatch(/gate to Elasticsearch +open\n +circuit breaker +closed/);
  expect(out).toMatch(/indexer +0\.1\.0 +a-host +7 +yes/);
});

test('names what is wrong first, with its remedy, and exits 1', async () => {
  await pipelineIsWell();
  await alive('indexer', {
    ready: false,
    problems: ['elasticsearch: The cluster is red.'],
    facts: { gate: 'shut (red)', breaker: 'open' },
  });
  await using queue = Object.assign(openQueue(deployment.name, AUDIT_INDEX, deployment.redis), {
    [Symbol.asyncDispose]: () => queue.close(),
  });
  await queue.pause();
  const { code, out } = await deployment.run(['status']);
  expect(code).toBe(1);
  const [first = ''] = out.split('\n');
  expect(first).toContain('WRONG: Indexing waits: the gate to Elasticsearch is shut (and 1 more)');
  expect(out).toContain('indexer: The cluster is red.');
  expect(out).toMatch(/look {3}Queue audit-index is paused\n +do: /);
  const { data } = await json(['status']);
  expect(data).toMatchObject({
    v: 1,
    level: 'bad',
    indexGate: { isOpen: false, reason: 'red', breaker: 'open' },
    streams: [{ id: 'default', lagSeconds: 3 }],
  });
});

test('counts dead letters by their index where it is told of, else by their queue', async () => {
  await pipelineIsWell();
  await deployment.letters.put([
    {
      stream: 'default',
      code: 'AUDIT_EVENT_REFUSED',
      field: 'userName',
      errorType: null,
      eventId: 'e',
      digest: '0'.repeat(64),
      deadLetteredAt: '2026-11-22T10:00:00.000Z',
      text: '{"id":"e"}',
    },
  ]);
  await deployment.elasticsearch.ask({
    method: 'POST',
    path: `/${deployment.name}-dead-letters/_refresh`,
    what: 'in a test',
  });
  const byIndex = await json(['status']);
  expect(byIndex.data).toMatchObject({
    deadLetters: { audit: { counts: [{ code: 'AUDIT_EVENT_REFUSED', count: 1 }] } },
  });
  const byQueue = await json(['status'], { ELASTICSEARCH_URL: '' });
  expect(byQueue).toMatchObject({ code: 0, data: { deadLetters: { audit: { counts: [] } } } });
});

test('tells of streams alone, and exits 0 whatever they do', async () => {
  await deployment.take({ before: null, after: 'c1', texts: ['{"id":"1"}'] }, false);
  const { code, data } = await json(['streams']);
  expect(code).toBe(0);
  expect(data).toMatchObject({
    streams: [{ id: 'default', inFlight: 1, indexed: { seq: 0 }, replayClosesAt: null }],
  });
  const { out } = await deployment.run(['streams']);
  expect(out).toMatch(/^STREAM .*\ndefault +\d{4}-.* \? +1 /);
});

test('exits 2 where Redis cannot be reached, 64 for an interval that is none, 78 without settings', async () => {
  expect((await deployment.run(['status', '--watch', '0'])).code).toBe(64);
  expect((await deployment.run(['status'], { REDIS_URL: '' })).code).toBe(78);
});

async function json(args: string[], env: Record<string, string> = {}) {
  const { code, out } = await deployment.run([...args, '--json'], env);
  return { code, data: JSON.parse(out) as Record<string, unknown> };
}
