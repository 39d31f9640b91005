import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { openS3 } from '@trunkline/archive-store';
import { stagePlaces } from '@trunkline/claim-check/stage';
import {
  archiveBatchJobId,
  archiveComplianceJob,
  archiveDeadLetterBatch,
  archiveDeadLetterJob,
  archiveDeadLetterJobId,
  archiveUploadJob,
} from '@trunkline/contracts';
import { ENGINE_VERSION } from '@trunkline/redaction';
import { readTotals } from '@trunkline/service';
import { expect, inject, it } from 'vitest';
import { personal, personalLine, plainLine } from './lines.fixture.ts';
import { TestRedaction, testFlow, testWindow } from './redactor.fixture.ts';

const odd = new URL('./odd-thread.fixture.ts', import.meta.url);
const letterPlace = (batch: string, index: number): string =>
  stagePlaces.deadLetter(testWindow.id, testFlow, batch, index);

async function ownBucket(): Promise<string> {
  const { endpoint, region, accessKeyId, secretAccessKey } = inject('s3');
  process.env['AWS_ACCESS_KEY_ID'] = accessKeyId;
  process.env['AWS_SECRET_ACCESS_KEY'] = secretAccessKey;
  const client = openS3({ endpoint, region, forcePathStyle: true });
  const bucket = `redactor-${randomBytes(6).toString('hex')}`;
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  client.destroy();
  return bucket;
}

it.each([
  ['a folder', async () => null],
  ['a bucket', ownBucket],
])(
  'redacts a batch from a stage in %s to the same: nothing personal is left, numbers are the same',
  async (_, place) => {
    await using test = await TestRedaction.open(await place());
    const lines = Array.from({ length: 40 }, (_value, index) => personalLine(`c-${index}`));
    const job = await test.add(lines);
    const { service } = await test.start();
    const outcome = await test.outcomeOf(job);
    expect(outcome).toMatchObject({
      conversations: 40,
      deadLettered: 0,
      entities: { PHONE: 240, EMAIL: 40, SSN: 40, NAME: 40 },
      engineVersion: ENGINE_VERSION,
      keyId: null,
    });
    const redacted = await test.linesOf(outcome.redacted);
    const index = await test.linesOf(outcome.index);
    expect(redacted.map((line) => (JSON.parse(line) as { conversationId: string }).conversationId)).toEqual(
      lines.map((_value, place) => `c-${place}`),
    );
    expect(index.map((line) => (JSON.parse(line) as { id: string }).id)).toEqual(
      lines.map((_value, place) => `c-${place}`),
    );
    const all = [...redacted, ...index].join('\n');
    for (const value of Object.values(personal)) expect(all).not.toContain(value);
    for (const line of redacted)
      expect(line).toContain('"big":12345678901234567890,"exact":1.10,"exponent":1E+400,');
    const clear = await test.everythingInClear();
    for (const value of Object.values(personal)) expect(clear.includes(value)).toBe(false);
    expect(await service.registry.metrics()).toContain(
      'trunkline_redacted_values_total{type="EMAIL",service="redactor"} 40',
    );
    await service.totals.flush();
    expect(await readTotals(test.redis, test.deployment, 'archive')).toMatchObject({ valuesRedacted: 360 });
  },
);

it('sets a broken conversation aside, goes on with the rest, and tries it again when a person asks', async () => {
  await using test = await TestRedaction.open();
  const broken = `{"conversationId":"c-1","phone":"${personal.spoken}"`;
  const job = await test.add([personalLine('c-0'), broken, personalLine('c-2')]);
  await test.start();
  const outcome = await test.outcomeOf(job);
  expect(outcome).toMatchObject({ conversations: 2, deadLettered: 1 });
  expect(await test.linesOf(outcome.redacted)).toHaveLength(2);

  const letterId = archiveDeadLetterJobId(testWindow.id, testFlow, 'b00001', 1);
  const letter = await test.until(await jobOf(test, letterId), 'failed');
  expect(letter.failedReason).toMatch(/^DEAD_LETTER_AWAITS_PERSON.*ARCHIVE_CONVERSATION_MALFORMED/);
  const data = archiveDeadLetterJob.parse(letter.data);
  expect(data).toMatchObject({ index: 1, batch: 'b00001', storageClass: 'STANDARD_IA' });
  expect(await test.contentOf(data.source)).toBe(broken);
  expect((await test.everythingInClear()).includes(personal.spoken)).toBe(false);

  // Still broken: it stands failed with its own reason.
  await letter.retry('failed');
  await expect
    .poll(async () => (await test.deadLetters.getJob(letterId))?.failedReason)
    .toMatch(/^ARCHIVE_CONVERSATION_MALFORMED/);
  expect(await test.uploads.getJobCounts()).toMatchObject({ waiting: 0, failed: 0 });
});

