import type { Heartbeat } from '@trunkline/contracts';
import { describe, expect, test } from 'vitest';
import type { QueueDepth, Snapshot } from './snapshot.ts';
import { findings } from './verdict.ts';

function process(service: string, changes: Partial<Heartbeat> = {}): Heartbeat {
  const at = '2026-11-22T14:00:00.000Z';
  const base = {
    v: 1,
    service,
    instance: service,
    version: '0.1.0',
    host: 'a',
    pid: 1,
    startedAt: at,
  } as const;
  return { ...base, beatAt: at, live: true, ready: true, problems: [], httpUrl: null, facts: {}, ...changes };
}

function queue(name: QueueDepth['name'], changes: Partial<QueueDepth> = {}): QueueDepth {
  return {
    name,
    waiting: 0,
    active: 0,
    delayed: 0,
    failed: 0,
    waitingForOthers: 0,
    paused: false,
    ...changes,
  };
}

const position = { cursor: 'c', seq: 10, at: 1_000_000 };
const well: Snapshot = {
  takenAt: Date.parse('2026-11-22T14:00:01.000Z'),
  processes: [process('fetcher'), process('indexer')],
  streams: [
    {
      id: 'default',
      stream: {
        state: { received: position, indexed: position, receivedPage: '' },
        epoch: 'e',
        leaseHolder: 'fetcher',
        inFlightCount: 0,
      },
    },
  ],
  queues: [queue('audit-index'), queue('audit-dead-letter')],
  totals: {},
  archive: { totals: {}, windows: [], failedSteps: [] },
};

function found(changes: Partial<Snapshot>, readable = true) {
  return findings({ snapshot: { ...well, ...changes }, readable, history: [] });
}

test('nothing is the matter with a pipeline that is well', () => {
  expect(found({})).toEqual([]);
});

test('without an indexer batches wait', () => {
  expect(found({ processes: [process('fetcher')] })).toEqual([
    { level: 'bad', text: expect.stringContaining('No indexer is alive'), href: null },
  ]);
});

test('replicas with the same trouble are told of once', () => {
  const sick = process('indexer', { ready: false, problems: ['gate: the cluster is yellow'] });
  expect(found({ processes: [process('fetcher'), sick, sick] }).map(({ text }) => text)).toEqual([
    'indexer: gate: the cluster is yellow (2 processes)',
  ]);
});

test('a wedged process is told of', () => {
  expect(found({ processes: [process('fetcher', { live: false }), process('indexer')] })).toEqual([
    expect.objectContaining({ level: 'bad', text: expect.stringContaining('does not end') }),
  ]);
});

test('failed jobs and dead letters lead to where they are', () => {
  const queues = [queue('audit-index', { failed: 1 }), queue('audit-dead-letter', { failed: 2_000 })];
  expect(found({ queues })).toEqual([
    { level: 'look', text: '1 job of audit-index failed.', href: '/queues/queue/audit-index?status=failed' },
    {
      level: 'look',
      text: '2,000 dead letters wait for a person.',
      href: '/queues/queue/audit-dead-letter?status=failed',
    },
  ]);
});

test('what is bad stands before what wants a look', () => {
  const levels = found({ processes: [], queues: [queue('audit-index', { paused: true })] }, false).map(
    (finding) => finding.level,
  );
  expect(levels).toEqual(['bad', 'bad', 'bad', 'look']);
});

test('with Redis away nothing is claimed to be well', () => {
  const away = findings({ snapshot: null, readable: false, history: [] });
  expect(away).toEqual([expect.objectContaining({ level: 'bad', text: expect.stringContaining('Redis') })]);
});

test('indexing far behind receiving wants a look', () => {
  const state = { received: { ...position, seq: 40, at: 1_600_001 }, indexed: position, receivedPage: '' };
  const stream = { state, epoch: 'e', leaseHolder: 'fetcher', inFlightCount: 30 };
  expect(found({ streams: [{ id: 'default', stream }] })).toEqual([
    expect.objectContaining({ level: 'look', text: expect.stringContaining('10 min') }),
  ]);
});

describe('the archive', () => {
  const redactor = process('redactor');
  const uploader = process('uploader');
  const audit = well.processes;

  test('a deployment without one is not told of it', () => {
    expect(found({ queues: [queue('archive-plan', { delayed: 1 })] })).toEqual([]);
  });

  test('with redactors and uploaders alive and nothing failed all is well', () => {
    const queues = [queue('archive-plan', { delayed: 1 }), queue('archive-redact', { waiting: 12 })];
    expect(found({ processes: [...audit, redactor, uploader], queues })).toEqual([]);
  });

  test('a deployment of archives alone wants no indexer, and its stream is not missed', () => {
    const stream = { state: null, epoch: null, leaseHolder: null, inFlightCount: 0 };
    const fetcher = process('fetcher', { facts: { archiveUnfinished: 0 } });
    const alone = { processes: [fetcher, redactor, uploader], streams: [{ id: 'default', stream }] };
    expect(found(alone)).toEqual([]);
    // With events that wait it is no such deployment.
    expect(found({ ...alone, queues: [queue('audit-index', { waiting: 1 })] })).toHaveLength(2);
  });

  test('batches that nobody redacts stand still', () => {
    const queues = [queue('archive-redact', { waiting: 3 })];
    expect(found({ processes: [...audit, uploader], queues })).toEqual([
      { level: 'bad', text: expect.stringContaining('No redactor is alive'), href: null },
    ]);
  });

  test('with nobody to upload and nothing to be uploaded a person is to look', () => {
    const archive = { totals: { windowsArchived: 3 }, windows: [], failedSteps: [] };
    expect(found({ processes: [...audit, redactor], archive })).toEqual([
      { level: 'look', text: expect.stringContaining('No uploader is alive'), href: null },
    ]);
  });

  test("a shut bucket gate is told in the uploader's words", () => {
    const problem = 'bucket: default encryption is off.';
    const shut = process('uploader', {
      ready: false,
      problems: [problem],
      facts: { gate: 'shut (unencrypted)' },
    });
    expect(found({ processes: [...audit, redactor, shut, shut] })).toEqual([
      { level: 'bad', text: `uploader: ${problem} (2 processes)`, href: null },
    ]);
  });

  test('conversations that could not be redacted, and failed jobs of windows, lead to where they are', () => {
    const queues = [queue('archive-fetch', { failed: 1 }), queue('archive-dead-letter', { failed: 2 })];
    expect(found({ processes: [...audit, redactor, uploader], queues })).toEqual([
      {
        level: 'look',
        text: '1 job of archive-fetch failed.',
        href: '/queues/queue/archive-fetch?status=failed',
      },
      {
        level: 'look',
        text: '2 conversations that could not be redacted wait for a person.',
        href: '/queues/queue/archive-dead-letter?status=failed',
      },
    ]);
  });
});
