import { randomBytes } from 'node:crypto';
import { afterAll, expect, inject, test } from 'vitest';
import { refresh } from './audit-reader.ts';
import { Elasticsearch } from './elasticsearch.ts';
import { StreamRecords } from './stream-records.ts';

const index = `t${randomBytes(4).toString('hex')}-state`;
const es = new Elasticsearch({
  urls: [inject('elasticsearchUrl')],
  cloudId: null,
  apiKey: null,
  username: null,
  password: null,
  caFile: null,
  timeoutMs: 30_000,
});
const records = new StreamRecords(es, { stateIndex: index, replicas: 0 });

afterAll(async () => {
  await es.ask({ method: 'DELETE', path: `/${index}`, what: 'in a test', accept: [404] });
  await es[Symbol.asyncDispose]();
});

test('a stream without a checkpoint has none, even where the index is missing', async () => {
  expect(await records.readCheckpoint('default')).toBeNull();
  expect(await records.listGapRecords('default')).toEqual([]);
});

test('the checkpoint written last is read back at once, each stream its own', async () => {
  const at = '2026-11-22T10:00:00.000Z';
  await records.writeCheckpoint('default', { cursor: 'a', seq: 1, at });
  await records.writeCheckpoint('default', { cursor: 'b/+=', seq: 2, at });
  await records.writeCheckpoint('org/2', { cursor: '', seq: 0, at });
  expect(await records.readCheckpoint('default')).toEqual({ cursor: 'b/+=', seq: 2, at });
  expect(await records.readCheckpoint('org/2')).toEqual({ cursor: '', seq: 0, at });
});

test('a gap is recorded once, however often it is written', async () => {
  const gap = {
    id: 'g-1',
    from: '2026-11-20T00:00:00.000Z',
    to: null,
    reason: 'cursor expired',
    at: '2026-11-22T10:00:00.000Z',
  };
  const open = { closedAt: null, closedBy: null, closedBecause: null };
  const later = { ...gap, id: 'g-0', at: '2026-11-22T11:00:00.000Z' };
  await records.writeGapRecord('default', later);
  await records.writeGapRecord('default', gap);
  await records.writeGapRecord('default', { ...gap, reason: 'another' });
  await records.writeGapRecord('other', gap);
  await refresh(es, index);
  expect(await records.listGapRecords('other')).toEqual([{ ...gap, ...open }]);
  expect(await records.listGapRecords('default')).toEqual([
    { ...gap, ...open },
    { ...later, ...open },
  ]);
  const at = '2026-11-23T10:00:00.000Z';
  await records.closeGapRecord('default', gap.id, { at, by: 'ana', why: 'nothing is missing' });
  expect(await records.listGapRecords('default')).toEqual([
    { ...gap, closedAt: at, closedBy: 'ana', closedBecause: 'nothing is missing' },
    { ...later, ...open },
  ]);
});

test('a range is asked for once, and is open until it is ended', async () => {
  const range = { from: '2026-01-01T00:00:00.000Z', to: '2026-03-01T00:00:00.000Z' };
  const asked = { id: 'default.backfill.a', stream: 'default', ...range, requestedBy: 'ana@ops' };
  const requestedAt = '2026-11-22T10:00:00.000Z';
  expect(await records.requestBackfill({ ...asked, requestedAt })).toBe(true);
  expect(await records.requestBackfill({ ...asked, requestedAt: '2026-11-22T11:00:00.000Z' })).toBe(false);
  await records.requestBackfill({
    ...asked,
    id: 'default.backfill.b',
    requestedAt: '2026-11-22T09:00:00.000Z',
  });
  const open = { ...asked, requestedAt, state: 'open', endedAt: null, why: null };
  const [earlier, later] = await records.listBackfills('default');
  expect(earlier?.id).toBe('default.backfill.b');
  expect(later).toEqual(open);
  const at = '2026-11-22T12:00:00.000Z';
  await records.endBackfill(asked.id, { state: 'done', at, why: null });
  expect((await records.listBackfills('default'))[1]).toEqual({ ...open, state: 'done', endedAt: at });
  expect(await records.listBackfills('other')).toEqual([]);
});
