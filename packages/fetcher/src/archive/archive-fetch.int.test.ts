import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { ARCHIVE_COMPLIANCE, ARCHIVE_REDACT, ARCHIVE_UPLOAD, archivedWindowsKey } from '@trunkline/contracts';
import { bullConnection, queuePrefix, readHeartbeats, readTotals } from '@trunkline/service';
import { type Job, UnrecoverableError, Worker } from 'bullmq';
import { describe, expect, it } from 'vitest';
import { aDay, TestArchive } from './archive.fixture.ts';
import { arrayOf, conversations, sha256 } from './archive-server.fixture.ts';

/** 20 MB: two full chunks and a rest. */
const large = conversations(2_000, 10_000);

describe('a window', () => {
  it('becomes batches and one flow, with nothing left of its download', async () => {
    await using archive = await TestArchive.start();
    const texts = conversations(7);
    const body = arrayOf(texts);
    archive.server.pages = [{ body }];
    await archive.run({ ARCHIVE_BATCH_CONVERSATIONS: '3', ARCHIVE_PAGE_SIZE: '50' });
    await archive.queueFetch();
    const job = await archive.fetchIs('completed');
    expect(await archive.batches()).toEqual([texts.slice(0, 3), texts.slice(3, 6), texts.slice(6)]);
    expect(await archive.uploads()).toBe(3);
    const source = { pages: 1, bytes: body.length, sha256: sha256(body), integrity: 'verified' };
    const flow = sha256(body).slice(0, 12);
    expect(job.returnvalue).toEqual({
      result: 'fetched',
      flow,
      batches: 3,
      conversations: 7,
      missingTexts: 0,
      source,
    });
    const [window] = await archive.windowJobs();
    expect(window?.id).toBe(`${aDay.id}-${flow}`);
    expect(window?.data).toMatchObject({
      flow,
      source,
      batches: 3,
      conversations: 7,
      storageClass: 'STANDARD_IA',
    });
    expect(await archive.staged()).toHaveLength(4); // three batches and the note of the flow
    const [request] = archive.server.requests;
    expect(request?.headers).toMatchObject({
      'x-genesys-storage-class': 'STANDARD_IA',
      authorization: 'Bearer token-1',
    });
    expect(JSON.parse(request?.body ?? '')).toEqual({
      from: aDay.from,
      to: aDay.to,
      size: 100,
      filter: [
        { type: 'in', clause: 'mediaType=chat' },
        { type: 'in', clause: 'mediaType=voice' },
      ],
    });
  });

  it('without conversations becomes a flow without batches', async () => {
    await using archive = await TestArchive.start();
    await archive.run();
    await archive.queueFetch();
    await archive.fetchIs('completed');
    expect(await archive.uploads()).toBe(0);
    const [window] = await archive.windowJobs();
    expect(window?.data).toMatchObject({ batches: 0, conversations: 0 });
    expect(await window?.getState()).toBe('waiting');
  });

  it('of several pages is one source', async () => {
    await using archive = await TestArchive.start();
    const bodies = [conversations(2), [], conversations(3, 100, 2)].map(arrayOf);
    archive.server.pages = bodies.map((body) => ({ body }));
    await archive.run();
    await archive.queueFetch();
    const { returnvalue } = await archive.fetchIs('completed');
    expect(archive.server.requests.map(({ page }) => page)).toEqual([1, 2, 3]);
    expect(await archive.batches()).toEqual([[...conversations(2), ...conversations(3, 100, 2)]]);
    const list = bodies.map((body) => `${sha256(body)}\n`).join('');
    expect(returnvalue.source).toMatchObject({
      pages: 3,
      sha256: createHash('sha256').update(list).digest('hex'),
    });
  });

  it('with a conversation that is larger than any batch loses none', async () => {
    await using archive = await TestArchive.start();
    const texts = [...conversations(2), ...conversations(1, 20_000_000, 2), ...conversations(2, 10, 3)];
    archive.server.pages = [{ body: arrayOf(texts) }];
    await archive.run();
    await archive.queueFetch();
    await archive.fetchIs('completed');
    const batches = await archive.batches();
    expect(batches.map((batch) => batch.length)).toEqual([2, 1, 2]);
    expect(batches.flat()).toEqual(texts);
  });

  it.each([
    ['no digest', {}, 'unverified'],
    [
      'X-Checksum-Sha256 alone',
      { 'x-checksum-sha256': sha256(arrayOf(conversations(2))).toUpperCase() },
      'verified',
    ],
    ['a digest that cannot be read', { 'repr-digest': 'sha-256=:short:' }, 'unverified'],
  ])('with %s is %s', async (_name, headers, integrity) => {
    await using archive = await TestArchive.start();
    archive.server.pages = [{ body: arrayOf(conversations(2)), headers }];
    await archive.run();
    await archive.queueFetch();
    expect((await archive.fetchIs('completed')).returnvalue.source.integrity).toBe(integrity);
  });

  it('that is done is not fetched', async () => {
    await using archive = await TestArchive.start();
    await archive.complete(aDay);
    await archive.run();
    await archive.queueFetch();
    expect((await archive.fetchIs('completed')).returnvalue).toEqual({ result: 'done' });
    expect(archive.server.requests).toEqual([]);
  });
});

