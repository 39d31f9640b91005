import { describe, expect, test } from 'vitest';
import { process, queue, stream, takenAt, well } from './picture.fixture.ts';
import type { Picture } from './picture.ts';
import { judge } from './verdict.ts';

const hour = 3_600_000;

function found(changes: Partial<Picture>) {
  return judge({ ...well, ...changes }).findings;
}

test('nothing is the matter with a pipeline that is well', () => {
  expect(judge(well)).toEqual({ level: 'good', findings: [] });
});

test('without an indexer batches wait', () => {
  expect(found({ processes: [process('fetcher')] })).toEqual([
    expect.objectContaining({ level: 'bad', title: 'No indexer is alive', remedy: 'Start one.' }),
  ]);
});

test('replicas with the same trouble are told of once, in words for one look and in their own', () => {
  const sick = process('indexer', {
    ready: false,
    problems: ['elasticsearch: The cluster is yellow, and indexing waits for green.'],
  });
  expect(found({ processes: [process('fetcher'), sick, sick] })).toEqual([
    expect.objectContaining({
      level: 'bad',
      title: 'Indexing waits: the gate to Elasticsearch is shut',
      detail: 'indexer: The cluster is yellow, and indexing waits for green. (2 processes)',
    }),
  ]);
});

test('a trouble that nobody has put into words is told in those of the process', () => {
  const odd = process('indexer', { problems: ['moon phase: It is full.', 'Lunch.'] });
  expect(found({ processes: [process('fetcher'), odd] }).map(({ title, detail }) => [title, detail])).toEqual(
    [
      ['The indexer is not ready', 'indexer: It is full.'],
      ['The indexer is not ready', 'indexer: Lunch.'],
    ],
  );
});

test('a trouble of one stream of several names it', () => {
  const fetcher = process('fetcher', { problems: ['genesys (acme.history): It answered 503.'] });
  expect(found({ processes: [fetcher, process('indexer')] })).toEqual([
    expect.objectContaining({
      title: 'Stream acme.history: no events are received: Genesys does not take the request',
      detail: 'fetcher: It answered 503.',
    }),
  ]);
});

test('a webhook that is gone stops no records', () => {
  const uploader = process('uploader', { problems: ['webhook: It answered 410.'] });
  const processes = [...well.processes, process('redactor'), uploader];
  expect(found({ processes })).toEqual([expect.objectContaining({ level: 'look' })]);
});

test('a wedged process is told of', () => {
  expect(found({ processes: [process('fetcher', { live: false }), process('indexer')] })).toEqual([
    expect.objectContaining({ level: 'bad', title: 'A step of the fetcher does not end' }),
  ]);
});

test('a process that falls silent is told of before it counts as gone', () => {
  const heard = (ms: number) => process('indexer', { beatAt: new Date(takenAt - ms).toISOString() });
  expect(found({ processes: [...well.processes, heard(3_200)] })).toEqual([]);
  const silent = heard(4_000);
  expect(found({ processes: [...well.processes, silent] })).toEqual([
    expect.objectContaining({ level: 'look', title: 'One indexer is silent' }),
  ]);
});

test('failed jobs and dead letters lead to where they are', () => {
  const queues = [queue('audit-index', { failed: 1 }), queue('audit-dead-letter', { failed: 2_000 })];
  expect(found({ queues }).map(({ title, place }) => [title, place])).toEqual([
    ['1 job of audit-index failed', { kind: 'queue', queue: 'audit-index', status: 'failed' }],
    ['2,000 dead letters wait for a person', { kind: 'dead-letters', pipeline: 'audit' }],
  ]);
});

test('dead letters of the index are told of even where their entries are gone from the queue', () => {
  const audit = { counts: [{ code: 'AUDIT_EVENT_REFUSED', count: 3 }], ofNewest: null };
  expect(found({ deadLetters: { audit, archive: null } }).map(({ title }) => title)).toEqual([
    '3 dead letters wait for a person',
  ]);
});

test('what is bad stands before what wants a look', () => {
  const picture = { ...well, processes: [], queues: [queue('audit-index', { paused: true })] };
  expect(judge(picture, false).findings.map(({ level }) => level)).toEqual(['bad', 'bad', 'bad', 'look']);
});

test('with Redis away nothing is claimed to be well', () => {
  expect(judge(null, false)).toMatchObject({
    level: 'bad',
    findings: [{ title: 'Redis cannot be reached' }],
  });
});

