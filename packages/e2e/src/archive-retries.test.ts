import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { QueueName } from '@trunkline/contracts';
import { type ArchiveSystem, until, windowIdOf } from '@trunkline/test-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isUpload, s3Error, storedObjects } from './archive-s3-faults.ts';
import { expectArchivedOnce, startArchiveSystem } from './start-archive-system.ts';

let system: ArchiveSystem;
let daysAgo = 1;
const nextDay = (): string => system.day(++daysAgo);

beforeAll(async () => {
  system = await startArchiveSystem({ redactors: 0 });
  await system.addRedactor({}, 'refused-conversation');
  await system.archived(system.day(1));
});

afterAll(async () => {
  await system?.[Symbol.asyncDispose]();
});

test('a window that is planned again is done once', async () => {
  const day = nextDay();
  const held = system.faults.s3Http.intercept(isUpload, s3Error(503, 'SlowDown'));
  expect(await system.planned(day)).toMatchObject({ windows: 1, planned: 1 });
  await until('uploads are held up', () => held.struck > 0);
  expect(await system.planned(day)).toMatchObject({ windows: 1, planned: 0, alreadyDone: 0, underWay: 1 });
  held.stop();
  await system.archived(day);
  const before = await storedObjects(system);
  expect(await system.planned(day)).toMatchObject({ planned: 0, alreadyDone: 1 });
  await system.settled();
  expect(await storedObjects(system)).toEqual(before);
});

test('every job of a window, retried by hand when it is done, ends with the same objects', async () => {
  const day = nextDay();
  const windowId = windowIdOf(day);
  await system.planned(day);
  await system.archived(day);
  const before = { objects: await storedObjects(system), manifest: await system.manifest(day) };
  const jobs = await system.jobsOf(windowId);
  expect(new Set(jobs.map(({ queue }) => queue)).size).toBeGreaterThanOrEqual(6);
  // Those of a batch before those of its window, as a person would.
  const order: QueueName[] = ['archive-fetch', 'archive-redact', 'archive-upload', 'archive-window'];
  const rank = (queue: QueueName): number => (order.includes(queue) ? order.indexOf(queue) : order.length);
  for (const { job, state } of jobs.sort((one, other) => rank(one.queue) - rank(other.queue))) {
    if (state !== 'completed') continue;
    await job.retry('completed');
    await system.settled();
  }
  expect({ objects: await storedObjects(system), manifest: await system.manifest(day) }).toEqual(before);
  expect(await system.failed()).toEqual([]);
});

test('an answer that tells of no encryption counts for nothing: the uploads wait, and go on', async () => {
  const day = nextDay();
  const untold = system.faults.s3Http.intercept(isUpload, {
    kind: 'exchange',
    reply: (reply) => ({
      ...reply,
      headers: { ...reply.headers, 'x-amz-server-side-encryption': undefined },
    }),
  });
  await system.planned(day);
  await until('uploads are not believed', () => untold.struck > 0);
  expect(await system.manifests.exists({ id: windowIdOf(day) })).toBe(false);
  untold.stop();
  await system.archived(day);
});

test('a batch that is gone from the stage fails for good, retried or not, and planning the window again makes it anew', async () => {
  const day = nextDay();
  const windowId = windowIdOf(day);
  for (const redactor of system.redactors) await redactor.kill();
  await system.planned(day);
  await until('its batches are queued', async () =>
    (await system.jobsOf(windowId)).some(({ queue }) => queue === 'archive-window'),
  );
  const files = await readdir(path.join(system.stageFolder, 'windows', windowId), { recursive: true });
  for (const file of files.filter((name) => name.includes('b00002'))) {
    await rm(path.join(system.stageFolder, 'windows', windowId, file), { recursive: true, force: true });
  }
  for (const redactor of system.redactors) await redactor.start();
  const job = await system.untilFailed('archive-redact', windowId, 'STAGE_BLOB_MISSING');
  expect(job.failedReason).toContain(`Retry archive-fetch of ${windowId}`);
  await job.retry();
  await system.untilFailed('archive-redact', windowId, 'STAGE_BLOB_MISSING');
  expect(await system.planned(day)).toMatchObject({ planned: 0, underWay: 1 });
  await system.archived(day);
});