describe('a download that breaks off', () => {
  it('goes on where it was', async () => {
    await using archive = await TestArchive.start();
    const body = arrayOf(large);
    archive.server.pages = [{ body }];
    archive.server.misbehave = (_request, nth) => (nth <= 3 ? { cutAfter: 6_000_000 } : null);
    await archive.run();
    await archive.queueFetch();
    await archive.fetchIs('completed');
    expect((await archive.batches()).flat()).toEqual(large);
    const ranges = archive.server.requests.map(({ headers }) => headers.range);
    expect(ranges[0]).toBeUndefined();
    for (const range of ranges.slice(1)) expect(range).toMatch(/^bytes=[1-9]\d*-$/);
    expect((await archive.fetchJob()).attemptsMade).toBe(1);
  });

  it('begins again where the source changed meanwhile', async () => {
    await using archive = await TestArchive.start();
    archive.server.pages = [{ body: arrayOf(conversations(50_000)) }];
    const other = conversations(50_000, 220, 50_000);
    archive.server.misbehave = (_request, nth) => {
      if (nth === 1) return { cutAfter: 9_000_000 };
      archive.server.pages = [{ body: arrayOf(other) }];
      return null;
    };
    await archive.run();
    await archive.queueFetch();
    await archive.fetchIs('completed');
    expect((await archive.batches()).flat()).toEqual(other);
  });

  it.each([
    ['the server answers a range with the whole', undefined],
    ['there is no entity tag', null],
    ['the entity tag is weak', 'W/"1"'],
  ])('begins again where %s', async (_name, etag) => {
    await using archive = await TestArchive.start();
    const body = arrayOf(large);
    archive.server.pages = [{ body, ...(etag === undefined ? {} : { etag }) }];
    archive.server.misbehave = (_request, nth) => (nth === 1 ? { cutAfter: 9_000_000 } : 'ignore-range');
    await archive.run();
    await archive.queueFetch();
    const job = await archive.fetchIs('completed');
    expect((await archive.batches()).flat()).toEqual(large);
    expect(job.returnvalue.source.sha256).toBe(sha256(body));
  });

  it('and comes no further is given up for this attempt', async () => {
    await using archive = await TestArchive.start();
    archive.server.pages = [{ body: arrayOf(conversations(100)), etag: null }];
    archive.server.misbehave = () => ({ cutAfter: 500 });
    await archive.run();
    await archive.queueFetch(aDay, 1);
    const job = await archive.fetchIs('failed');
    expect(job.failedReason).toMatch(/ARCHIVE_DOWNLOAD_INTERRUPTED|was interrupted 10 times in a row/);
    expect(await archive.windowJobs()).toEqual([]);
  });
});

