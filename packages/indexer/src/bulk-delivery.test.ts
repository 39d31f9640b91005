import { TrunklineError } from '@trunkline/contracts';
import {
  type BulkItem,
  bulkItem,
  defaultDateBounds,
  EventReader,
  type ItemOutcome,
  type StoredDigest,
  type StoredText,
} from '@trunkline/elasticsearch-sink';
import { HeldBack } from '@trunkline/service';
import { Registry } from 'prom-client';
import { describe, expect, test } from 'vitest';
import { Breaker } from './breaker.ts';
import { BulkDelivery } from './bulk-delivery.ts';
import { HealthGate } from './health-gate.ts';
import { indexerMetrics } from './metrics.ts';

const reader = new EventReader({ prefix: 'p-', ...defaultDateBounds, routing: 'none' });

function itemOf(id: string): BulkItem {
  return itemOfText(JSON.stringify({ id }));
}

function itemOfText(text: string): BulkItem {
  const read = reader.read(text);
  if (read.kind === 'malformed') throw new Error('no event');
  return bulkItem(read.event, { stream: 's', ingestedAt: 'now' }, 'fitting');
}

type Bulk = (ids: string[]) => ItemOutcome[] | Error;

function delivery(
  bulk: Bulk,
  stored: (digest: string) => StoredDigest = (digest) => ({ kind: 'digest', digest }),
  text: StoredText = { kind: 'absent' },
) {
  const gate = new HealthGate(
    { health: async () => ({ status: 'green', unassignedShards: 0 }), writeBlocks: async () => [] },
    { required: 'green', maxAgeMs: 1_000, probeMs: 1_000, now: Date.now, onChange: () => {} },
  );
  const breaker = new Breaker({ failures: 2, halfOpenMs: 60_000, now: Date.now, onChange: () => {} });
  const never = new AbortController().signal;
  const subject = new BulkDelivery({
    sink: {
      bulk: async (items) => {
        const answer = bulk(items.map(({ event }) => event.id));
        if (answer instanceof Error) throw answer;
        return answer;
      },
      storedDigests: async (events) => events.map(({ digest }) => stored(digest)),
      storedTexts: async (events) => events.map(() => text),
    },
    gate,
    breaker,
    metrics: indexerMetrics(new Registry()),
    pause: async () => {},
    stopping: never,
    abandon: never,
    onFailure: () => {},
  });
  return { subject, gate, breaker };
}

const created: ItemOutcome = { kind: 'created' };
const exists: ItemOutcome = { kind: 'exists' };

describe('a request', () => {
  test('that is too large is halved until it fits; what is too large alone is told so', async () => {
    const sent: string[] = [];
    const { subject, breaker } = delivery((ids) => {
      sent.push(ids.join(''));
      if (ids.includes('X') || ids.length > 3) {
        return new TrunklineError('ELASTICSEARCH_REQUEST_TOO_LARGE', { message: '' });
      }
      return ids.map(() => created);
    });
    const outcomes = await subject.deliver(['a', 'b', 'c', 'X', 'd'].map(itemOf));
    expect(outcomes.map(({ kind }) => kind)).toEqual([
      'created',
      'created',
      'created',
      'too-large',
      'created',
    ]);
    expect(sent).toEqual(['abcXd', 'ab', 'cXd', 'c', 'Xd', 'X', 'd']);
    expect(breaker.state).toBe('closed');
  });

  test('that fails as a whole is sent again; when the breaker opens, its batches are held back', async () => {
    let calls = 0;
    const failing = delivery(() => {
      calls++;
      return new TrunklineError('ELASTICSEARCH_UNREACHABLE', { message: '' });
    });
    await expect(failing.subject.deliver([itemOf('a')])).rejects.toBeInstanceOf(HeldBack);
    expect([calls, failing.breaker.state]).toEqual([2, 'open']);
    await expect(failing.subject.deliver([itemOf('a')])).rejects.toBeInstanceOf(HeldBack);
    expect(calls).toBe(2);

    calls = 0;
    const recovering = delivery((ids) =>
      calls++ === 0
        ? new TrunklineError('ELASTICSEARCH_OVERLOADED', { message: '' })
        : ids.map(() => created),
    );
    expect(await recovering.subject.deliver([itemOf('a')])).toEqual([created]);
    expect(recovering.breaker.state).toBe('closed');
  });

  test.each([
    ['ELASTICSEARCH_WRITE_BLOCKED', 'write-block'],
    ['ELASTICSEARCH_PERMISSION_MISSING', 'refused'],
    ['ELASTICSEARCH_SETUP_REFUSED', 'refused'],
  ] as const)('that meets %s shuts the gate and leaves the breaker alone', async (code, reason) => {
    const { subject, gate, breaker } = delivery(
      () => new TrunklineError(code, { message: 'write block 6.' }),
    );
    await expect(subject.deliver([itemOf('a')])).rejects.toBeInstanceOf(HeldBack);
    expect(gate.state).toMatchObject({ kind: 'shut', reason: { kind: reason } });
    expect(breaker.state).toBe('closed');
  });

  test('that meets what nobody foresaw tells it as it is', async () => {
    const { subject } = delivery(() => new RangeError('unforeseen'));
    await expect(subject.deliver([itemOf('a')])).rejects.toThrow('unforeseen');
  });
});

