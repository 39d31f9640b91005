import { expect, it } from 'vitest';
import { intervalSchema } from './interval.ts';

it.each([
  ['2025-01-01T00:00:00Z/2025-01-02T00:00:00Z', 0, 86_400_000],
  ['2025-01-01T00:00:00.000Z/2025-01-01T00:00:00.250Z', 0, 250],
  ['2025-01-01T01:00+01:00/2025-01-01T00:01Z', 0, 60_000],
])('%s is an interval', (text, from, to) => {
  const start = Date.parse('2025-01-01T00:00:00Z');
  expect(intervalSchema.parse(text)).toEqual({ fromMs: start + from, toMs: start + to, text });
});

it.each([
  '',
  '2025-01-01T00:00:00Z',
  '2025-01-01/2025-01-02',
  '2025-01-01T00:00:00/2025-01-02T00:00:00',
  '2025-01-01T00:00:00Z/P1D',
  '2025-01-02T00:00:00Z/2025-01-01T00:00:00Z',
  '2025-01-01T00:00:00Z/2025-01-01T00:00:00Z',
  '2025-13-01T00:00:00Z/2025-14-01T00:00:00Z',
  '2025-01-01T00:00:00Z/2025-01-02T00:00:00Z/2025-01-03T00:00:00Z',
  '2025-01-01 00:00:00Z/2025-01-02 00:00:00Z',
])('"%s" is refused', (text) => {
  expect(intervalSchema.safeParse(text).success).toBe(false);
});
