import { ARCHIVE_FETCH } from '@trunkline/contracts';
import { describe, expect, it } from 'vitest';
import { aDay, TestArchive } from './archive.fixture.ts';
import { PlatformServer, startsOf } from './platform-server.fixture.ts';

async function startPlatform(conversations: number): Promise<TestArchive<PlatformServer>> {
  const archive = await TestArchive.startOn(await PlatformServer.start());
  archive.server.starts = startsOf(conversations);
  return archive;
}

describe('a window of the platform contract', () => {
  it.each([
    ['analytics-query', 3, ['/details/query', '/details/query', '/details/query']],
    ['analytics-jobs', 4, ['/jobs/availability', '/jobs', '/jobs/job-1']],
  ])('becomes batches of whole documents by %s', async (source, pages, calls) => {
    await using archive = await startPlatform(5);
    await archive.run({ ARCHIVE_SOURCE: source });
    await archive.queueFetch(aDay, 8, { pageSize: 2 });
    const job = await archive.fetchIs('completed');
    expect((await archive.batches()).flat()).toEqual(archive.server.documents());
    expect(job.returnvalue).toMatchObject({
      conversations: 5,
      source: { pages, integrity: 'unverified' },
    });
    expect(job.progress).toMatchObject({ conversations: 0 });
    const asked = archive.server.to('/details/').map(({ path }) => path.replace(/^.*\/details/, '/details'));
    expect(asked.slice(0, 3)).toEqual(calls.map((path) => path.replace(/^\/jobs/, '/details/jobs')));
  });

  it('is held back while the lake does not reach to its end, and fetched once it does', async () => {
    await using archive = await startPlatform(2);
    archive.server.dataAvailabilityDate = '2026-01-05T23:00:00.000Z';
    const { service } = await archive.run({ ARCHIVE_SOURCE: 'analytics-jobs' });
    await archive.queueFetch();
    const job = await archive.fetchIs('delayed');
    expect(job.attemptsMade).toBe(0);
    expect(job.delay).toBeGreaterThan(60_000);
    expect(service.health.problems()).toEqual([]);
    const { logs } = await archive.queue(ARCHIVE_FETCH).getJobLogs(aDay.id);
    expect(logs).toEqual([expect.stringContaining('reach to 2026-01-05T23:00:00.000Z only')]);
    expect(await archive.windowJobs()).toEqual([]);

    archive.server.dataAvailabilityDate = '2026-01-06T00:00:00.000Z';
    await job.promote();
    await archive.fetchIs('completed');
    expect((await archive.batches()).flat()).toEqual(archive.server.documents());
  });

  it('waits for a transcript that is still being made', async () => {
    await using archive = await startPlatform(2);
    archive.server.misbehave = ({ path }, nth) =>
      path.includes('c-1/communications') && nth === 1 ? { status: 202, body: '{}' } : null;
    await archive.run();
    await archive.queueFetch();
    const job = await archive.fetchIs('completed');
    expect(job.attemptsMade).toBe(1);
    expect((await archive.batches()).flat()).toEqual(archive.server.documents());
    expect(archive.server.to('c-1/communications')).toHaveLength(2);
  });

  it('without a permission parks the job and names it', async () => {
    await using archive = await startPlatform(2);
    archive.server.misbehave = ({ path }) =>
      path.includes('/communications/')
        ? { status: 403, body: '{"code":"missing.permissions","status":403}' }
        : null;
    const { service } = await archive.run();
    await archive.queueFetch();
    const job = await archive.fetchIs('delayed');
    expect(job.attemptsMade).toBe(0);
    expect(service.health.problems().join()).toContain('recording:recording:view');
    expect(await archive.windowJobs()).toEqual([]);
  });

  it('is fetched anew where its job fails, with nothing of the pages of the job before', async () => {
    await using archive = await startPlatform(4);
    archive.server.misbehave = ({ path }) =>
      path.includes('job-1/results') && path.includes('cursor')
        ? { status: 404, body: '{"code":"not.found","status":404}' }
        : null;
    await archive.run({ ARCHIVE_SOURCE: 'analytics-jobs' });
    await archive.queueFetch(aDay, 8, { pageSize: 2 });
    const job = await archive.fetchIs('completed');
    expect(job.attemptsMade).toBe(1);
    expect((await archive.batches()).flat()).toEqual(archive.server.documents());
    expect(archive.server.to('job-2/results')).toHaveLength(2);
  });

  it('whose jobs all fail burns an attempt', async () => {
    await using archive = await startPlatform(1);
    archive.server.misbehave = ({ path }) =>
      /jobs\/job-\d+$/.test(path) ? { status: 200, body: '{"state":"FAILED"}' } : null;
    await archive.run({ ARCHIVE_SOURCE: 'analytics-jobs' });
    await archive.queueFetch(aDay, 1);
    const job = await archive.fetchIs('failed');
    expect(job.failedReason).toContain('is failed');
    expect(archive.server.requests.filter(({ method }) => method === 'POST')).toHaveLength(3);
  });
});

it('is fetched by the platform only 48 hours after its end', async () => {
  await using archive = await startPlatform(1);
  // Genesys' clock: the day before yesterday's end has settled by a second, yesterday's has not.
  archive.server.misbehave = () => ({
    status: 200,
    headers: { date: 'Wed, 07 Jan 2026 23:59:59 GMT' },
    body: '{"conversations":[]}',
  });
  await archive.run({ ARCHIVE_SOURCE: 'analytics-query' });
  await archive.queueFetch();
  await archive.fetchIs('delayed');
  const before = { ...aDay, id: 'BATCH_20260104', from: '2026-01-04T00:00:00.000Z', to: aDay.from };
  await archive.queueFetch(before);
  await archive.fetchIs('completed', before);
  expect(await archive.queue(ARCHIVE_FETCH).getDelayedCount()).toBe(1);
});
