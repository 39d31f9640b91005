import { expect, test } from 'vitest';
import type { SinkDocument } from './sink-reader.ts';
import { type DueEvent, judge } from './verdict.ts';

function due(n: number, id: string | null, digest: string, served = 1): DueEvent {
  return { n, id, digests: [digest], served, positionedAt: `2026-11-22T00:00:0${n}.000Z` };
}

function document(id: string, digest: string | null, index = 'day-1'): SinkDocument {
  return { id, index, digest, setAside: false };
}

const clean = { missing: [], twice: [], altered: [], extra: [] };

test('what stands once and as it was served is in order', () => {
  const verdict = judge([due(0, 'a', 'A'), due(1, 'b', 'B'), due(2, 'a', 'A')], {
    documents: [document('a', 'A'), document('b', 'B')],
    deadLetters: [],
    gaps: [],
  });
  expect(verdict).toMatchObject({ ...clean, due: 2, indexed: 2, deadLettered: 0 });
});

test('each kind of disagreement is told', () => {
  const verdict = judge([due(0, 'a', 'A'), due(1, 'b', 'B'), due(2, 'c', 'C'), due(3, null, 'D')], {
    documents: [document('b', 'B'), document('b', 'B', 'day-2'), document('c', 'X'), document('z', 'Z')],
    deadLetters: [{ id: 'y', digest: 'Y' }],
    gaps: [],
  });
  expect(verdict).toMatchObject({
    missing: ['a', 'c', 'event 3'],
    twice: ['b'],
    altered: ['c'],
    extra: ['z', 'dead letter y'],
  });
});

test('of one id with two bodies, one is the document and the other a dead letter', () => {
  const events = [due(0, 'a', 'A'), due(1, 'a', 'other A')];
  const both = { documents: [document('a', 'other A')], deadLetters: [{ id: 'a-1', digest: 'A' }], gaps: [] };
  expect(judge(events, both)).toMatchObject({ ...clean, indexed: 1, deadLettered: 1 });
  expect(judge(events, { ...both, deadLetters: [] })).toMatchObject({ missing: ['a'] });
});

test('an event that was served in several shapes may stand in any of them, and only once', () => {
  const event = { ...due(0, 'a', 'A'), digests: ['A', 'A in short'] };
  const found = { deadLetters: [], gaps: [] };
  const short = document('a', 'A in short');
  expect(judge([event], { ...found, documents: [short] })).toMatchObject({ ...clean, due: 1, indexed: 1 });
  expect(judge([event, due(1, 'a', 'A')], { ...found, documents: [short] })).toMatchObject({
    ...clean,
    due: 1,
  });
  expect(judge([event], { ...found, documents: [short, document('a', 'A')] })).toMatchObject({
    twice: ['a'],
  });
});

test('a recorded gap accounts for events that were never served, and for no other', () => {
  const gaps = [{ from: '2026-11-22T00:00:00.500Z', to: '2026-11-22T00:00:02.500Z' }];
  const verdict = judge([due(0, 'a', 'A', 0), due(1, 'b', 'B', 0), due(2, 'c', 'C', 1)], {
    documents: [],
    deadLetters: [],
    gaps,
  });
  expect(verdict).toMatchObject({ missing: ['a', 'c'], inGaps: 1 });
});
