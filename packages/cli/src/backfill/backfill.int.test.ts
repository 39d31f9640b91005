import {
  ARCHIVE_FETCH,
  ARCHIVE_PLAN,
  ARCHIVE_REDACT,
  type ArchivePlanJob,
  type ArchivePlanOutcome,
  archivePlanJob,
  archiveWindowAt,
  archiveWindowsOf,
} from '@trunkline/contracts';
import { type Job, UnrecoverableError, type Worker } from 'bullmq';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ArchiveDeployment } from '../archive-deployment.fixture.ts';

const dayMs = 86_400_000;
const range = ['--from', '2026-11-19', '--to', '2026-11-22'];

let deployment: ArchiveDeployment;

beforeEach(async () => {
  deployment = await ArchiveDeployment.start();
});

afterEach(() => deployment[Symbol.asyncDispose]());

type Range = NonNullable<ArchivePlanJob['range']>;

const windowsOf = ({ from, to, mediaTypes }: Range) => [
  ...archiveWindowsOf(Date.parse(from), Date.parse(to), dayMs, mediaTypes),
];

/** Stands in for the planner of a fetcher: plans what has no manifest. */
function planner(planned: Range[] = []): Worker {
  return deployment.worker(ARCHIVE_PLAN, async (job: Job): Promise<ArchivePlanOutcome> => {
    const asked = archivePlanJob.parse(job.data).range as Range;
    planned.push(asked);
    const windows = windowsOf(asked);
    const outcome = { windows: windows.length, planned: 0, alreadyDone: 0, underWay: 0, tooEarly: 0 };
    for (const [done, { id, to }] of windows.entries()) {
      if (Date.parse(to) > Date.now()) outcome.tooEarly++;
      else if ((await deployment.manifests.read(id)) === null) outcome.planned++;
      else outcome.alreadyDone++;
      await job.updateProgress({ planned: outcome.planned, done: done + 1, total: windows.length });
    }
    return outcome;
  });
}

const archiveAll = async (asked: Range): Promise<void> => {
  for (const window of windowsOf(asked)) {
    await deployment.archive(window, [{ id: `c-${window.id}`, text: '{}', tokens: [] }]);
  }
};