describe('an archive that is not what it should be', () => {
  it('with a wrong digest fails with both, and is fetched when the source is mended and a person retries', async () => {
    await using archive = await TestArchive.start();
    const body = arrayOf(large);
    const broken = Buffer.from(body);
    broken[1_000] = 0x20;
    // The tag and the digest stay the same when it is mended: nothing of what was read may be adopted.
    const etag = '"same"';
    archive.server.pages = [{ body: broken, etag, headers: { 'x-checksum-sha256': sha256(body) } }];
    await archive.run();
    await archive.queueFetch();
    const job = await archive.fetchIs('failed');
    expect(job.failedReason).toContain('ARCHIVE_DIGEST_MISMATCH');
    expect(job.failedReason).toContain(sha256(body));
    expect(job.failedReason).toContain(sha256(broken));
    expect(job.attemptsMade).toBe(1);
    expect(await archive.windowJobs()).toEqual([]);
    expect(await archive.queue(ARCHIVE_REDACT).count()).toBe(0);
    expect((await archive.staged()).filter((name) => name.includes('/batches/'))).toEqual([]);

    const [record] = await archive.queue(ARCHIVE_COMPLIANCE).getJobs(['waiting']);
    expect(record?.data).toMatchObject({
      recordId: `${aDay.id}-FAILURE-archive-fetch-${aDay.id}-1`,
      status: 'FAILURE',
      checksum: sha256(broken),
      errorCode: 'ARCHIVE_DIGEST_MISMATCH',
    });
    const shown = await archive.redis.lrange(archivedWindowsKey(archive.deployment), 0, -1);
    expect(shown.map((line) => JSON.parse(line))).toEqual([expect.objectContaining({ status: 'FAILURE' })]);
    await expect
      .poll(async () => (await readTotals(archive.redis, archive.deployment, 'archive')).windowsFailed)
      .toBe(1);

    archive.server.pages = [{ body, etag, headers: { 'x-checksum-sha256': sha256(body) } }];
    await job.retry();
    await archive.fetchIs('completed');
    expect(archive.server.requests.map(({ headers }) => headers.range)).toEqual([undefined, undefined]);
    expect((await archive.batches()).flat()).toEqual(large);
  });

  it('with two digests that differ is not read', async () => {
    await using archive = await TestArchive.start();
    const body = arrayOf(conversations(2));
    const right = Buffer.from(sha256(body), 'hex').toString('base64');
    const headers = { 'repr-digest': `sha-256=:${right}:`, 'x-checksum-sha256': 'cd'.repeat(32) };
    archive.server.pages = [{ body, headers }];
    await archive.run();
    await archive.queueFetch();
    const job = await archive.fetchIs('failed');
    expect(job.failedReason).toContain('ARCHIVE_DIGEST_MISMATCH');
    expect(job.failedReason).toContain('cd'.repeat(32));
  });

  it('and no JSON names the byte, and is fetched when it is mended and a person retries', async () => {
    await using archive = await TestArchive.start();
    const texts = conversations(3);
    const first = { body: arrayOf(conversations(1, 10, 9)) };
    archive.server.pages = [first, { body: Buffer.from(`[${texts.join('')}]`), etag: '"same"', headers: {} }];
    await archive.run();
    await archive.queueFetch();
    const job = await archive.fetchIs('failed');
    expect(job.failedReason).toContain(`ARCHIVE_NOT_JSON: Page 2 of ${aDay.id}`);
    expect(job.failedReason).toContain(`at byte ${(texts[0]?.length ?? 0) + 1}`);
    expect(job.failedReason).not.toContain('speaks');
    expect(await archive.windowJobs()).toEqual([]);

    archive.server.pages = [first, { body: arrayOf(texts), etag: '"same"', headers: {} }];
    await job.retry();
    await archive.fetchIs('completed');
    expect((await archive.batches()).flat()).toEqual([...conversations(1, 10, 9), ...texts]);
    // The page that was in order did not come again.
    expect(archive.server.requests.map(({ page }) => page)).toEqual([1, 2, 2]);
  });
});

describe('a source that refuses', () => {
  it('for want of a permission parks the job and names it', async () => {
    await using archive = await TestArchive.start();
    archive.server.misbehave = () => ({ status: 403, body: '{"code":"missing.permissions"}' });
    const { service } = await archive.run();
    await archive.queueFetch();
    const job = await archive.fetchIs('delayed');
    expect(job.attemptsMade).toBe(0);
    expect(service.health.problems().join()).toMatch(/analytics:conversationDetail:view/);
    expect(service.health.problems().join()).toMatch(/analytics:conversation:read/);
  });

  it('for an hour parks the job, and holds no worker', async () => {
    await using archive = await TestArchive.start();
    archive.server.misbehave = () => ({ status: 429, headers: { 'retry-after': '3600' } });
    const { service } = await archive.run({ ARCHIVE_FETCH_CONCURRENCY: '1' });
    await archive.queueFetch();
    const job = await archive.fetchIs('delayed');
    expect(job.attemptsMade).toBe(0);
    expect(job.delay).toBeGreaterThan(3_500_000);
    expect(service.health.problems().join()).toMatch(/ARCHIVE_PAGE_SIZE.*next attempt is made at/);
    const shown = async () => (await readHeartbeats(archive.redis, archive.deployment))[0]?.facts;
    const until = async () => Date.parse(String((await shown())?.['archivePausedUntil']));
    await expect.poll(until).toBeGreaterThan(Date.now() + 3_500_000);
    // Another window is taken up at once, finds the pause, and is parked without a request.
    const next = { ...aDay, id: 'BATCH_20260106' };
    await archive.queueFetch(next);
    await archive.fetchIs('delayed', next);
    expect(archive.server.requests).toHaveLength(1);
  });

  it('for a moment is waited for', async () => {
    await using archive = await TestArchive.start();
    archive.server.misbehave = (_request, nth) =>
      nth === 1 ? { status: 429, headers: { 'retry-after': '1' } } : nth === 2 ? { status: 503 } : null;
    await archive.run();
    await archive.queueFetch();
    expect((await archive.fetchIs('completed')).attemptsMade).toBe(1);
    expect(archive.server.requests).toHaveLength(3);
  });

  it('because the window has not ended by its clock yet is asked later', async () => {
    await using archive = await TestArchive.start();
    archive.server.pages = [
      { body: arrayOf(conversations(2)), headers: { date: 'Mon, 05 Jan 2026 23:59:00 GMT' } },
    ];
    await archive.run();
    await archive.queueFetch();
    const job = await archive.fetchIs('delayed');
    expect(job.attemptsMade).toBe(0);
    expect(await archive.windowJobs()).toEqual([]);
  });
});

