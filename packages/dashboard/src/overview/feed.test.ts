import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { OverviewFeed, type OverviewState } from './feed.ts';
import type { Snapshot } from './snapshot.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function snapshot(): Snapshot {
  const archive = { totals: {}, windows: [], failedSteps: [] };
  return { takenAt: Date.now(), processes: [], streams: [], queues: [], totals: { created: 1 }, archive };
}

test('however many pages are open, the state is read once a second; without a page never', async () => {
  let reads = 0;
  const feed = new OverviewFeed(async () => {
    reads += 1;
    return snapshot();
  });
  const seen: OverviewState[] = [];
  const closeFirst = feed.subscribe((state) => seen.push(state));
  const closeSecond = feed.subscribe((state) => seen.push(state));
  await vi.advanceTimersByTimeAsync(3_000);
  expect([reads, seen.length]).toEqual([3, 6]);
  closeFirst();
  await vi.advanceTimersByTimeAsync(1_000);
  expect([reads, seen.length]).toEqual([4, 7]);
  closeSecond();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(reads).toBe(4);
  expect(vi.getTimerCount()).toBe(0);
});

test('a page that is opened beside others costs no further reading', async () => {
  const read = vi.fn(async () => snapshot());
  const feed = new OverviewFeed(read);
  await feed.now();
  await feed.now();
  expect(read).toHaveBeenCalledOnce();
});

test('a reading that does not end is told of, with the last known state', async () => {
  let away = false;
  const feed = new OverviewFeed(() => (away ? new Promise(() => {}) : Promise.resolve(snapshot())));
  const before = await feed.now();
  expect(before.readable).toBe(true);
  away = true;
  vi.advanceTimersByTime(2_000);
  const answer = feed.now();
  await vi.advanceTimersByTimeAsync(3_000);
  expect(await answer).toMatchObject({ readable: false, snapshot: before.snapshot });
});

test('a reading that fails is told of, and the next one that succeeds too', async () => {
  let fails = true;
  const feed = new OverviewFeed(async () => {
    if (fails) throw new Error('Redis is loading');
    return snapshot();
  });
  expect((await feed.now()).readable).toBe(false);
  fails = false;
  expect((await feed.now()).readable).toBe(true);
});
