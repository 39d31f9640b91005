import { expect, test } from 'vitest';
import { busySeconds, cpuSecondsOf, parseStat, residentMegabytes } from './cpu.ts';

test('a program name with blanks and brackets does not shift the fields', () => {
  const stat = '4242 (node (a) b) S 1 4200 4200 0 -1 4194560 12 0 3 0 150 50 7 3 20 0 11 0 100 1000 20';
  expect(parseStat(stat)).toEqual({ group: 4200, cpuSeconds: 2.1 });
});

test('idle time, and time that waits for a disk, is no work', () => {
  expect(busySeconds('cpu  100 20 30 5000 700 4 6 0 0 0\ncpu0 1 2 3\n')).toBeCloseTo(1.6);
});

test('the kernel tells time and memory of this process', () => {
  const before = cpuSecondsOf(process.pid);
  const until = performance.now() + 60;
  while (performance.now() < until);
  expect(cpuSecondsOf(process.pid)).toBeGreaterThan(before);
  const { now, peak } = residentMegabytes(process.pid);
  expect(now).toBeGreaterThan(10);
  expect(peak).toBeGreaterThanOrEqual(now);
});