async function jobOf(test: TestRedaction, id: string) {
  await expect.poll(() => test.deadLetters.getJob(id)).toBeDefined();
  const job = await test.deadLetters.getJob(id);
  if (job === undefined) throw new Error('unreachable');
  return job;
}

it('sets aside the one conversation that kills or holds its thread, and uploads it once it can be redacted', async () => {
  await using test = await TestRedaction.open();
  const job = await test.add([
    '{"id":"a"}',
    `{"id":"poison","text":"${personal.mail}"}`,
    '{"id":"b"}',
    '{"id":"endless"}',
  ]);
  const first = await test.start({ REDACTOR_TIME_LIMIT_SECONDS: '3' }, { threadFile: odd });
  const outcome = await test.outcomeOf(job);
  expect(await test.linesOf(outcome.redacted)).toEqual(['{"id":"a"}', '{"id":"b"}']);
  expect(outcome).toMatchObject({ conversations: 2, deadLettered: 2 });
  const letterId = archiveDeadLetterJobId(testWindow.id, testFlow, 'b00001', 1);
  await test.until(await jobOf(test, letterId), 'failed');
  await first.stop();

  await test.start();
  const letter = await test.deadLetters.getJob(letterId);
  await letter?.retry('failed');
  const done = await test.until(await jobOf(test, letterId), 'completed');
  const batch = archiveDeadLetterBatch(testWindow.id, testFlow, 'b00001', 1);
  const uploadJobId = archiveBatchJobId(testWindow.id, testFlow, batch);
  expect(done.returnvalue).toEqual({ uploadJobId });
  const upload = archiveUploadJob.parse((await test.uploads.getJob(uploadJobId))?.data);
  expect(upload).toMatchObject({
    batch,
    storageClass: 'STANDARD_IA',
    redaction: { conversations: 1, entities: { EMAIL: 1 } },
  });
  const [line] = await test.linesOf(upload.redaction?.redacted as never);
  expect(line).toMatch(/"id":"poison","text":"EMAIL-[0-9a-f]{16}"/);
  expect(upload.redaction?.redacted.name.startsWith(`${letterPlace('b00001', 1)}/`)).toBe(true);
});

it('keeps to its dead letters when a batch is redacted again: no conversation goes both ways', async () => {
  await using test = await TestRedaction.open();
  const job = await test.add(['{"id":"a"}', '{"id":"poison"}']);
  const first = await test.start({}, { threadFile: odd });
  await test.outcomeOf(job);
  await first.stop();
  await test.start({}, { engineVersion: 'another' });
  await (await test.redact.getJob(job.id ?? ''))?.retry('completed');
  const again = await test.outcomeOf(job);
  expect(again).toMatchObject({ conversations: 1, deadLettered: 1 });
  expect(await test.deadLetters.getJobCountByTypes('failed', 'waiting', 'active', 'delayed')).toBe(1);
});

it('returns the same outcome when a finished job is retried, and another when the engine is another', async () => {
  await using test = await TestRedaction.open();
  const job = await test.add([personalLine('c-0')]);
  const first = await test.start();
  const outcome = await test.outcomeOf(job);
  await (await test.redact.getJob(job.id ?? ''))?.retry('completed');
  expect(await test.outcomeOf(job)).toEqual(outcome);
  await first.stop();
  await test.start({ TOKENIZATION_KEY_ID: 'k2' });
  await (await test.redact.getJob(job.id ?? ''))?.retry('completed');
  const anew = await test.outcomeOf(job);
  expect(anew.keyId).toBe('k2');
  expect(anew.redacted.name).not.toBe(outcome.redacted.name);
  expect(await test.contentOf(anew.redacted)).toContain('PHONE-k2.');
  expect(await test.contentOf(outcome.redacted)).not.toContain('PHONE-k2.');
});

