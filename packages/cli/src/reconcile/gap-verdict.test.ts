import { expect, test } from 'vitest';
import { concerns, judgeGap } from './gap-verdict.ts';

const hour = (n: number): number => Date.UTC(2026, 10, 22, n);
const gap = (from: number | null, to: number | null) => ({
  from: from === null ? null : new Date(hour(from)).toISOString(),
  to: to === null ? null : new Date(hour(to)).toISOString(),
});
const checked = { from: hour(2), to: hour(10) };
const range = { from: hour(0), to: hour(10) };

test.each([
  ['all of it was checked and stands', gap(3, 5), checked, [], 'complete'],
  ['it has no length: the cursor was refused inside the window', gap(5, 3), checked, [hour(4)], 'complete'],
  ['one of its events is missing', gap(3, 5), checked, [hour(4)], 'open'],
  ['an event right at its end is missing, which is not its own', gap(3, 5), checked, [hour(5)], 'complete'],
  ['it begins before the window', gap(1, 5), checked, [], 'open'],
  ['it ends behind the range', gap(3, 11), checked, [], 'open'],
  ['its beginning is not known', gap(null, 5), checked, [], 'open'],
  ['nothing was checked', gap(3, 5), null, [], 'open'],
] as const)('%s', (_what, record, stretch, unsettled, kind) => {
  expect(judgeGap(record, { range, checked: stretch, unsettled, hasPast: false }).kind).toBe(kind);
});

test('a person is sent to what helps', () => {
  const why = (of: ReturnType<typeof gap>, more: object): string =>
    judgeGap(of, { range, checked, unsettled: [], hasPast: false, ...more }).why;
  expect(why(gap(1, 5), {})).toContain('before the replay window');
  expect(why(gap(1, 5), { range: checked })).toBe('it begins before the range that was checked');
  expect(why(gap(null, 5), {})).toContain('cannot be read');
  expect(why(gap(null, 5), { hasPast: true })).toContain('`trunkline backfill audit`');
});

test('a record concerns the ranges that it touches', () => {
  const range = { from: hour(3), to: hour(5) };
  expect(concerns(gap(4, 6), range)).toBe(true);
  expect(concerns(gap(6, 4), range)).toBe(true);
  expect(concerns(gap(null, 4), range)).toBe(true);
  expect(concerns(gap(5, 6), range)).toBe(false);
  expect(concerns(gap(1, 2), range)).toBe(false);
});
