import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Valve } from './valve.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('notices an outage without any work, and its end', async () => {
  let open = true;
  const told: string[] = [];
  const valve = new Valve({
    mayRun: async () => open,
    pollMs: 1_000,
  });
  valve.attach({ pause: () => told.push('pause'), resume: () => told.push('resume') });
  await valve.start();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(told).toEqual([]);
  open = false;
  await vi.advanceTimersByTimeAsync(5_000);
  expect(told).toEqual(['pause']);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(told).toEqual(['pause']);
  open = true;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(told).toEqual(['pause', 'resume']);
  await valve.stop();
  expect(vi.getTimerCount()).toBe(0);
});
