import { expect, test } from 'vitest';
import type { SinkDocument } from './sink-reader.ts';
import { type DueEvent, judge } from './verdict.ts';

function due(n: number, id: string | null, sha256: string, served = 1): DueEvent {
  return { n, id, sha256, served, positionedAt: `2026-11-22T00:00:0${n}.000Z` };
}

function document(id: string, sha256: string | null, index = 'day-1'): SinkDocument {
  return { id, index, sha256, setAside: false };
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
    deadLetters: [{ id: 'y', sha256: 'Y' }],
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
  const both = { documents: [document('a', 'other A')], deadLetters: [{ id: 'a-1', sha256: 'A' }], gaps: [] };
  expect(judge(events, both)).toMatchObject({ ...clean, indexed: 1, deadLettered: 1 });
  expect(judge(events, { ...both, deadLetters: [] })).toMatchObject({ missing: ['a'] });
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
