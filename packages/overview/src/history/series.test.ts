import { expect, test } from 'vitest';
import type { Sample } from './sample.ts';
import { increases, levels, rates } from './series.ts';

const empty: Sample = {
  at: 0,
  received: 0,
  indexed: 0,
  duplicates: 0,
  deadLettered: 0,
  conversations: 0,
  bytes: 0,
  lagSeconds: null,
  waiting: 0,
  failed: 0,
};

function samples(...points: [seconds: number, indexed: number, lag?: number][]): Sample[] {
  return points.map(([seconds, indexed, lagSeconds = null as never]) => ({
    ...empty,
    at: seconds * 1_000,
    indexed,
    lagSeconds,
  }));
}

test('a rate is the change of a total over the time between two samples', () => {
  expect(rates(samples([0, 100], [10, 600], [30, 600]), 'indexed', 10_000)).toEqual([
    { at: 10_000, value: 50 },
    { at: 30_000, value: 0 },
  ]);
});

test('over a gap, and where Redis was emptied, no rate is known', () => {
  const values = rates(samples([0, 100], [60, 9_000], [70, 3], [80, 13]), 'indexed', 10_000);
  expect(values.map(({ value }) => value)).toEqual([null, null, 1]);
});

test('a line breaks where nobody sampled', () => {
  expect(levels(samples([0, 0, 3], [100, 0, 5]), 'lagSeconds', 10_000)).toEqual([
    { at: 0, value: 3 },
    { at: 90_000, value: null },
    { at: 100_000, value: 5 },
  ]);
});

test('increases are whole', () => {
  expect(increases(samples([0, 0], [10, 3]), 'indexed', 10_000)).toEqual([{ at: 10_000, value: 3 }]);
});
