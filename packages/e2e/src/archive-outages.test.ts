import { DeleteBucketEncryptionCommand, PutBucketEncryptionCommand } from '@aws-sdk/client-s3';
import { PlanWatermark } from '@trunkline/archive-store';
import { type ArchiveSystem, until, windowIdOf } from '@trunkline/test-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isUpload, s3Error, storedObjects } from './archive-s3-faults.ts';
import { type OwnPart, ownRedis } from './own-parts.ts';
import { type SmallDisk, smallDisk } from './small-disk.ts';
import { expectArchivedOnce, startArchiveSystem } from './start-archive-system.ts';

let system: ArchiveSystem;
let disk: SmallDisk;
let redis: OwnPart;
/** Each outage has days of its own. */
let daysAgo = 1;
const nextDay = (): string => system.day(++daysAgo);

beforeAll(async () => {
  [redis, disk] = await Promise.all([ownRedis(), smallDisk()]);
  system = await startArchiveSystem({
    redisUrl: redis.url,
    stage: { folder: disk.folder },
    fetchers: 0,
    settings: disk.settings,
  });
  await system.addFetcher({ SPOOL_DIR: disk.folder }, disk.preload);
  await system.archived(system.day(1));
});

afterAll(async () => {
  await system?.[Symbol.asyncDispose]();
  await disk?.[Symbol.asyncDispose]();
  await redis?.[Symbol.asyncDispose]();
});

/** The only uploader's; a test that has none cannot go on. */
function uploader(): ArchiveSystem['uploaders'][number] {
  const [only] = system.uploaders;
  if (only === undefined) throw new Error('No uploader runs.');
  return only;
}

test.for([
  { what: 'answers 503', fault: s3Error(503, 'SlowDown'), told: /overload|503|SlowDown/i },
  { what: 'refuses uploads midway (403)', fault: s3Error(403, 'AccessDenied'), told: /s3:PutObject/ },
  { what: 'finds the credentials expired', fault: s3Error(400, 'ExpiredToken'), told: /credentials/i },
])(
  'S3 that $what holds uploads up, is told, burns no attempt, and loses nothing',
  async ({ fault, told }) => {
    const day = nextDay();
    let stored = 0;
    const outage = system.faults.s3Http.intercept((request) => isUpload(request) && ++stored > 1, fault);
    await system.planned(day);
    await uploader().untilProblem(told);
    expect(outage.struck).toBeGreaterThan(0);
    outage.stop();
    await system.archived(day);
    await uploader().untilReady();
    const jobs = await system.jobsOf(windowIdOf(day));
    expect(jobs.map(({ job }) => job.attemptsMade)).toEqual(jobs.map(() => 1));
  },
);

test('a bucket that loses its encryption while uploads run stops them, and they go on when it is back', async () => {
  const days = [nextDay(), nextDay()];
  const Bucket = system.ownBucket.name;
  // The first upload is on its way when it happens.
  const held = system.faults.s3Http.intercept(isUpload, { kind: 'delay', ms: 1_000 }, 1);
  await system.planned(days[1] ?? '', days[0]);
  await until('an upload is under way', () => held.struck === 1);
  await system.ownBucket.client.send(new DeleteBucketEncryptionCommand({ Bucket }));
  try {
    await uploader().untilProblem(/default encryption/);
    await until('what was on its way has arrived, and all is redacted', async () => {
      const { wait = 0, active = 0 } = await system.queue('archive-redact').getJobCounts('wait', 'active');
      const uploads = await system.queue('archive-upload').getJobCounts('wait', 'active');
      return wait + active === 0 && uploads['active'] === 0;
    });
    const before = await storedObjects(system);
    // Another day comes up to the gate, and not through it.
    days.push(nextDay());
    await system.planned(days[2] ?? '');
    await until(
      'its batches wait too',
      async () =>
        (await system.jobsOf(windowIdOf(days[2] ?? ''))).filter(
          ({ queue, state }) => queue === 'archive-redact' && state === 'completed',
        ).length >= 2,
    );
    expect(await storedObjects(system)).toEqual(before);
  } finally {
    const ServerSideEncryptionConfiguration = {
      Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' as const } }],
    };
    await system.ownBucket.client.send(
      new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration }),
    );
  }
  await system.archived(...days);
});

test('a webhook that is down holds up no archive, and is told of it once when it is back', async () => {
  const day = nextDay();
  await system.faults.eventBridge.refuse();
  await system.planned(day);
  await until('the archive is complete, and only the event waits', async () => {
    const open = await system.jobCounts();
    return (
      (await system.manifests.exists({ id: windowIdOf(day) })) &&
      Object.keys(open).join() === 'archive-notify delayed'
    );
  });
  await system.faults.eventBridge.heal();
  // Taken and not heard: it is delivered again under the same id.
  await system.genesys.addFaults({ kind: 'reset', match: 'event-bridge', times: 1 });
  await system.archived(day);
});

test('Elasticsearch that is away holds up nothing, and gets the records when it is back', async () => {
  const day = nextDay();
  await system.faults.elasticsearch.refuse();
  await system.planned(day);
  await system.archived(day);
  await system.faults.elasticsearch.heal();
  const last = (await system.chain.head())?.seq;
  await until('the copy holds the last record', async () => (await system.lastRecordInSearch()) === last);
});

test('a stage whose disk is full waits for room, is told, and loses nothing', async () => {
  const day = nextDay();
  await disk.fill();
  await system.planned(day);
  await system.fetchers[0]?.untilProblem(/stage.*(full|room|space)|(full|room|space).*stage/i);
  await disk.free();
  // It would come again by itself, after a quarter of a minute.
  await system.promote('archive-fetch');
  await system.archived(day);
});

describe('Redis', () => {
  test('killed under way goes on where it was', async () => {
    const days = [nextDay(), nextDay()];
    await system.planned(days[1] ?? '', days[0]);
    await until('work is under way', async () => Object.keys(await system.jobCounts()).length > 0);
    await redis.takeDown('SIGKILL');
    await system.fetchers[0]?.untilProblem(/redis/i);
    await redis.bringUp();
    // A second of writes may be gone with it: whoever asked asks again.
    await system.planned(days[1] ?? '', days[0]);
    await system.archived(...days);
  });

  test('emptied under way, three days after the last complete window: they are planned anew, and nothing is done twice', async () => {
    const days = [nextDay(), nextDay(), nextDay()];
    for (const fetcher of system.fetchers) await fetcher.kill();
    // Everything up to there was archived when the system stood still.
    const standstill = system.day(daysAgo + 1);
    await new PlanWatermark(system.bucket, ['voice', 'chat']).advance(
      { id: windowIdOf(standstill), to: `${days[2]}T00:00:00.000Z` },
      new Date(),
    );
    await system.addFetcher({ ARCHIVE_PLAN_CRON: '*/2 * * * * *' });
    await until(
      'work is under way',
      async () => (await system.queue('archive-redact').getJobCounts('completed'))['completed'] !== 0,
    );
    await redis.takeDown('SIGKILL');
    await redis.bringUp();
    await system.redis.flushall();
    await system.archived(...days);
    const watermark = await until('the watermark has moved over all of them', async () => {
      const found = await new PlanWatermark(system.bucket, ['voice', 'chat']).read();
      return found?.to === `${system.day(0)}T00:00:00.000Z` && found;
    });
    expect(watermark.windowId).toBe(windowIdOf(system.day(1)));
  });
});

test('after all of them every conversation is archived once', async () => {
  await expectArchivedOnce(system);
});