describe('backfill archive', () => {
  test('has a range planned, and says who asked', async () => {
    const asked: Range[] = [];
    planner(asked);
    const { code, out, err } = await deployment.run(['backfill', 'archive', ...range, '--json']);
    expect(JSON.parse(out)).toMatchObject({
      v: 1,
      plan: { kind: 'planned', windows: 3, planned: 3, alreadyDone: 0, underWay: 0 },
      complete: null,
      failed: [],
      open: [],
    });
    expect(code).toBe(0);
    expect(err).toMatch(/^Planning/);
    expect(asked).toEqual([
      {
        from: '2026-11-19T00:00:00.000Z',
        to: '2026-11-22T00:00:00.000Z',
        mediaTypes: ['voice', 'chat'],
        requestedBy: 'ops@test',
      },
    ]);
  });

  test('asks for other media types, each once', async () => {
    const asked: Range[] = [];
    planner(asked);
    const args = ['backfill', 'archive', ...range, '--media', 'email, chat,email'];
    expect(await deployment.run(args)).toMatchObject({
      code: 0,
      out: '3 windows: 3 planned, 0 archived before, 0 under way\n',
    });
    expect(asked[0]?.mediaTypes).toEqual(['chat', 'email']);
    await deployment.run(['backfill', 'archive', ...range], { GENESYS_CONTRACT: 'platform' });
    expect(asked[1]?.mediaTypes).toEqual(['voice', 'chat', 'message', 'email']);
  });

  test('leaves windows that have not ended out, and says so', async () => {
    planner();
    const from = new Date().toISOString();
    const to = new Date(Date.now() + 2 * dayMs).toISOString();
    const args = ['backfill', 'archive', '--from', from, '--to', to, '--wait', '--json'];
    const { code, out } = await deployment.run(args);
    expect(JSON.parse(out)).toMatchObject({
      plan: { planned: 0, tooEarly: expect.any(Number) },
      complete: 0,
      open: [],
    });
    expect(code).toBe(2);
  });

  test('needs no bucket, unless it is to wait', async () => {
    planner();
    const env = { S3_BUCKET: '', AWS_REGION: '' };
    expect(await deployment.run(['backfill', 'archive', ...range], env)).toMatchObject({ code: 0 });
    expect(await deployment.run(['backfill', 'archive', ...range, '--wait'], env)).toMatchObject({
      code: 78,
      err: expect.stringContaining('S3_BUCKET'),
    });
  });

  test('with --wait ends when every window has its manifest', async () => {
    const asked: Range[] = [];
    planner(asked);
    const running = deployment.run(['backfill', 'archive', ...range, '--wait', '--json']);
    await expect.poll(() => asked.length, { timeout: 60_000 }).toBe(1);
    await archiveAll(asked[0] as Range);
    const { code, out } = await running;
    expect(JSON.parse(out)).toMatchObject({ complete: 3, failed: [], open: [] });
    expect(code).toBe(0);
  });

  test('with --wait names the windows that stand failed, with their code and their job', async () => {
    planner();
    const [first, second, third] = windowsOf({
      from: '2026-11-19T00:00:00.000Z',
      to: '2026-11-22T00:00:00.000Z',
      mediaTypes: ['voice', 'chat'],
      requestedBy: 'x',
    });
    await deployment.archive(first as never, [{ id: 'c-1', text: '{}', tokens: [] }]);
    const fetch = deployment.queue(ARCHIVE_FETCH);
    const redact = deployment.queue(ARCHIVE_REDACT);
    await fetch.add('fetch', { window: second }, { jobId: second?.id ?? '' });
    await redact.add('redact', { window: third }, { jobId: `${third?.id}-f-b00001` });
    for (const name of [ARCHIVE_FETCH, ARCHIVE_REDACT] as const) {
      deployment.worker(name, () => {
        throw new UnrecoverableError('ARCHIVE_DIGEST_MISMATCH: The bytes are others.');
      });
    }
    const { code, out } = await deployment.run(['backfill', 'archive', ...range, '--wait']);
    expect(out).toContain('1 window archived');
    expect(out).toContain('2 windows stand failed');
    expect(out).toMatch(/BATCH_20261120 +archive-fetch +BATCH_20261120 +ARCHIVE_DIGEST_MISMATCH/);
    expect(out).toMatch(/BATCH_20261121 +archive-redact/);
    expect(code).toBe(1);
  });

  test('whose patience ends names what is still open', async () => {
    const fetcher = planner();
    await deployment.archive(archiveWindowAt(Date.parse('2026-11-20'), dayMs, ['voice', 'chat']), [
      { id: 'c-1', text: '{}', tokens: [] },
    ]);
    fetcher.on('completed', () => {
      deployment.aheadMs = 2 * 3_600_000;
    });
    const { code, out } = await deployment.run(['backfill', 'archive', ...range, '--wait', '--json']);
    expect(JSON.parse(out)).toMatchObject({
      plan: { kind: 'planned' },
      complete: 1,
      failed: [],
      open: ['BATCH_20261119', 'BATCH_20261121'],
    });
    expect(code).toBe(2);
  });

  test('with no fetcher alive it says so, and leaves the range to one that comes', async () => {
    const args = ['backfill', 'archive', ...range, '--patience', '7'];
    expect(await deployment.run(args)).toMatchObject({
      code: 2,
      out: expect.stringContaining('goes on by itself'),
      err: expect.stringContaining('No fetcher is alive'),
    });
    expect(await deployment.queue(ARCHIVE_PLAN).getWaitingCount()).toBe(1);
  });

  test('a planning that fails and is tried again is told meanwhile', async () => {
    let runs = 0;
    const outcome = { windows: 3, planned: 3, alreadyDone: 0, underWay: 0, tooEarly: 0 };
    deployment.worker(ARCHIVE_PLAN, async () => {
      runs += 1;
      if (runs > 1) return outcome;
      throw new Error('S3_UNREACHABLE: S3 does not answer.');
    });
    const running = deployment.run(['backfill', 'archive', ...range]);
    await expect
      .poll(() => deployment.told, { timeout: 60_000 })
      .toContain('tried again: S3_UNREACHABLE: S3 does not answer.');
    for (const job of await deployment.queue(ARCHIVE_PLAN).getDelayed()) await job.promote();
    expect(await running).toMatchObject({ code: 0 });
  });

  test('a planning that fails is told with its reason', async () => {
    deployment.worker(ARCHIVE_PLAN, () => {
      throw new UnrecoverableError('S3_BUCKET_MISSING: There is no bucket of that name.');
    });
    expect(await deployment.run(['backfill', 'archive', ...range])).toMatchObject({
      code: 2,
      out: expect.stringContaining('S3_BUCKET_MISSING'),
    });
  });

  test.each([
    [['--from', '2026-11-22', '--to', '2026-11-21']],
    [['--from', 'yesterday', '--to', '2026-11-21']],
    [[...range, '--media', 'voice;chat']],
    [[...range, '--patience', '-1']],
  ])('wrong arguments are refused before anything is queued: %j', async (args) => {
    expect(await deployment.run(['backfill', 'archive', ...args])).toMatchObject({ code: 64, out: '' });
    expect(await deployment.queue(ARCHIVE_PLAN).getJobCountByTypes('wait', 'active')).toBe(0);
  });
});
