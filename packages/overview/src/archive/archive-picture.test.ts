import { archiveWindowAt } from '@trunkline/contracts';
import { expect, test } from 'vitest';
import { failedStepOf, windowsOf } from './archive-picture.ts';

function line(windowId: string, status: string, at: string): string {
  return JSON.stringify({
    windowId,
    from: '2026-11-21T00:00:00.000Z',
    to: '2026-11-22T00:00:00.000Z',
    status,
    conversations: status === 'SUCCESS' ? 3 : null,
    bytes: null,
    cost: null,
    integrity: null,
    at,
  });
}

test('a window that failed and was archived later stands there once, as it is now', () => {
  const windows = windowsOf([
    line('BATCH_20261121', 'SUCCESS', '2026-11-22T03:00:00.000Z'),
    line('BATCH_20261120', 'SUCCESS', '2026-11-22T02:00:00.000Z'),
    line('BATCH_20261121', 'FAILURE', '2026-11-22T01:00:00.000Z'),
  ]);
  expect(windows.map(({ windowId, status }) => [windowId, status])).toEqual([
    ['BATCH_20261121', 'SUCCESS'],
    ['BATCH_20261120', 'SUCCESS'],
  ]);
});

test('what is no line of ours is left out', () => {
  expect(windowsOf(['', '{', '[]', '{"windowId":"Jane Doe"}', 'null'])).toEqual([]);
});

test('a failed job tells its window and its code, and nothing of its message', () => {
  const job = {
    data: {
      v: 1,
      window: archiveWindowAt(Date.parse('2026-11-21T00:00:00Z'), 86_400_000, ['voice', 'chat']),
    },
    failedReason: 'ARCHIVE_DIGEST_MISMATCH: The bytes of BATCH_20261121 are not those that were stated.',
    finishedOn: 1_764_000_000_000,
  };
  expect(failedStepOf('archive-fetch', 'BATCH_20261121', job)).toEqual({
    windowId: job.data.window.id,
    queue: 'archive-fetch',
    jobId: 'BATCH_20261121',
    code: 'ARCHIVE_DIGEST_MISMATCH',
    failedAt: 1_764_000_000_000,
  });
});

test.each([['CONSTRUCTOR: jane@example.org'], ['constructor: jane'], ['Jane called'], ['']])(
  'a reason without a code of ours is unforeseen: %j',
  (failedReason) => {
    const step = failedStepOf('archive-upload', '1', {
      data: { window: { id: 'Jane' } },
      failedReason,
    } as never);
    expect(step).toEqual({
      windowId: 'not known',
      queue: 'archive-upload',
      jobId: '1',
      code: null,
      failedAt: null,
    });
  },
);
