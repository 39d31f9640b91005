import { expect, test } from 'vitest';
import { historyMs, rates, type Sample, withSample } from './rates.ts';

function samples(...counts: number[]): Sample[] {
  return counts.map((created, second) => ({ at: second * 1_000, totals: { created } }));
}

function perSecond(history: Sample[], name = 'created'): (number | null)[] {
  return rates(history, name).map((rate) => rate.perSecond);
}

test('a rate needs two samples', () => {
  expect(perSecond([])).toEqual([]);
  expect(perSecond(samples(100))).toEqual([null]);
  expect(perSecond(samples(100, 150))).toEqual([null, 50]);
});

test('a rate is of the last ten seconds', () => {
  const counts = Array.from({ length: 21 }, (_, second) => (second <= 10 ? 0 : (second - 10) * 100));
  expect(perSecond(samples(...counts)).at(-1)).toBe(100);
});

test('a total that fell tells no rate', () => {
  expect(perSecond(samples(500, 600, 3))).toEqual([null, 100, null]);
});

test('a name that was never counted has the rate 0', () => {
  expect(perSecond(samples(1, 2), 'duplicate')).toEqual([null, 0]);
});

test('only the last two minutes are kept', () => {
  const kept = withSample(samples(1, 2, 3), { at: historyMs + 500, totals: {} });
  expect(kept.map((sample) => sample.at)).toEqual([1_000, 2_000, historyMs + 500]);
});
