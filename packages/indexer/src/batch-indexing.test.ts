import { errorCodeOf } from '@trunkline/contracts';
import { type BulkItem, defaultDateBounds, EventReader } from '@trunkline/elasticsearch-sink';
import { HeldBack } from '@trunkline/service';
import { describe, expect, test } from 'vitest';
import { BatchIndexing } from './batch-indexing.ts';
import type { Delivered } from './bulk-delivery.ts';
import { FloodGuard } from './flood-guard.ts';
import { HealthGate } from './health-gate.ts';

const reader = new EventReader({ prefix: 'p-', ...defaultDateBounds, routing: 'none' });

function indexing(
  answer: (id: string, form: BulkItem['form'], time: number) => Delivered,
  flood = new FloodGuard(2, 2),
) {
  const gate = new HealthGate(
    { health: async () => ({ status: 'green', unassignedShards: 0 }), writeBlocks: async () => [] },
    { required: 'green', maxAgeMs: 1_000, probeMs: 1_000, now: Date.now, onChange: () => {} },
  );
  const sent: string[] = [];
  const subject = new BatchIndexing({
    readerOf: () => reader,
    deliver: async (items) => {
      sent.push(items.map(({ event, form }) => `${event.id}${form === 'bare' ? '*' : ''}`).join(' '));
      return items.map(({ event, form }) => answer(event.id, form, sent.length));
    },
    gate,
    flood,
    now: () => Date.parse('2026-11-22T10:00:00Z'),
    pause: async () => {},
  });
  const index = (ids: string, lastAttempt = false) =>
    subject.index(inBytes(...ids.split(' ').map((id) => JSON.stringify({ id }))), {
      stream: 's',
      lastAttempt,
    });
  return { subject, index, sent, gate };
}

function inBytes(...texts: string[]): Buffer[] {
  return texts.map((text) => Buffer.from(text));
}

const created: Delivered = { kind: 'created' };
const dead: Delivered = { kind: 'dead', errorType: 'document_parsing_exception', field: 'userId' };
const retry = (status: number): Delivered => ({ kind: 'retry', status, errorType: 'e' });

describe('the events of a batch', () => {
  test('that Elasticsearch refuses are sent once more in their bare form, and dead-lettered only then', async () => {
    const { index, sent } = indexing((id, form) =>
      id === 'x' || (id === 'y' && form === 'fitting') ? dead : created,
    );
    const result = await index('a x y b');
    expect(sent).toEqual(['a x y b', 'x* y*']);
    expect(result).toMatchObject({ created: 3, duplicate: 0, setAside: 1 });
    expect(result.deadLetters).toMatchObject([
      {
        stream: 's',
        code: 'AUDIT_EVENT_REFUSED',
        field: 'userId',
        errorType: 'document_parsing_exception',
        eventId: 'x',
        text: '{"id":"x"}',
        deadLetteredAt: '2026-11-22T10:00:00.000Z',
      },
    ]);
  });

  test('that meet an overloaded shard are sent again alone', async () => {
    const { index, sent } = indexing((id, _, time) => (id === 'r' && time < 3 ? retry(429) : created));
    expect(await index('a r b')).toMatchObject({ created: 3, deadLetters: [] });
    expect(sent).toEqual(['a r b', 'r', 'r']);
  });

  test('that stay overloaded hold their batch back for a while', async () => {
    const { index, sent } = indexing((id) => (id === 'r' ? retry(503) : created));
    await expect(index('a r')).rejects.toMatchObject({ name: 'HeldBack', delayMs: 5_000 });
    expect(sent).toHaveLength(5);
  });

  test('that Elasticsearch always fails over burn attempts, and are dead-lettered at the last', async () => {
    const { index } = indexing((id) => (id === 'r' ? retry(500) : created));
    const failed = await index('a r').catch((error: unknown) => error);
    expect(errorCodeOf(failed)).toBe('ELASTICSEARCH_UNREACHABLE');
    const result = await index('a r', true);
    expect(result.deadLetters.map(({ eventId, code }) => [eventId, code])).toEqual([
      ['r', 'AUDIT_EVENT_REFUSED'],
    ]);
  });

  test('that are no events, too large, or in conflict are dead letters, each with its code', async () => {
    const { subject } = indexing((id) => (id === 'big' ? { kind: 'too-large' } : { kind: 'conflict' }));
    const result = await subject.index(inBytes('{"id":"big"}', '{"id":"other"}', '[]'), {
      stream: 's',
      lastAttempt: false,
    });
    expect(result.deadLetters.map(({ code }) => code)).toEqual([
      'AUDIT_EVENT_MALFORMED',
      'AUDIT_EVENT_TOO_LARGE',
      'AUDIT_ID_CONFLICT',
    ]);
  });

  test.each<[Delivered, string]>([
    [{ kind: 'blocked', blockId: '12' }, 'write-block'],
    [{ kind: 'denied', action: null }, 'refused'],
  ])('that meet %j hold their batch back and shut the gate', async (outcome, reason) => {
    const { index, gate } = indexing((id) => (id === 'r' ? outcome : created));
    await expect(index('a r')).rejects.toBeInstanceOf(HeldBack);
    expect(gate.state).toMatchObject({ kind: 'shut', reason: { kind: reason } });
  });

  test('are not dead-lettered when batch after batch is refused wholly', async () => {
    const { index, gate } = indexing(() => dead);
    expect((await index('a b')).deadLetters).toHaveLength(2);
    await expect(index('c d')).rejects.toBeInstanceOf(HeldBack);
    expect(gate.state).toMatchObject({ kind: 'shut', reason: { kind: 'flood', batches: 2 } });
  });
});
