import { describe, expect, test } from 'vitest';
import { nextTryMs } from './notify-schedule.ts';

const day = { retryMs: 86_400_000, retryAfterMs: null };
const middle = (): number => 0.5;

describe('the next delivery of a completion event', () => {
  test.each([
    [1, 1_000],
    [2, 2_000],
    [5, 16_000],
    [12, 2_048_000],
    [13, 3_600_000],
    [500, 3_600_000],
  ])('after %i failures is %i ms away', (tries, expected) => {
    expect(nextTryMs(tries, 0, day, middle)).toBe(expected);
  });

  test('is no sooner than the receiver asks', () => {
    expect(nextTryMs(1, 0, { ...day, retryAfterMs: 90_000 }, middle)).toBe(90_000);
  });

  test('never lies behind the end of its time, and there is none when that is over', () => {
    expect(nextTryMs(13, 86_390_000, day, middle)).toBe(10_000);
    expect(nextTryMs(1, 0, { ...day, retryAfterMs: 1e12 }, middle)).toBe(86_400_000);
    expect(nextTryMs(13, 86_400_000, day, middle)).toBeNull();
  });

  test('is spread by up to a quarter', () => {
    expect([nextTryMs(3, 0, day, () => 0), nextTryMs(3, 0, day, () => 1)]).toEqual([3_000, 5_000]);
  });
});
