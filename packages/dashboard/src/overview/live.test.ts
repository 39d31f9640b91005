import { EventEmitter } from 'node:events';
import type { Picture } from '@trunkline/overview';
import type { Response } from 'express';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { OverviewFeed } from './feed.ts';
import { LivePages } from './live.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A browser that takes what it is sent, unless it is told not to keep up. */
class Browser extends EventEmitter {
  writableNeedDrain = false;
  readonly got: { title: string; parts: Record<string, string> }[] = [];

  write(message: string): void {
    const data = /^event: overview\ndata: (.*)\n\n$/s.exec(message)?.[1] ?? '';
    this.got.push(JSON.parse(data) as (typeof this.got)[number]);
  }
}

function open(pages: LivePages): Browser {
  const browser = new Browser();
  pages.add(browser as unknown as Response, '1h');
  return browser;
}

let waiting = 0;
const read = vi.fn(
  async (): Promise<Picture> => ({
    takenAt: Date.now(),
    processes: [],
    streams: [],
    queues: [
      {
        name: 'audit-index',
        waiting,
        active: 0,
        delayed: 0,
        failed: 0,
        waitingForOthers: 0,
        paused: false,
      },
    ],
    totals: {},
    archive: { totals: {}, windows: [], failedSteps: [], heldBack: [] },
    deadLetters: { audit: null, archive: null },
  }),
);
const livePages = () => new LivePages(new OverviewFeed(read, { read: async () => [] }));

test('a page gets the whole at first, and then what has changed', async () => {
  const browser = open(livePages());
  await vi.advanceTimersByTimeAsync(2_000);
  waiting = 7;
  await vi.advanceTimersByTimeAsync(1_000);
  const [whole, calm, changed] = browser.got;
  expect(Object.keys(whole?.parts ?? {})).toEqual(expect.arrayContaining(['verdict', 'queues', 'processes']));
  expect(Object.keys(calm?.parts ?? {})).not.toContain('queues');
  expect(Object.keys(changed?.parts ?? {})).toEqual(expect.arrayContaining(['queues', 'as-of']));
  expect(Object.keys(changed?.parts ?? {})).not.toContain('verdict');
  browser.emit('close');
});

test('a page that does not keep up gets the whole when it can take it, and the others are not held up', async () => {
  const pages = livePages();
  const [slow, quick] = [open(pages), open(pages)];
  await vi.advanceTimersByTimeAsync(1_000);
  slow.writableNeedDrain = true;
  await vi.advanceTimersByTimeAsync(3_000);
  slow.writableNeedDrain = false;
  await vi.advanceTimersByTimeAsync(1_000);
  expect([slow.got.length, quick.got.length]).toEqual([2, 5]);
  expect(Object.keys(slow.got[1]?.parts ?? {})).toContain('verdict');
  expect(Object.keys(quick.got[4]?.parts ?? {})).not.toContain('verdict');
  for (const browser of [slow, quick]) browser.emit('close');
});

test('when the last page is closed nothing is read any more', async () => {
  const browser = open(livePages());
  await vi.advanceTimersByTimeAsync(1_000);
  browser.emit('close');
  const before = read.mock.calls.length;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(read.mock.calls.length).toBe(before);
  expect(vi.getTimerCount()).toBe(0);
});
