import type { QueueName } from '@trunkline/contracts';
import { describe, expect, test } from 'vitest';
import { archiveJobs, archiveWindow } from '../archive-jobs.fixture.ts';
import { batchJob, deadLetterJob } from '../dashboard.fixture.ts';
import { maskJobData, maskName, maskProgress, maskReturnValue } from './job-masking.ts';

test('jobs as our processes write them are shown whole', () => {
  expect(maskJobData('audit-index', batchJob)).toEqual(batchJob);
  expect(maskJobData('audit-dead-letter', deadLetterJob)).toEqual(deadLetterJob);
  expect(maskJobData('audit-dead-letter', { ...deadLetterJob, field: null })).toMatchObject({ field: null });
});

test('a repair job is shown by its own fields, but for who asked for it', () => {
  const job = {
    v: 1,
    kind: 'repair',
    stream: 'default',
    payloadKey: '{trunkline:audit}:payload:default-repair-0a1b',
    eventCount: 3,
    payloadBytes: 2_304,
    queuedAt: '2026-11-22T10:00:00.000Z',
    requestedBy: 'jane@host',
    traceId: '0a1b2c',
  };
  expect(maskJobData('audit-index', job)).toEqual({ ...job, requestedBy: '***' });
});

test.each([
  ['an address', 'jane.doe@example.org'],
  ['a phone number', '+12025550143'],
  ['a sentence', 'Jane Doe called'],
  ['an object', { name: 'Jane' }],
])('%s in a known field is masked', (_, stream) => {
  expect(maskJobData('audit-index', { ...batchJob, stream })).toMatchObject({ stream: '***', seq: 4711 });
});

test('unknown fields are counted, without their names', () => {
  expect(maskJobData('audit-index', { seq: 1, 'Jane Doe': 1, constructor: 2, __proto__x: 3 })).toEqual({
    seq: 1,
    unknownFields: '*** (3)',
  });
});

test.each([['text'], [7], [null], [undefined], [['Jane']]])(
  'data that is no object is masked: %j',
  (data) => {
    expect(maskJobData('audit-index', data)).toBe('***');
  },
);

describe('jobs of the archive', () => {
  test.each(Object.entries(archiveJobs))('%s: as our processes write it, it is shown whole', (queue, job) => {
    expect(maskJobData(queue as QueueName, job)).toEqual(job);
  });

  test('every kind of media shows in the id of its window', () => {
    const window = { ...archiveWindow, id: 'BATCH_20261121_chat+email+voice' };
    expect(maskJobData('archive-fetch', { ...archiveJobs['archive-fetch'], window })).toMatchObject({
      window,
    });
  });

  test('who asked for a range is masked', () => {
    const range = {
      from: '2026-11-01T00:00:00.000Z',
      to: '2026-11-08T00:00:00.000Z',
      mediaTypes: ['voice'],
      requestedBy: 'jane@host',
    };
    expect(maskJobData('archive-plan', { v: 1, range })).toEqual({
      v: 1,
      range: { ...range, requestedBy: '***' },
    });
  });

  test.each([
    ['window', 'archive-fetch'],
    ['window', 'archive-redact'],
    ['source', 'archive-redact'],
    ['redaction', 'archive-upload'],
    ['source', 'archive-window'],
    ['metrics', 'archive-notify'],
    ['audit', 'archive-notify'],
  ] as const)('nothing foreign slips through inside `%s` of %s', (field, queue) => {
    const job: Record<string, unknown> = archiveJobs[queue];
    const known = job[field] as object;
    const shown = maskJobData(queue, { ...job, [field]: { ...known, 'Jane Doe': 'jane@example.org' } });
    expect(shown).toEqual({ ...job, [field]: { ...known, unknownFields: '*** (1)' } });
  });

  test('a value that is not of its kind is masked, however deep it stands', () => {
    const job = archiveJobs['archive-upload'];
    const { redaction } = job;
    const index = { ...redaction.index, name: 'call of Jane Doe', bytes: '+12025550143' };
    expect(maskJobData('archive-upload', { ...job, redaction: { ...redaction, index } })).toEqual({
      ...job,
      redaction: { ...redaction, index: { ...index, name: '***', bytes: '***' } },
    });
  });

  test('values replaced are counted by type, and only by type', () => {
    const job = archiveJobs['archive-upload'];
    const entities = { PHONE: 3, 'jane@example.org': 1, SSN: '078-05-1120' };
    expect(
      maskJobData('archive-upload', { ...job, redaction: { ...job.redaction, entities } }),
    ).toMatchObject({ redaction: { entities: { PHONE: 3, SSN: '***', unknownFields: '*** (1)' } } });
  });

  test('an object where a value belongs, and a value where an object belongs, are masked', () => {
    const job = archiveJobs['archive-window'];
    expect(
      maskJobData('archive-window', {
        ...job,
        source: 'Jane',
        flow: { name: 'Jane' },
        window: [archiveWindow],
      }),
    ).toEqual({ ...job, source: '***', flow: '***', window: '***' });
  });

  test('details of a record are words and figures; a sentence is masked', () => {
    const details = { batches: 4, manifest: 'manifests/dt=2026-11-21/BATCH_20261121.json', kmsKeyId: null };
    const job = archiveJobs['archive-compliance'];
    expect(
      maskJobData('archive-compliance', {
        ...job,
        details: { ...details, reason: 'Jane Doe asked for it', 'of jane': true, deep: { name: 'Jane' } },
      }),
    ).toEqual({
      ...job,
      details: { ...details, reason: '***', deep: '***', unknownFields: '*** (1)' },
    });
  });
});

