import { ARCHIVE_FETCH, ARCHIVE_PLAN, type ArchiveWindow, archiveWindowAt } from '@trunkline/contracts';
import { describe, expect, it } from 'vitest';
import { TestArchive } from './archive.fixture.ts';
import { PlanSchedule } from './plan-schedule.ts';

const dayMs = 86_400_000;
const media = ['voice', 'chat'];
/** So long settled that no clock doubts it. */
const settled = { ARCHIVE_SETTLE_SECONDS: '3600' };

/** The window `back` days before the last one that has settled. */
function window(back: number): ArchiveWindow {
  return archiveWindowAt(Date.now() - 3_600_000 - (back + 1) * dayMs, dayMs, media);
}

/** Nothing is fetched while the plan is looked at. */
async function planOnly(archive: TestArchive): Promise<void> {
  await archive.queue(ARCHIVE_FETCH).pause();
}

async function planned(archive: TestArchive): Promise<string[]> {
  const jobs = await archive.queue(ARCHIVE_FETCH).getJobs(['waiting', 'delayed', 'failed', 'completed']);
  return jobs.map(({ id }) => id ?? '').sort();
}

describe('the schedule', () => {
  it('begins with the last window that has settled', async () => {
    await using archive = await TestArchive.start();
    await planOnly(archive);
    await archive.run(settled);
    expect(await archive.tick()).toEqual({
      windows: 1,
      planned: 1,
      alreadyDone: 0,
      underWay: 0,
      tooEarly: 0,
    });
    expect(await planned(archive)).toEqual([window(0).id]);
  });

  it('plans nothing twice', async () => {
    await using archive = await TestArchive.start();
    await planOnly(archive);
    await archive.run(settled);
    await archive.tick();
    expect(await archive.tick()).toMatchObject({ windows: 1, planned: 0, underWay: 1 });
    expect(await planned(archive)).toEqual([window(0).id]);
  });

  it('catches up after three days of standstill, the oldest first', async () => {
    await using archive = await TestArchive.start();
    await planOnly(archive);
    await archive.run(settled);
    // The watermark stands where it did before: the last window then was done.
    const before = window(3);
    await archive.complete(before);
    await archive.setWatermark(before);
    expect(await archive.tick()).toMatchObject({ windows: 3, planned: 3 });
    expect(await planned(archive)).toEqual([window(2).id, window(1).id, window(0).id].sort());
  });

  it('moves its watermark over windows that are done in order, and no further', async () => {
    await using archive = await TestArchive.start();
    await planOnly(archive);
    await archive.run(settled);
    await archive.setWatermark(window(4));
    await archive.complete(window(3));
    await archive.complete(window(1));
    expect(await archive.tick()).toMatchObject({ windows: 4, alreadyDone: 2, planned: 2 });
    expect(await archive.watermark()).toBe(window(3).to);
    await archive.complete(window(2));
    await archive.complete(window(0));
    expect(await archive.tick()).toMatchObject({ windows: 3, alreadyDone: 3, planned: 0 });
    expect(await archive.watermark()).toBe(window(0).to);
    expect(await archive.tick()).toMatchObject({ windows: 0 });
  });

  it('with the default of the platform finishes the windows of the former default, and doubles and leaves out none', async () => {
    const platform = { ...settled, GENESYS_CONTRACT: 'platform', GENESYS_LOGIN_BASE: 'http://127.0.0.1:1' };
    const today = ['voice', 'chat', 'message', 'email'];
    const next = archiveWindowAt(Date.parse(window(0).to), dayMs, today);
    await using archive = await TestArchive.start();
    await planOnly(archive);
    await archive.run(platform);
    // As an earlier version left them: one archived in order, one that is not done, one behind it that is.
    await archive.setWatermark(window(2));
    await archive.complete(window(0));
    expect(await archive.tick()).toMatchObject({ windows: 2, planned: 1, alreadyDone: 1 });
    expect(await planned(archive)).toEqual([window(1).id]);
    expect(await archive.watermark('', today)).toBe(next.from);
    await archive.complete(window(1));
    expect(await archive.tick()).toMatchObject({ windows: 2, planned: 0, alreadyDone: 2 });
    expect(await archive.watermark()).toBe(next.from);
    expect(await archive.tick()).toMatchObject({ windows: 0 });

    // A day later, by a watermark that stands a day further back.
    await using later = await TestArchive.start();
    await planOnly(later);
    await later.setWatermark(archiveWindowAt(Date.parse(window(1).from), dayMs, today));
    await later.run(platform);
    await later.tick();
    expect(await planned(later)).toEqual([`${window(0).id}_chat+email+message+voice`]);
  });

  it('waits for a bucket that is away, and burns no attempt', async () => {
    await using archive = await TestArchive.start();
    await planOnly(archive);
    const away = await archive.run({ ...settled, S3_ENDPOINT: 'http://127.0.0.1:1' });
    const job = await archive.queue(ARCHIVE_PLAN).add('plan', { v: 1, range: null }, { attempts: 1 });
    await expect.poll(() => job.getState(), { timeout: 60_000 }).toBe('delayed');
    expect(away.service.health.problems().join()).toContain('plan: ');
    await away.stop();
    await archive.run(settled);
    await job.promote();
    await expect.poll(() => job.getState(), { timeout: 60_000 }).toBe('completed');
    expect(await planned(archive)).toEqual([window(0).id]);
  });

  it('goes by the bucket where Redis was emptied', async () => {
    await using archive = await TestArchive.start();
    await planOnly(archive);
    await archive.run(settled);
    await archive.setWatermark(window(2));
    await archive.complete(window(1));
    await archive.tick();
    const keys = await archive.redis.keys(`{${archive.deployment}:archive}:archive-fetch:*`);
    await archive.redis.del(...keys);
    await planOnly(archive);
    expect(await archive.tick()).toMatchObject({ windows: 1, planned: 1 });
    expect(await planned(archive)).toEqual([window(0).id]);
  });

  it('fetches a window again whose fetch has ended without a manifest', async () => {
    await using archive = await TestArchive.start();
    await archive.run(settled);
    await archive.tick();
    const first = await archive.fetchIs('completed', window(0));
    await archive.tick();
    await expect
      .poll(async () => (await archive.fetchJob(window(0)))?.data.traceId)
      .not.toBe(first.data.traceId);
    const again = await archive.fetchIs('completed', window(0));
    expect(again.returnvalue).toMatchObject({ result: 'under-way' });
    expect(await archive.windowJobs()).toHaveLength(1);
  });

  it('leaves a window alone whose fetch stands failed', async () => {
    await using archive = await TestArchive.start();
    archive.server.pages = [{ body: Buffer.from('{}') }];
    await archive.run(settled);
    await archive.tick();
    await archive.fetchIs('failed', window(0));
    expect(await archive.tick()).toMatchObject({ planned: 0, underWay: 1 });
    expect((await archive.fetchIs('failed', window(0))).attemptsMade).toBe(1);
  });

  it('is set again where Redis was emptied', async () => {
    await using archive = await TestArchive.start();
    await planOnly(archive);
    const { service } = await archive.run(settled);
    const schedule = new PlanSchedule(service, '0 0 1 1 *', 100);
    await schedule.start();
    const queue = archive.queue(ARCHIVE_PLAN);
    await expect.poll(() => queue.getJobSchedulersCount()).toBe(1);
    await queue.removeJobScheduler('archive-plan');
    await expect.poll(() => queue.getJobSchedulersCount()).toBe(1);
    await schedule.stop();
  });

  it('is set at the start, and plans at once', async () => {
    await using archive = await TestArchive.start();
    await planOnly(archive);
    const { service } = await archive.run({ ...settled, ARCHIVE_PLAN_CRON: '17 3 * * *' }, true);
    await expect.poll(() => planned(archive)).toEqual([window(0).id]);
    const schedulers = await archive.queue(ARCHIVE_PLAN).getJobSchedulers();
    expect(schedulers).toMatchObject([{ key: 'archive-plan', pattern: '17 3 * * *', tz: 'UTC' }]);
    // What was found is shown.
    await expect
      .poll(async () =>
        (await service.registry.getSingleMetricAsString('trunkline_archive_windows')).split('\n'),
      )
      .toContain('trunkline_archive_windows{state="waiting",service="fetcher"} 1');
  });
});

