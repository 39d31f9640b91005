import type { FaultInput } from '@trunkline/simulator';
import { type ArchiveSystem, until, windowIdOf } from '@trunkline/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { impatient } from './chaos/faults.ts';
import { expectArchivedOnce, startArchiveSystem } from './start-archive-system.ts';

let system: ArchiveSystem;
/** Each fault has a day of its own. */
let daysAgo = 1;

beforeAll(async () => {
  system = await startArchiveSystem({
    simulator: { archiveConversations: 24 },
    settings: { GENESYS_RATE_PER_SECOND: '50', ...impatient },
  });
  await system.archived(system.day(1));
});

afterAll(async () => {
  await system?.[Symbol.asyncDispose]();
});

async function struck(...ids: number[]): Promise<void> {
  let found = await system.genesys.faults();
  await until(
    'the fault has struck',
    async () => {
      found = await system.genesys.faults();
      return found
        .filter(({ id }) => ids.includes(id))
        .every(({ struck, fault }) => (fault.times === null ? struck > 0 : struck === fault.times));
    },
    { told: async () => `Struck: ${JSON.stringify(found)} ${await system.told()}` },
  );
}

const passing: { faults: FaultInput[] }[] = [
  { faults: [{ kind: 'rate-limit', match: 'archives', times: 1, retryAfterSeconds: 1 }] },
  { faults: [{ kind: 'status', match: 'archives', times: 2, status: 503 }] },
  { faults: [{ kind: 'unauthorized', match: 'archives', times: 1 }] },
  { faults: [{ kind: 'html-200', match: 'archives', times: 1 }] },
  { faults: [{ kind: 'reset', match: 'archives', times: 2 }] },
  { faults: [{ kind: 'reset-mid-body', times: 2, match: 'archives' }] },
  { faults: [{ kind: 'cut', times: 1, match: 'archives' }] },
  { faults: [{ kind: 'slow-body', times: 1, match: 'archives', durationMs: 500 }] },
  { faults: [{ kind: 'stall', times: 1, match: 'archives', bytes: 5_000, ms: 20_000 }] },
  // Behind an interruption: what it goes on with is not what it began.
  {
    faults: [
      { kind: 'reset-mid-body', times: 1, match: 'archives' },
      { kind: 'range-ignored', times: 1 },
    ],
  },
  {
    faults: [
      { kind: 'reset-mid-body', times: 1, match: 'archives' },
      { kind: 'archive-rewritten', times: 1, after: 1 },
    ],
  },
  {
    faults: [
      { kind: 'reset-mid-body', times: 1, match: 'archives' },
      { kind: 'new-etag', times: 1, after: 1 },
    ],
  },
  { faults: [{ kind: 'layout', times: 1, layout: 'pretty' }] },
  { faults: [{ kind: 'no-length', times: 1 }] },
  { faults: [{ kind: 'wrong-length', times: 1 }] },
];

test.for(passing)('%j loses nothing', async ({ faults }) => {
  const day = system.day(++daysAgo);
  const ids = await system.genesys.addFaults(...faults);
  await system.planned(day);
  await struck(...ids);
  await system.genesys.clearFaults();
  await system.archived(day);
});

const failing: { fault: FaultInput; code: string }[] = [
  { fault: { kind: 'wrong-digest', times: 1 }, code: 'ARCHIVE_DIGEST_MISMATCH' },
  // It has not healed at the first retry.
  { fault: { kind: 'wrong-digest', header: 'repr-digest' }, code: 'ARCHIVE_DIGEST_MISMATCH' },
  { fault: { kind: 'other-bytes', times: 1 }, code: 'ARCHIVE_DIGEST_MISMATCH' },
  { fault: { kind: 'truncate', match: 'archives', times: 1 }, code: 'ARCHIVE_DIGEST_MISMATCH' },
  { fault: { kind: 'broken-json', times: 1 }, code: 'ARCHIVE_NOT_JSON' },
  { fault: { kind: 'truncated-json', times: 1 }, code: 'ARCHIVE_NOT_JSON' },
];

test.for(failing)(
  '$fault.kind fails the window with $code, passes nothing on, and a retry by hand archives it once it is mended',
  async ({ fault, code }) => {
    const day = system.day(++daysAgo);
    const windowId = windowIdOf(day);
    await system.genesys.addFaults(fault);
    await system.planned(day);
    const job = await system.untilFailed('archive-fetch', windowId, code);
    if (code === 'ARCHIVE_DIGEST_MISMATCH') expect(job.failedReason.match(/[0-9a-f]{64}/g)).toHaveLength(2);
    expect((await system.jobsOf(windowId)).map(({ queue }) => queue).sort()).toEqual([
      'archive-compliance',
      'archive-fetch',
    ]);
    if (fault.times === undefined) {
      await job.retry();
      await until(
        'it has failed again',
        async () => (await system.queue('archive-fetch').getJob(windowId))?.attemptsStarted === 2,
      );
      await system.untilFailed('archive-fetch', windowId, code);
    }
    await system.genesys.clearFaults();
    await (await system.queue('archive-fetch').getJob(windowId))?.retry();
    await system.archived(day);
  },
);

test('without the permission the window waits, the reason is told, and it goes on when it is granted', async () => {
  const day = system.day(++daysAgo);
  await system.genesys.setMissingPermissions('analytics:conversation:read');
  await system.planned(day);
  expect(await system.fetchers[0]?.untilProblem(/analytics:conversation/)).toMatch(/permission|scope|grant/i);
  await system.genesys.setMissingPermissions();
  // It would come again by itself, after five minutes.
  await system.promote('archive-fetch');
  await system.archived(day);
});

test('after all of them every conversation is archived once', async () => {
  await expectArchivedOnce(system);
});
