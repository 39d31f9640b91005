import type { Picture, Sample } from '@trunkline/overview';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { OverviewFeed, type OverviewState } from './feed.ts';
import { rateNow } from './rate-now.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function picture(created = 1): Picture {
  return {
    takenAt: Date.now(),
    processes: [],
    streams: [],
    queues: [],
    totals: { created },
    archive: { totals: {}, windows: [], failedSteps: [], heldBack: [] },
    deadLetters: { audit: null, archive: null },
  };
}

const noHistory = { read: async (): Promise<Sample[]> => [] };

test('however many pages are open, the state is read once a second; without a page never', async () => {
  let reads = 0;
  const feed = new OverviewFeed(async () => {
    reads += 1;
    return picture();
  }, noHistory);
  const seen: OverviewState[] = [];
  const closings = Array.from({ length: 50 }, () => feed.subscribe((state) => seen.push(state)));
  await vi.advanceTimersByTimeAsync(3_000);
  expect([reads, seen.length]).toEqual([3, 150]);
  for (const close of closings.slice(1)) close();
  await vi.advanceTimersByTimeAsync(1_000);
  expect([reads, seen.length]).toEqual([4, 151]);
  closings[0]?.();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(reads).toBe(4);
  expect(vi.getTimerCount()).toBe(0);
});

test('a page that is opened beside others costs no further reading, of the state or of samples', async () => {
  const read = vi.fn(async () => picture());
  const history = { read: vi.fn(noHistory.read) };
  const feed = new OverviewFeed(read, history);
  await feed.now();
  await feed.now();
  await Promise.all([feed.samples('1h'), feed.samples('1h'), feed.samples('6h')]);
  expect(read).toHaveBeenCalledOnce();
  expect(history.read.mock.calls).toEqual([['1h'], ['6h']]);
});

test('a rate is of the last ten seconds', async () => {
  let created = 0;
  const feed = new OverviewFeed(async () => {
    created += 100;
    return picture(created);
  }, noHistory);
  const states: OverviewState[] = [];
  const close = feed.subscribe((state) => states.push(state));
  await vi.advanceTimersByTimeAsync(30_000);
  close();
  expect(states.at(0) && rateNow(states[0] as OverviewState, 'created')).toBeNull();
  expect(rateNow(states.at(-1) as OverviewState, 'created')).toBeCloseTo(100);
  expect(states.at(-1)?.recent.length).toBeLessThan(15);
});

test('a reading that does not end is told of, with the last known state', async () => {
  let away = false;
  const read = () => (away ? new Promise<Picture>(() => {}) : Promise.resolve(picture()));
  const feed = new OverviewFeed(read, noHistory);
  const before = await feed.now();
  expect(before.readable).toBe(true);
  away = true;
  vi.advanceTimersByTime(2_000);
  const answer = feed.now();
  await vi.advanceTimersByTimeAsync(3_000);
  const { readable, verdict, picture: known } = await answer;
  expect([readable, verdict.level, known]).toEqual([false, 'bad', before.picture]);
});

test('a reading that fails is told of, and the next one that succeeds too', async () => {
  let fails = true;
  const feed = new OverviewFeed(async () => {
    if (fails) throw new Error('Redis is loading');
    return picture();
  }, noHistory);
  expect((await feed.now()).readable).toBe(false);
  fails = false;
  await vi.advanceTimersByTimeAsync(1_000);
  expect((await feed.now()).readable).toBe(true);
});

test('with Redis away the samples that are known are shown at once', async () => {
  let away = false;
  const sample = { at: 1 } as Sample;
  const feed = new OverviewFeed(
    () => (away ? Promise.reject(new Error('away')) : Promise.resolve(picture())),
    { read: () => (away ? new Promise(() => {}) : Promise.resolve([sample])) },
  );
  await feed.now();
  expect(await feed.samples('1h')).toEqual([sample]);
  away = true;
  await vi.advanceTimersByTimeAsync(10_000);
  await feed.now();
  expect(await feed.samples('1h')).toEqual([sample]);
  expect(await feed.samples('6h')).toEqual([]);
});
