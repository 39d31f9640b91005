import { expect, test } from 'vitest';
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

test('return values are shown where they are counts or outcomes', () => {
  expect(maskReturnValue({ result: 'requeued' })).toEqual({ result: 'requeued' });
  expect(maskReturnValue({ result: 'jane' })).toBe('***');
  expect(maskReturnValue({ created: 98, duplicate: 1, deadLettered: 1 })).toEqual({
    created: 98,
    duplicate: 1,
    deadLettered: 1,
  });
  expect(maskReturnValue(null)).toBeNull();
  expect(maskReturnValue({ created: 1, name: 'Jane' })).toBe('***');
  expect(maskReturnValue({ 'Jane Doe': 1 })).toBe('***');
  expect(maskReturnValue('Jane')).toBe('***');
});

test('names are words of ours, progress is a number', () => {
  expect(maskName('dead-letter')).toBe('dead-letter');
  expect(maskName('Jane Doe')).toBe('***');
  expect(maskProgress(40)).toBe(40);
  expect(maskProgress({ user: 'Jane' })).toBe('***');
});