describe('a range', () => {
  const range = (from: ArchiveWindow, to: ArchiveWindow) => ({
    from: from.from,
    to: to.to,
    mediaTypes: media,
    requestedBy: 'ada@host',
  });

  it('is planned once, with its progress', async () => {
    await using archive = await TestArchive.start();
    await planOnly(archive);
    await archive.run(settled);
    await archive.complete(window(7));
    const asked = range(window(9), window(0));
    expect(await archive.tick(asked)).toEqual({
      windows: 10,
      planned: 9,
      alreadyDone: 1,
      underWay: 0,
      tooEarly: 0,
    });
    expect(await archive.tick(asked)).toMatchObject({ windows: 10, planned: 0, alreadyDone: 1, underWay: 9 });
    const jobs = await archive.queue(ARCHIVE_PLAN).getCompleted();
    for (const job of jobs) expect(job.progress).toMatchObject({ done: 10, total: 10 });
    expect((await archive.fetchJob(window(9))).data).toMatchObject({
      window: window(9),
      requestedBy: 'ada@host',
      storageClass: 'STANDARD_IA',
    });
    expect(await archive.watermark()).toBeNull();
  });

  it('leaves out what has not settled', async () => {
    await using archive = await TestArchive.start();
    await planOnly(archive);
    await archive.run(settled);
    const today = archiveWindowAt(Date.now(), dayMs, media);
    expect(await archive.tick(range(today, today))).toMatchObject({ windows: 1, planned: 0, tooEarly: 1 });
    expect(await planned(archive)).toEqual([]);
  });

  it('of other media types has windows of its own', async () => {
    await using archive = await TestArchive.start();
    await planOnly(archive);
    await archive.run(settled);
    await archive.tick({ ...range(window(0), window(0)), mediaTypes: ['email'] });
    expect(await planned(archive)).toEqual([`${window(0).id}_email`]);
  });
});