it('says of a missing source whether anything needs doing, and puts the failure on record', async () => {
  await using test = await TestRedaction.open();
  const job = await test.add([personalLine('c-0')]);
  await test.stage.removeAll(stagePlaces.window(testWindow.id));
  await test.start();
  const failed = await test.until(job, 'failed');
  expect(failed.failedReason).toMatch(/^STAGE_BLOB_MISSING.*Retry archive-fetch of BATCH_20261121/);
  await expect.poll(() => test.compliance.getJobCountByTypes('waiting', 'prioritized')).toBe(1);
  const [record] = await test.compliance.getJobs(['waiting']);
  expect(archiveComplianceJob.parse(record?.data)).toMatchObject({
    recordId: `${testWindow.id}-FAILURE-archive-redact-${job.id}-1`,
    status: 'FAILURE',
    errorCode: 'STAGE_BLOB_MISSING',
  });
  await test.stage.putNote(stagePlaces.completed(testWindow.id), { flow: testFlow });
  await failed.retry('failed');
  expect((await test.until(job, 'completed')).returnvalue).toEqual({ windowIsComplete: true });
});

it.each(['/data', '/index', '/done-'])(
  'a batch whose redactor is killed when it writes %s is redacted by another, with the same outcome',
  async (diesAt) => {
    await using test = await TestRedaction.open();
    const job = await test.add([personalLine('c-0'), '{', personalLine('c-2')]);
    const child = spawn(
      process.execPath,
      ['--conditions=@trunkline/source', new URL('./killed-redactor.fixture.ts', import.meta.url).pathname],
      { env: { ...process.env, ...test.env(), DIES_AT: diesAt }, stdio: 'ignore' },
    );
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
    await test.start();
    const outcome = await test.outcomeOf(job);
    expect(outcome).toMatchObject({ conversations: 2, deadLettered: 1, entities: { PHONE: 12 } });
    expect(await test.linesOf(outcome.redacted)).toHaveLength(2);
    expect(await test.deadLetters.getJobCountByTypes('failed', 'waiting', 'active', 'delayed')).toBe(1);
  },
);

it('gives its jobs back when it is told to stop, whatever its threads are at', async () => {
  await using test = await TestRedaction.open();
  const job = await test.add(['{"id":"endless"}']);
  const first = await test.start({}, { threadFile: odd });
  await expect.poll(() => test.redact.getJobState(job.id ?? '')).toBe('active');
  await first.stop();
  expect(await test.redact.getJobState(job.id ?? '')).toBe('waiting');
  expect((await test.redact.getJob(job.id ?? ''))?.attemptsMade).toBe(0);
  await test.start();
  expect(await test.outcomeOf(job)).toMatchObject({ conversations: 1, deadLettered: 0 });
});

it('holds jobs back, and no attempt is burned, while the stage cannot be used', async () => {
  await using test = await TestRedaction.open();
  const job = await test.add([personalLine('c-0')]);
  let away = true;
  const { service } = await test.start(
    {},
    {
      wrapStage: (stage) =>
        new Proxy(stage, {
          get(target, name) {
            if (away && name === 'check') {
              return async () => {
                throw Object.assign(new Error('the disk is gone'));
              };
            }
            const member = Reflect.get(target, name, target) as unknown;
            return typeof member === 'function' ? member.bind(target) : member;
          },
        }),
    },
  );
  await expect.poll(() => service.health.problems()).toEqual([expect.stringMatching(/^stage: /)]);
  expect((await test.redact.getJob(job.id ?? ''))?.attemptsMade).toBe(0);
  away = false;
  await test.outcomeOf(job);
  expect(service.health.problems()).toEqual([]);
});

it('redacts conversations of 20 MB and more, and leaves the event loop to others', async () => {
  await using test = await TestRedaction.open();
  const large = JSON.stringify({
    id: 'large',
    transcripts: Array.from({ length: 60_000 }, (_, index) =>
      index % 1_000 === 0
        ? `Customer: it is ${personal.spoken}`
        : `Agent: thank you for calling, line ${'and so on '.repeat(36)}`,
    ),
  });
  expect(large.length).toBeGreaterThan(20_000_000);
  const job = await test.add([plainLine('small', 1_000), large, plainLine('last', 1_000)]);
  // Far above what is promised: a machine under load stops everybody. Redaction in this thread would hold it for seconds.
  const delay = monitorEventLoopDelay({ resolution: 20 });
  await test.start();
  delay.enable();
  const outcome = await test.outcomeOf(job);
  delay.disable();
  expect(outcome).toMatchObject({ conversations: 3, deadLettered: 0, entities: { PHONE: 60 } });
  expect(await test.linesOf(outcome.index)).toHaveLength(3);
  expect(delay.percentile(99) / 1e6).toBeLessThan(1_000);
});
