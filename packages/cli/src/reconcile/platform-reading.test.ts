import { batchLines } from '@trunkline/contracts';
import type { AuditPage, AuditSource } from '@trunkline/genesys';
import type { StreamSnapshot } from '@trunkline/stream-state';
import { describe, expect, test } from 'vitest';
import type { Stretch } from './gap-verdict.ts';
import { PlatformReading } from './platform-reading.ts';
import type { ReadPage } from './source-reading.ts';

const now = Date.parse('2026-11-22T12:00:00Z');
const hourMs = 3_600_000;
const range = { from: now - 3 * hourMs, to: now - 2 * hourMs };

type Given = Partial<Pick<AuditPage, 'eventTexts' | 'nextCursor' | 'atHead' | 'reachedAt'>>;

function page(given: Given): AuditPage {
  const { eventTexts = [], nextCursor = null, atHead = false, reachedAt = null } = given;
  const rest = { serverDate: new Date(now), durationMs: 1, bytes: 1, lines: batchLines(eventTexts) };
  return { ...rest, eventCount: eventTexts.length, eventTexts, nextCursor, atHead, reachedAt };
}

/** Gives these pages one after the other, the last one again and again. */
function source(pages: readonly Given[], asked: (string | null)[] = []): AuditSource {
  let next = 0;
  return {
    reach: { firstStartMs: null, replayWindowMs: 0, lateMs: 0 },
    nextPage: async (cursor) => {
      asked.push(cursor);
      return page(pages[Math.min(next++, pages.length - 1)] as Given);
    },
    facts: () => ({}),
  };
}

const stateAt = (cursor: string | null): StreamSnapshot['state'] =>
  ({
    indexed: { seq: 3, cursor, at: now },
    received: { seq: 4, cursor, at: now },
    receivedPage: '',
  }) as StreamSnapshot['state'];

const tailCursor = JSON.stringify({
  ...{ v: 1, kind: 'tail', nonce: 'n', head: '2026-11-22T11:59:00Z', sweptAt: '2026-11-22T11:50:00Z' },
  ...{ final: '2026-11-22T11:05:00Z', tail: null, sweep: null },
});
const historyCursor = JSON.stringify({
  ...{ v: 1, kind: 'history', nonce: 'n', head: '2026-11-22T11:00:00Z', services: ['Quality'], run: null },
});

function readingOf(
  sources: readonly AuditSource[],
  more: {
    tail?: StreamSnapshot['state'];
    uncovered?: StreamSnapshot['state'];
    checkpoint?: string;
    patienceMs?: number;
  } = {},
) {
  const ranges: Stretch[] = [];
  const state = (given: StreamSnapshot['state'] = null) => ({
    read: async () => ({ state: given }) as StreamSnapshot,
  });
  const reading = new PlatformReading({
    range: (wanted) => {
      ranges.push(wanted);
      return sources[Math.min(ranges.length, sources.length) - 1] as AuditSource;
    },
    reachMs: 365 * 24 * hourMs,
    lateMs: 45 * 60_000,
    stream: { id: 's', state: state(more.tail) },
    uncovered: { id: 's.history', state: state(more.uncovered) },
    records: {
      readCheckpoint: async () =>
        more.checkpoint === undefined ? null : { cursor: more.checkpoint, seq: 1, at: '' },
    },
    patienceMs: more.patienceMs ?? 60_000,
    now: Date.now,
  });
  return { reading, ranges };
}

async function all(pages: AsyncIterable<ReadPage>): Promise<string[]> {
  const texts: string[] = [];
  for await (const { page } of pages) texts.push(...page.eventTexts);
  return texts;
}

describe('a range', () => {
  test('is read from cursor to cursor, and a query that runs is waited for', async () => {
    const asked: (string | null)[] = [];
    const pages = [
      { nextCursor: 'a' },
      {},
      { eventTexts: ['{"id":"1"}'], nextCursor: 'b' },
      { eventTexts: ['{"id":"2"}'], nextCursor: 'c', atHead: true },
    ];
    const { reading } = readingOf([source([{}]), source(pages, asked)]);
    const { checked, judgedBefore, pages: read } = await reading.open(range);
    expect([checked, judgedBefore]).toEqual([range, now - 45 * 60_000]);
    expect(await all(read)).toEqual(['{"id":"1"}', '{"id":"2"}']);
    expect(asked).toEqual([null, 'a', 'a', 'b']);
  });

  test('ends with words where no query of ours gets its turn', async () => {
    const { reading } = readingOf([source([{}])], { patienceMs: 1 });
    const { pages } = await reading.open(range);
    await expect(all(pages)).rejects.toMatchObject({ code: 'GENESYS_UNREACHABLE' });
  });

  test('ends at the clock of Genesys and begins where the history does', async () => {
    const { reading, ranges } = readingOf([source([{ atHead: true }])]);
    const { checked, pages } = await reading.open({ from: 0, to: now + hourMs });
    expect(checked).toEqual({ from: now - 365 * 24 * hourMs + 60_000, to: now });
    await all(pages);
    expect(ranges.at(-1)).toEqual(checked);
    expect((await reading.open({ from: 0, to: 1 })).checked).toBeNull();
  });

  test('of what is missing reaches from the first to the last of it', async () => {
    const { reading, ranges } = readingOf([source([{ atHead: true }])]);
    const place = (time: number | null) => ({ page: 0, time });
    await all(reading.again([place(now + 7_300), place(null), place(now + 1_200)]));
    expect(ranges).toEqual([{ from: now + 1_000, to: now + 8_000 }]);
    await all(reading.again([place(null)]));
    expect(ranges).toHaveLength(1);
  });
});

describe('what is due', () => {
  test('is told by the marks of both streams', async () => {
    const states = { tail: stateAt(tailCursor), uncovered: stateAt(historyCursor) };
    const { reading } = readingOf([source([{}])], states);
    expect(await reading.position()).toEqual({
      watermark: { seq: 3, at: new Date(now).toISOString(), behind: 1 },
      due: {
        kind: 'before',
        time: Date.parse('2026-11-22T11:05:00Z'),
        uncovered: Date.parse('2026-11-22T10:15:00Z'),
      },
    });
    await reading.open(range);
    const of = (service: string) => `{"id":"1","genesys":{"serviceName":"${service}"}}`;
    expect(
      [of('Quality'), of('Routing'), '{"id":"1"}', 'null', '[]'].map((text) => reading.isUncovered(text)),
    ).toEqual([true, false, false, false, false]);
  });

  test('is told by the checkpoint beside the data where Redis was emptied', async () => {
    const { reading } = readingOf([source([{}])], { checkpoint: tailCursor });
    expect(await reading.position()).toMatchObject({ watermark: null, due: { kind: 'before' } });
  });

  test('is nothing before the first batch is indexed, and unknown with a cursor of another contract', async () => {
    const nothing = readingOf([source([{}])], { tail: stateAt(null) });
    expect((await nothing.reading.position()).due).toEqual({ kind: 'nothing', why: null });
    const foreign = readingOf([source([{}])], { tail: stateAt('c-17') });
    expect((await foreign.reading.position()).due).toMatchObject({
      kind: 'nothing',
      why: expect.any(String),
    });
  });
});

test('documents of the stream itself, of its other services and of its backfills are its own', () => {
  const { reading } = readingOf([]);
  const streams = ['s', 's.history', 's.backfill.20261101T0000-20261102T0000', 's.other', 't', 'si'];
  expect(streams.filter((stream) => reading.owns(stream))).toEqual(streams.slice(0, 3));
});
