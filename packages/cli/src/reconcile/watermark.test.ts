import { pageFingerprint, type StreamSnapshot } from '@trunkline/stream-state';
import { expect, test } from 'vitest';
import { isSettledTail, watermarkOf } from './watermark.ts';

type State = NonNullable<StreamSnapshot['state']>;

const position = (cursor: string | null, seq: number, at: number | null = seq) => ({ cursor, seq, at });
const state = (received: State['received'], indexed: State['indexed'], receivedPage = 'page'): State => ({
  received,
  indexed,
  receivedPage,
});

test.each([
  [
    'behind: its tail is not settled',
    state(position('c3', 3), position('c1', 1)),
    { kind: 'cursor', cursor: 'c1', settledTail: '' },
  ],
  [
    'level: its tail is',
    state(position('c3', 3), position('c3', 3)),
    { kind: 'cursor', cursor: 'c3', settledTail: 'page' },
  ],
  [
    'without a cursor, but with an indexed page',
    state(position(null, 1, 7), position(null, 1, 7)),
    { kind: 'time', at: 7 },
  ],
  ['with nothing indexed', state(position('c1', 1), position(null, 0, null)), { kind: 'nothing' }],
  [
    'begun anew from a checkpoint',
    state(position('k', 0, null), position('k', 0, null), ''),
    { kind: 'cursor', cursor: 'k', settledTail: '' },
  ],
])('of a stream that is %s', (_what, given, expected) => {
  expect(watermarkOf(given, null)).toEqual(expected);
});

test('of a stream that Redis does not know comes from the checkpoint, or is unknown', () => {
  expect(watermarkOf(null, { cursor: 'k' })).toEqual({ kind: 'cursor', cursor: 'k', settledTail: '' });
  expect(watermarkOf(null, { cursor: '' }).kind).toBe('unknown');
  expect(watermarkOf(null, null).kind).toBe('unknown');
});

test('a page is the settled tail only where it is that page to the letter', () => {
  const tail = ['{"id":"a"}', '{"id":"b"}'];
  const settledTail = pageFingerprint(tail);
  expect(isSettledTail({ settledTail }, { eventTexts: tail })).toBe(true);
  expect(isSettledTail({ settledTail }, { eventTexts: [...tail, '{"id":"c"}'] })).toBe(false);
  expect(isSettledTail({ settledTail: '' }, { eventTexts: [] })).toBe(false);
});
