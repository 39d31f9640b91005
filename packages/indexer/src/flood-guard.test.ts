import { expect, test } from 'vitest';
import { FloodGuard } from './flood-guard.ts';

test('a cluster that refuses batch after batch is told from single bad events', () => {
  const guard = new FloodGuard(3, 50);
  expect([guard.refusedWholly(20), guard.refusedWholly(20), guard.refusedWholly(20)]).toEqual([
    false,
    false,
    true,
  ]);
  expect(guard.refusedWholly(1)).toBe(true);
  guard.accepted();
  expect(guard.refusedWholly(100)).toBe(false);
});

test('bad events that come one by one are no flood', () => {
  const guard = new FloodGuard(3, 50);
  expect(Array.from({ length: 49 }, () => guard.refusedWholly(1))).toEqual(Array(49).fill(false));
});
