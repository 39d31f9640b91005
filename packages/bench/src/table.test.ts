import { expect, test } from 'vitest';
import { type Line, markdownTable, median, quantile, verdictOf } from './table.ts';

const line = (rounds: number[], goal: Line['goal']): Line => ({
  measure: 'P2',
  what: 'CPU of 100k events',
  unit: 's',
  goal,
  rounds,
});

test('the median of an even number of rounds lies between the two in the middle', () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([9, 1, 5])).toBe(5);
  expect(() => median([])).toThrow(RangeError);
});

test('a quantile lies between its neighbours in proportion', () => {
  expect(quantile([0, 10, 20, 30, 40], 0.99)).toBeCloseTo(39.6);
  expect(quantile([7], 0.99)).toBe(7);
});

test('a row passes when its median keeps the goal, whatever single rounds did', () => {
  expect(verdictOf(line([1, 2, 9], { atMost: 3 }))).toBe('pass');
  expect(verdictOf(line([1, 3.1, 9], { atMost: 3 }))).toBe('FAIL');
  expect(verdictOf(line([1, 2, 9], { atLeast: 2 }))).toBe('pass');
  expect(verdictOf(line([1, 2, 9], null))).toBe('');
});

test('the table shows goal, median, every round and the verdict', () => {
  expect(markdownTable([line([2.456, 123.4, 12.34], { atMost: 3 }), line([1], null)])).toBe(
    [
      '| # | measure | goal | median | rounds | |',
      '|---|---|---|---|---|---|',
      '| P2 | CPU of 100k events | ≤ 3 s | **12.3 s** | 2.46 123 12.3 | FAIL |',
      '| P2 | CPU of 100k events |  | 1.00 s | 1.00 |  |',
    ].join('\n'),
  );
});