test('a redactor of another engine or key, midway, with Redis emptied: the earlier objects give way', async () => {
  const day = nextDay();
  let stored = 0;
  const outage = system.faults.s3Http.intercept(
    (request) => isUpload(request) && ++stored > 2,
    s3Error(503, 'SlowDown'),
  );
  await system.planned(day);
  await until('some batches are stored, and others not', () => outage.struck > 0);
  for (const redactor of system.redactors) {
    await redactor.kill();
    redactor.env['TOKENIZATION_KEY_ID'] = 'k2';
  }
  await system.emptyRedis();
  outage.stop();
  for (const redactor of system.redactors) await redactor.start();
  await system.planned(day);
  await system.archived(day);
  const { objects } = (await system.manifest(day)).manifest;
  expect(objects.map(({ keyId }) => keyId)).toEqual(objects.map(() => 'k2'));
  expect(Math.max(...objects.map(({ generation }) => generation))).toBe(2);
});

describe.each(['fetcher', 'redactor', 'uploader'] as const)(
  'a %s that is frozen for longer than its locks',
  (kind) => {
    test('and wakes does no harm to what another did meanwhile', async () => {
      const day = nextDay();
      const [frozen] = system.processesOf(kind);
      if (frozen === undefined) throw new Error(`No ${kind} runs.`);
      const other = await (kind === 'fetcher'
        ? system.addFetcher()
        : kind === 'redactor'
          ? system.addRedactor({ TOKENIZATION_KEY_ID: 'k2' })
          : system.addUploader());
      await other.untilReady();
      other.pause();
      // Bytes come slowly while the fetcher holds the window, and objects stay on their way.
      if (kind === 'fetcher')
        await system.genesys.addFaults({
          kind: 'stall',
          match: 'archives',
          bytes: 20_000,
          ms: 60_000,
          times: 1,
        });
      if (kind === 'uploader') system.faults.s3Http.intercept(isUpload, { kind: 'delay', ms: 3_000 }, 1);
      await system.planned(day);
      const queue =
        kind === 'fetcher' ? 'archive-fetch' : kind === 'redactor' ? 'archive-redact' : 'archive-upload';
      await until(
        `the ${kind} has a job in hand`,
        async () => (await system.queue(queue).getActiveCount()) > 0,
        { everyMs: 2 },
      );
      frozen.pause();
      other.resume();
      await system.archived(day);
      frozen.resume();
      await frozen.untilReady();
      await system.settled();
      await other.terminate();
    });
  },
);

test('conversations that cannot be redacted wait for a person, the others go on; a retry after the cause is mended stores them', async () => {
  const day = nextDay();
  await system.genesys.changeArchive({
    odd: ['without-id', { kind: 'not-object', value: 'true' }, 'deep', 'id-member', 'odd-transcripts'],
    at: `${day}T12:00:00.000Z`,
  });
  await system.planned(day);
  await system.archived(day);
  const [redactor] = system.redactors;
  await redactor?.terminate();
  await system.addRedactor({ TOKENIZATION_KEY_ID: 'k2' });
  const letters = await system.queue('archive-dead-letter').getFailed();
  expect(letters).toHaveLength(3);
  for (const letter of letters) await letter.retry();
  await until(
    'the one that was whole is stored',
    async () => (await system.manifest(day)).manifest.revision === 2,
  );
  await system.settled();
  await expectArchivedOnce(system, { deadLettered: 2, leftOvers: true });
  // They are refused again however often they are retried.
  expect(
    (await system.queue('archive-dead-letter').getFailed()).map(({ failedReason }) => failedReason),
  ).toEqual([
    expect.stringMatching(/^ARCHIVE_CONVERSATION_MALFORMED/),
    expect.stringMatching(/^ARCHIVE_CONVERSATION_MALFORMED/),
  ]);
});

test('what is erased is gone from every object, and the archive still verifies', async () => {
  const day = nextDay();
  await system.planned(day);
  await system.archived(day);
  const range = { from: `${day}T00:00:00.000Z`, to: `${system.day(daysAgo - 1)}T00:00:00.000Z` };
  const ids: string[] = [];
  for await (const { conversationId } of system.genesys.conversations({ ...range, media: ['voice'] })) {
    if (conversationId !== null) ids.push(conversationId);
  }
  const erased = ids.slice(0, 3);
  expect(erased).toHaveLength(3);
  await system.erase(...erased);
  await expectArchivedOnce(system, { deadLettered: 2, erased: 3, leftOvers: true });
  for (const [key] of Object.entries(await storedObjects(system))) expect(key).not.toContain(erased[0]);
});