describe('a stream', () => {
  const told = (changes: Parameters<typeof stream>[0]) => found({ streams: [stream(changes)] });

  test('that is far behind wants a look', () => {
    expect(told({ lagSeconds: 600 })).toEqual([
      expect.objectContaining({ level: 'look', title: 'Stream default is 10 min behind' }),
    ]);
  });

  test('that is asked for as a backfill is behind by nature', () => {
    expect(told({ kind: 'backfill', lagSeconds: 9_000_000, leaseHolder: null })).toEqual([]);
  });

  test('whose replay window closes is an alarm, with the time that is left', () => {
    expect(told({ drained: false, replayClosesAt: takenAt + 5 * hour })).toEqual([
      expect.objectContaining({ level: 'bad', title: 'Stream default: the replay window closes in 5 h' }),
    ]);
    expect(told({ drained: false, replayClosesAt: takenAt + 7 * hour })).toEqual([]);
    expect(told({ drained: null, replayClosesAt: takenAt - hour })).toEqual([
      expect.objectContaining({ level: 'bad', title: expect.stringContaining('have left') }),
    ]);
  });

  test('that goes to the spool wants a look', () => {
    expect(told({ outlet: 'spool', spoolBatches: 1_204 })).toEqual([
      expect.objectContaining({ level: 'look', detail: expect.stringContaining('1,204 batches') }),
    ]);
  });

  test('that nobody polls is told of, and one that was paused by Genesys is not', () => {
    expect(told({ leaseHolder: null })).toEqual([
      expect.objectContaining({ level: 'look', title: 'Nobody polls stream default at this moment' }),
    ]);
    expect(told({ lastPollAt: takenAt - 10 * 60_000 })).toEqual([
      expect.objectContaining({ level: 'bad', title: 'Stream default was not polled for 10 min' }),
    ]);
    expect(told({ lastPollAt: takenAt - 10 * 60_000, pausedUntil: takenAt + hour })).toEqual([]);
  });

  test('that has not started is no alarm', () => {
    expect(told({ received: null, indexed: null })).toEqual([
      expect.objectContaining({ level: 'look', title: 'Stream default has not started' }),
    ]);
  });
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
    const fetcher = process('fetcher', { facts: { archiveUnfinished: 0 } });
    const alone = {
      processes: [fetcher, redactor, uploader],
      streams: [stream({ received: null, indexed: null })],
    };
    expect(found(alone)).toEqual([]);
    // With events that wait it is no such deployment.
    expect(found({ ...alone, queues: [queue('audit-index', { waiting: 1 })] })).toHaveLength(2);
  });

  test('batches that nobody redacts stand still', () => {
    const queues = [queue('archive-redact', { waiting: 3 })];
    expect(found({ processes: [...audit, uploader], queues })).toEqual([
      expect.objectContaining({ level: 'bad', title: 'No redactor is alive' }),
    ]);
  });

  test('with nobody to upload and nothing to be uploaded a person is to look', () => {
    const archive = { totals: { windowsArchived: 3 }, windows: [], failedSteps: [], heldBack: [] };
    expect(found({ processes: [...audit, redactor], archive })).toEqual([
      expect.objectContaining({ level: 'look', title: 'No uploader is alive' }),
    ]);
  });

  test("a shut bucket gate is told in the uploader's words", () => {
    const problems = ['bucket: Its default encryption is off.'];
    const shut = process('uploader', { ready: false, problems, facts: { gate: 'shut (unencrypted)' } });
    expect(found({ processes: [...audit, redactor, shut, shut] })).toEqual([
      expect.objectContaining({
        level: 'bad',
        title: 'Uploads wait: the bucket gate is shut',
        detail: 'uploader: Its default encryption is off. (2 processes)',
      }),
    ]);
  });

  test('windows that stay undone for days are told of', () => {
    const facts = {
      archiveWatermark: '2026-11-18T00:00:00.000Z',
      archiveUnfinished: 3,
      archiveOldestUnfinished: 'BATCH_20261118',
    };
    const processes = [
      process('fetcher', { facts, streams: { default: {} } }),
      process('indexer'),
      redactor,
      uploader,
    ];
    expect(found({ processes })).toEqual([
      expect.objectContaining({ level: 'look', detail: 'The oldest is BATCH_20261118.' }),
    ]);
  });

  test('conversations that could not be redacted, and failed jobs of windows, lead to where they are', () => {
    const queues = [queue('archive-fetch', { failed: 1 }), queue('archive-dead-letter', { failed: 2 })];
    const told = found({ processes: [...audit, redactor, uploader], queues });
    expect(told.map(({ title, place }) => [title, place?.kind])).toEqual([
      ['1 job of archive-fetch failed', 'queue'],
      ['2 conversations wait for a person', 'dead-letters'],
    ]);
  });
});
