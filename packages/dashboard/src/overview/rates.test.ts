import { expect, test } from 'vitest';
import { historyMs, ratePerSecond, rates, type Sample, withSample } from './rates.ts';

function samples(...counts: number[]): Sample[] {
  return counts.map((created, second) => ({ at: second * 1_000, totals: { created } }));
}

test('a rate needs two samples', () => {
  expect(ratePerSecond([], 'created')).toBeNull();
  expect(ratePerSecond(samples(100), 'created')).toBeNull();
  expect(ratePerSecond(samples(100, 150), 'created')).toBe(50);
});

test('a rate is of the last ten seconds', () => {
  const counts = [...Array.from({ length: 11 }, () => 0), 100, 200, 300, 400, 500, 600, 700, 800, 900, 1_000];
  expect(ratePerSecond(samples(...counts), 'created')).toBe(100);
});

test('a total that fell tells no rate', () => {
  expect(rates(samples(500, 600, 3), 'created')).toEqual([null, 100, null]);
});

test('a name that was never counted has the rate 0', () => {
  expect(ratePerSecond(samples(1, 2), 'duplicate')).toBe(0);
});

test('only the last two minutes are kept', () => {
  const kept = withSample(samples(1, 2, 3), { at: historyMs + 500, totals: {} });
  expect(kept.map((sample) => sample.at)).toEqual([1_000, 2_000, historyMs + 500]);
});