describe('a fetch that runs twice', () => {
  it('adds its flow once', async () => {
    await using archive = await TestArchive.start();
    archive.server.pages = [{ body: arrayOf(conversations(5)) }];
    await archive.run({ ARCHIVE_BATCH_CONVERSATIONS: '2' });
    await archive.queueFetch();
    const first = await archive.fetchIs('completed');
    await first.remove();
    await archive.queueFetch();
    const second = await archive.fetchIs('completed');
    expect(second.returnvalue).toEqual({ result: 'under-way', flow: first.returnvalue.flow });
    expect(archive.server.requests).toHaveLength(1);
    expect(await archive.windowJobs()).toHaveLength(1);
    expect(await archive.uploads()).toBe(3);
  });

  it('at once, as when a stalled one wakes, adds its flow once too', async () => {
    await using archive = await TestArchive.start();
    archive.server.pages = [{ body: arrayOf(conversations(5)) }];
    await archive.run({ ARCHIVE_BATCH_CONVERSATIONS: '2', ARCHIVE_FETCH_CONCURRENCY: '4' });
    // The same window under other ids of jobs: nothing keeps these apart but the flow.
    const queued = Array.from({ length: 4 }, async (_, index) => {
      await archive.queueFetch({ ...aDay, id: aDay.id });
      const job = await archive.fetchJob();
      return archive.queue('archive-fetch').add('window', job.data, { jobId: `again-${index}`, attempts: 8 });
    });
    await Promise.all(queued);
    await expect.poll(() => archive.queue('archive-fetch').getCompletedCount()).toBe(5);
    expect(await archive.windowJobs()).toHaveLength(1);
    expect(await archive.uploads()).toBe(3);
    expect((await archive.batches()).flat()).toEqual(conversations(5));
  });

  it('makes the flow anew where a batch of it was found damaged', async () => {
    await using archive = await TestArchive.start();
    archive.server.pages = [{ body: arrayOf(conversations(5)) }];
    await archive.run({ ARCHIVE_BATCH_CONVERSATIONS: '2' });
    await archive.queueFetch();
    const first = await archive.fetchIs('completed');
    const [before] = (await archive.queue(ARCHIVE_REDACT).getWaiting()) as Job[];
    const redactor = new Worker(ARCHIVE_REDACT, null, {
      connection: bullConnection(archive.redis),
      prefix: queuePrefix(archive.deployment, ARCHIVE_REDACT),
    });
    const [job] = [await redactor.getNextJob('token')];
    await job?.moveToFailed(new UnrecoverableError('STAGE_BLOB_UNREADABLE: in a test'), 'token');
    await redactor.close();
    await first.remove();
    await archive.queueFetch();
    expect((await archive.fetchIs('completed')).returnvalue.result).toBe('fetched');
    const again = (await archive.queue(ARCHIVE_REDACT).getWaiting()) as Job[];
    expect(again).toHaveLength(3);
    expect(again.map(({ data }) => data.source.name)).not.toContain(before?.data.source.name);
    expect(await archive.queue(ARCHIVE_REDACT).getFailedCount()).toBe(0);
  });

  it('makes the flow anew where the stage has lost what it needs', async () => {
    await using archive = await TestArchive.start();
    archive.server.pages = [{ body: arrayOf(conversations(5)) }];
    const running = await archive.run({ ARCHIVE_BATCH_CONVERSATIONS: '2' });
    await archive.queueFetch();
    const first = await archive.fetchIs('completed');
    const [broken] = await archive.windowJobs();
    await running.stop();
    await rm(`${archive.folder}/stage`, { recursive: true });
    await archive.run({ ARCHIVE_BATCH_CONVERSATIONS: '2' });
    await first.remove();
    await archive.queueFetch();
    expect((await archive.fetchIs('completed')).returnvalue.result).toBe('fetched');
    const windows = await archive.windowJobs();
    expect(windows.map(({ id }) => id)).toEqual([broken?.id]);
    expect((await archive.batches()).flat()).toEqual(conversations(5));
    expect(await archive.queue(ARCHIVE_UPLOAD).getWaitingChildrenCount()).toBe(3);
  });
});