test('return values are shown where they are counts or outcomes', () => {
  expect(maskReturnValue('audit-dead-letter', { result: 'requeued' })).toEqual({ result: 'requeued' });
  expect(maskReturnValue('audit-dead-letter', { result: 'jane' })).toEqual({ result: '***' });
  expect(maskReturnValue('audit-index', { created: 98, duplicate: 1, deadLettered: 1 })).toEqual({
    created: 98,
    duplicate: 1,
    deadLettered: 1,
  });
  expect(maskReturnValue('audit-index', null)).toBeNull();
  expect(maskReturnValue('audit-index', { created: 1, name: 'Jane' })).toEqual({ created: 1, name: '***' });
  expect(maskReturnValue('audit-index', { 'Jane Doe': 1 })).toEqual({ unknownFields: '*** (1)' });
  expect(maskReturnValue('audit-index', 'Jane')).toBe('***');
});

test('what planning and fetching return is shown, and nothing beside it', () => {
  const plan = { windows: 7, planned: 2, alreadyDone: 5, underWay: 0, tooEarly: 0 };
  expect(maskReturnValue('archive-plan', plan)).toEqual(plan);
  const { source } = archiveJobs['archive-window'];
  const fetched = { result: 'fetched', flow: '0a1b2c3d4e5f', batches: 3, conversations: 1_204, source };
  expect(maskReturnValue('archive-fetch', fetched)).toEqual(fetched);
  expect(
    maskReturnValue('archive-fetch', { ...fetched, source: { ...source, caller: 'Jane' }, name: 'Jane' }),
  ).toEqual({ ...fetched, source: { ...source, unknownFields: '*** (1)' }, unknownFields: '*** (1)' });
  expect(maskReturnValue('archive-fetch', { result: 'done' })).toEqual({ result: 'done' });
});

test('what completing a window and redacting a dead letter return is shown', () => {
  const manifest = 'acme/manifests/dt=2026-11-21/BATCH_20261121_chat+email.json';
  const completed = { manifest, conversations: 1_204, deadLettered: 1, objects: 3, bytes: 4_102_000 };
  expect(maskReturnValue('archive-window', completed)).toEqual(completed);
  expect(maskReturnValue('archive-window', { ...completed, manifest: 'of Jane Doe' })).toEqual({
    ...completed,
    manifest: '***',
  });
  const requeued = { uploadJobId: 'BATCH_20261121-0a1b2c3d4e5f-d-0a1b2c3d4e5f6071' };
  expect(maskReturnValue('archive-dead-letter', requeued)).toEqual(requeued);
});

test('return values of redaction and upload are held to the schemas of what they return', () => {
  const { redaction } = archiveJobs['archive-upload'];
  expect(maskReturnValue('archive-redact', redaction)).toEqual(redaction);
  const object = {
    key: 'archives/dt=2026-11-21/BATCH_20261121/b00001-0a1b2c3d4e5f-g1.ndjson.gz',
    bytes: 1_204,
    sha256: 'c'.repeat(64),
    generation: 1,
    encryption: 'aws:kms',
    kmsKeyId: 'arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d',
    storageClass: 'STANDARD_IA',
  };
  const outcome = { object, redaction, durationMs: 214 };
  expect(maskReturnValue('archive-upload', outcome)).toEqual(outcome);
  expect(
    maskReturnValue('archive-upload', { ...outcome, object: { ...object, title: 'Jane Doe' }, text: 'Jane' }),
  ).toEqual({ ...outcome, object: { ...object, unknownFields: '*** (1)' }, unknownFields: '*** (1)' });
});

test('names are words of ours, progress is a number or figures', () => {
  expect(maskName('dead-letter')).toBe('dead-letter');
  expect(maskName('Jane Doe')).toBe('***');
  expect(maskProgress(40)).toBe(40);
  expect(maskProgress({ planned: 3, done: 1, total: null })).toEqual({ planned: 3, done: 1, total: null });
  expect(maskProgress({ user: 'Jane', 'Jane Doe': 1, page: { name: 1 } })).toEqual({
    user: '***',
    page: '***',
    unknownFields: '*** (1)',
  });
  expect(maskProgress('Jane')).toBe('***');
});
