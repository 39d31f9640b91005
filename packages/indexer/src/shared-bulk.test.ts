import { setTimeout as sleep } from 'node:timers/promises';
import type { BulkItem } from '@trunkline/elasticsearch-sink';
import { describe, expect, test } from 'vitest';
import type { Delivered } from './bulk-delivery.ts';
import { SharedBulk, type SharedBulkOptions } from './shared-bulk.ts';

function items(names: string, bytes = 10): BulkItem[] {
  return [...names].map((name) => ({ event: { id: name }, bytes }) as unknown as BulkItem);
}

/** A sink that answers when it is told to. */
class Sink {
  readonly requests: { ids: string; answer: (fail?: Error) => void }[] = [];
  readonly send = (sent: readonly BulkItem[]): Promise<Delivered[]> =>
    new Promise((resolve, reject) => {
      const ids = sent.map(({ event }) => event.id).join('');
      const answer = (fail?: Error): void => {
        if (fail !== undefined) reject(fail);
        else resolve(sent.map(({ event }) => ({ kind: 'dead', errorType: event.id, field: null })));
      };
      this.requests.push({ ids, answer });
    });
}

function shared(sink: Sink, options: Partial<SharedBulkOptions> = {}): SharedBulk {
  return new SharedBulk(sink.send, {
    maxEvents: 6,
    maxBytes: 1_000,
    lingerMs: 1,
    maxInFlight: 1,
    worthEvents: 6,
    ...options,
  });
}

async function requests(sink: Sink, count: number): Promise<string[]> {
  while (sink.requests.length < count) await sleep(1);
  await sleep(5);
  return sink.requests.map(({ ids }) => ids);
}

function typesOf(delivered: Delivered[]): string {
  return delivered.map((outcome) => (outcome.kind === 'dead' ? outcome.errorType : '?')).join('');
}

describe('batches in hand', () => {
  test('share a request, and each gets the outcomes of its own items, in their order', async () => {
    const sink = new Sink();
    const bulk = shared(sink);
    const batches = [bulk.deliver(items('ab')), bulk.deliver(items('c')), bulk.deliver([])];
    expect(await requests(sink, 1)).toEqual(['abc']);
    sink.requests[0]?.answer();
    expect((await Promise.all(batches)).map(typesOf)).toEqual(['ab', 'c', '']);
  });

  test('go at once when the request is full, and a batch may stand in two', async () => {
    const sink = new Sink();
    const bulk = shared(sink, { lingerMs: 60_000, maxInFlight: 2 });
    const first = bulk.deliver(items('abcdefgh'));
    const second = bulk.deliver(items('ijkl'));
    expect(await requests(sink, 2)).toEqual(['abcdef', 'ghijkl']);
    sink.requests[1]?.answer();
    sink.requests[0]?.answer();
    expect(typesOf(await first)).toBe('abcdefgh');
    expect(typesOf(await second)).toBe('ijkl');
  });

  test('fall into as many parts as may be under way, so that one is made ready while another is answered', async () => {
    const sink = new Sink();
    const bulk = shared(sink, { lingerMs: 60_000, maxInFlight: 2, worthEvents: 3 });
    const all = [bulk.deliver(items('abc')), bulk.deliver(items('de')), bulk.deliver(items('f'))];
    expect(await requests(sink, 2)).toEqual(['abc', 'def']);
    sink.requests[0]?.answer();
    await all[0];
    all.push(bulk.deliver(items('ghi')));
    expect(await requests(sink, 3)).toEqual(['abc', 'def', 'ghi']);
    for (const { answer } of sink.requests) answer();
    await Promise.all(all);
  });

  test('that are too few wait for the request under way to end, and for no longer', async () => {
    const sink = new Sink();
    const bulk = shared(sink, { lingerMs: 60_000, maxInFlight: 2, worthEvents: 3 });
    const all = [bulk.deliver(items('abc')), bulk.deliver(items('d')), bulk.deliver(items('e'))];
    expect(await requests(sink, 1)).toEqual(['abc']);
    sink.requests[0]?.answer();
    expect(await requests(sink, 2)).toEqual(['abc', 'de']);
    sink.requests[1]?.answer();
    await Promise.all(all);
  });

  test('gather while as many requests as allowed are under way', async () => {
    const sink = new Sink();
    const bulk = shared(sink);
    const all = [bulk.deliver(items('a'))];
    expect(await requests(sink, 1)).toEqual(['a']);
    all.push(bulk.deliver(items('b')), bulk.deliver(items('c')));
    expect(await requests(sink, 1)).toEqual(['a']);
    sink.requests[0]?.answer();
    expect(await requests(sink, 2)).toEqual(['a', 'bc']);
    sink.requests[1]?.answer();
    await Promise.all(all);
  });

  test('stay within the bytes of a request; a larger item goes alone', async () => {
    const sink = new Sink();
    const bulk = shared(sink, { maxBytes: 100, maxInFlight: 9, worthEvents: 1 });
    const all = [bulk.deliver(items('abc', 40)), bulk.deliver(items('X', 500)), bulk.deliver(items('d', 40))];
    expect(await requests(sink, 4)).toEqual(['ab', 'c', 'X', 'd']);
    for (const { answer } of sink.requests) answer();
    await Promise.all(all);
  });

  test('fail together with their request, and no other does', async () => {
    const sink = new Sink();
    const bulk = shared(sink, { maxEvents: 2 });
    const [first, second, third] = ['a', 'b', 'c'].map((name) => bulk.deliver(items(name)));
    await requests(sink, 1);
    sink.requests[0]?.answer(new Error('away'));
    await expect(first).rejects.toThrow('away');
    await expect(second).rejects.toThrow('away');
    await requests(sink, 2);
    sink.requests[1]?.answer();
    expect(typesOf((await third) ?? [])).toBe('c');
  });
});
