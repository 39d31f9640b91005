import { TrunklineError } from '@trunkline/contracts';
import type { AuditPage, AuditSource } from '@trunkline/genesys';
import { expect, test } from 'vitest';
import { readToHead, timeOf } from './source-window.ts';

const clock = Date.parse('2026-11-22T12:00:00Z');

interface Given {
  /** Seconds before (negative) or after the clock. */
  seconds: number[];
  next: string | null;
}

/** A source whose pages are given by cursor; `after` counts on the clock with each request, 1 s. */
function sourceOf(
  pages: Record<string, Given>,
): Pick<AuditSource, 'nextPage'> & { asked: (string | null)[] } {
  const asked: (string | null)[] = [];
  return {
    asked,
    nextPage: async (cursor): Promise<AuditPage> => {
      const page = pages[cursor ?? 'start'];
      if (page === undefined) throw new Error(`page ${cursor} was not to be asked for`);
      const serverDate = new Date(clock + asked.length * 1_000);
      asked.push(cursor);
      return {
        eventTexts: page.seconds.map((s) => `{"date":"${new Date(clock + s * 1_000).toISOString()}"}`),
        eventCount: page.seconds.length,
        lines: Buffer.alloc(0),
        nextCursor: page.next,
        serverDate,
        durationMs: 1,
        bytes: 1,
        reachedAt: null,
        atHead: null,
      };
    },
  };
}

async function cursorsRead(pages: Record<string, Given>, from: string | null = null) {
  const source = sourceOf(pages);
  for await (const _page of readToHead(source, from, 60_000, () => clock)) {
    // only which pages are read
  }
  return source.asked;
}

test('reads until the source says that it is drained', async () => {
  const pages = {
    start: { seconds: [-60], next: 'a' },
    a: { seconds: [-30], next: 'b' },
    b: { seconds: [], next: null },
  };
  expect(await cursorsRead(pages)).toEqual([null, 'a', 'b']);
  expect(await cursorsRead(pages, 'a')).toEqual(['a', 'b']);
});

test('does not follow a stream that goes on and on: it ends with the first page of what came since it began', async () => {
  const pages = {
    start: { seconds: [-60], next: 'a' },
    a: { seconds: [-1, 0.5], next: 'b' },
    b: { seconds: [1, 2], next: 'c' },
  };
  expect(await cursorsRead(pages)).toEqual([null, 'a', 'b']);
});

test('goes on behind a single event with a date far ahead', async () => {
  const pages = { start: { seconds: [86_400], next: 'a' }, a: { seconds: [-1], next: null } };
  expect(await cursorsRead(pages)).toEqual([null, 'a']);
});

test('ends where the cursor stands still, and where empty pages never end', async () => {
  expect(await cursorsRead({ start: { seconds: [-1], next: 'a' }, a: { seconds: [-1], next: 'a' } })).toEqual(
    [null, 'a'],
  );
  const empty = Object.fromEntries(
    Array.from({ length: 300 }, (_, n) => [n === 0 ? 'start' : `${n}`, { seconds: [], next: `${n + 1}` }]),
  );
  expect(await cursorsRead(empty)).toHaveLength(100);
});

test('gives up on a page that does not come', async () => {
  const waiting: Pick<AuditSource, 'nextPage'> = {
    nextPage: (_cursor, signal) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  };
  const read = readToHead(waiting, null, 10, () => clock).next();
  await expect(read).rejects.toThrow(TrunklineError);
  await expect(read).rejects.toMatchObject({ code: 'GENESYS_UNREACHABLE' });
});

test.each([
  ['{"id":"a","date":"2026-11-22T12:00:00Z"}', clock],
  ['{"date":"2026-11-22T14:00:00+02:00"}', clock],
  ['{"request":{"date":"2020-01-01"}}', null],
  ['{"date":null}', null],
  ['["date"]', null],
  ['"2026"', null],
])('the time of %s', (text, expected) => {
  expect(timeOf(text)).toBe(expected);
});