describe('an event that is there already', () => {
  test.each<[string, (digest: string) => StoredDigest, string]>([
    ['with the same content is a duplicate', (digest) => ({ kind: 'digest', digest }), 'duplicate'],
    ['with another content is a conflict', () => ({ kind: 'digest', digest: 'other' }), 'conflict'],
    ['from another writer is a conflict', () => ({ kind: 'unknown' }), 'conflict'],
    ['and is deleted meanwhile is sent again', () => ({ kind: 'absent' }), 'retry'],
  ])('%s', async (_, stored, kind) => {
    const { subject } = delivery((ids) => ids.map((id) => (id === 'a' ? exists : created)), stored);
    const outcomes = await subject.deliver([itemOf('b'), itemOf('a')]);
    expect(outcomes.map((outcome) => outcome.kind)).toEqual(['created', kind]);
  });

  const platform = '{"id":"a","genesys":{"status":"SUCCESS"}}';
  test.each<[string, string, StoredText, string]>([
    [
      'in another shape is a duplicate',
      platform,
      { kind: 'text', text: '{"id":"a","genesys":{}}' },
      'duplicate',
    ],
    [
      'in another shape and with another content is a conflict',
      platform,
      { kind: 'text', text: platform.replace('SUCCESS', 'FAILURE') },
      'conflict',
    ],
    ['in a document that was rewritten is a conflict', platform, { kind: 'unknown' }, 'conflict'],
    ['in another shape and is deleted meanwhile is sent again', platform, { kind: 'absent' }, 'retry'],
    ['of the guide contract has no shapes', '{"id":"a"}', { kind: 'text', text: '{"id":"a"}' }, 'conflict'],
  ])('%s', async (_, given, text, kind) => {
    const { subject } = delivery(
      () => [exists],
      () => ({ kind: 'digest', digest: 'other' }),
      text,
    );
    expect((await subject.deliver([itemOfText(given)])).map((outcome) => outcome.kind)).toEqual([kind]);
  });
});

describe('a replay', () => {
  test('is looked for before it is sent, and only what is new or differs is sent, until half is new', async () => {
    const sent: string[] = [];
    const there = new Set(['a', 'b', 'c', 'd']);
    const digests = new Set([...there].map((id) => itemOf(id).event.digest));
    const { subject } = delivery(
      (ids) => {
        sent.push(ids.join(''));
        return ids.map((id) => (there.has(id) ? exists : created));
      },
      (digest) => (digests.has(digest) ? { kind: 'digest', digest } : { kind: 'digest', digest: 'other' }),
    );
    const deliver = async (ids: string): Promise<string[]> =>
      (await subject.deliver([...ids].map(itemOf))).map(({ kind }) => kind);
    const all = ['duplicate', 'duplicate', 'duplicate', 'duplicate'];
    expect(await deliver('abcd')).toEqual(all);
    expect(await deliver('abcd')).toEqual(all);
    expect(await deliver('abNd')).toEqual(['duplicate', 'duplicate', 'created', 'duplicate']);
    there.add('X');
    expect(await deliver('Xabc')).toEqual(['conflict', 'duplicate', 'duplicate', 'duplicate']);
    expect(await deliver('aNOP')).toEqual(['duplicate', 'created', 'created', 'created']);
    expect(await deliver('ab')).toEqual(['duplicate', 'duplicate']);
    expect(sent).toEqual(['abcd', 'N', 'X', 'NOP', 'ab']);
  });

  test('that cannot be looked for is sent', async () => {
    const sent: string[] = [];
    const { subject } = delivery(
      (ids) => {
        sent.push(ids.join(''));
        return ids.map(() => (sent.length === 1 ? exists : created));
      },
      (digest) => {
        if (sent.length === 1 && looks++ > 0)
          throw new TrunklineError('ELASTICSEARCH_UNREACHABLE', { message: '' });
        return { kind: 'digest', digest };
      },
    );
    let looks = 0;
    await subject.deliver([itemOf('a')]);
    expect(await subject.deliver([itemOf('a')])).toEqual([{ kind: 'created' }]);
    expect(sent).toEqual(['a', 'a']);
  });
});
