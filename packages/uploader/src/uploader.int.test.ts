import { ArchiveReader } from '@trunkline/archive-store';
import { stagePlaces } from '@trunkline/claim-check/stage';
import {
  ARCHIVE_COMPLIANCE,
  ARCHIVE_NOTIFY,
  ARCHIVE_UPLOAD,
  ARCHIVE_WINDOW,
  type ArchiveUploadJob,
  archiveBatchJobId,
  archiveDeadLetterBatch,
  archivedWindowsKey,
} from '@trunkline/contracts';
import { jobOptions, readTotals } from '@trunkline/service';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AfterArchive } from './after-archive.ts';
import { RecordWatch } from './record-watch.ts';
import { conversation, type Spoil, s3Error, TestArchive, until } from './uploader.fixture.ts';
import type { Step } from './window-completion.ts';

let archive: TestArchive;

beforeEach(async () => {
  archive = await TestArchive.open();
});
afterEach(async () => {
  await archive[Symbol.asyncDispose]();
});

const three = [['c-1', 'c-2'], ['c-3', 'c-4'], ['c-5']];

async function readBack(...ids: string[]): Promise<void> {
  const reader = new ArchiveReader(archive.bucket);
  for (const id of ids) expect((await reader.get(id))?.text).toBe(conversation(id).text);
}

/** A window that ended as it should, however it came about. */
async function expectArchived(conversations = 5, objects = 3): Promise<void> {
  await archive.drained();
  const { manifest } = (await archive.manifests.read('BATCH_20261121')) ?? {};
  expect(manifest?.counts.conversations).toBe(conversations);
  expect(manifest?.objects).toHaveLength(objects);
  expect(await archive.keys('archives/')).toEqual(manifest?.objects.map(({ key }) => key).sort());
  expect(await archive.keys('indexes/')).toEqual([manifest?.index?.key]);
  expect((await archive.records()).filter((id) => id === 'BATCH_20261121-SUCCESS')).toHaveLength(1);
  expect(await archive.findings()).toEqual([]);
  expect(await archive.stageNames('windows/')).toEqual([]);
  const ids = new Set(archive.webhook.received.map(({ headers }) => headers['webhook-id']));
  expect(ids.size).toBe(1);
}

describe('a window', () => {
  test('is stored, put on record, told, counted, and leaves the stage empty', async () => {
    const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
    const { service } = await archive.start({ EVENT_BRIDGE_SECRET: secret });
    const { job, flow } = await archive.addWindow('2026-11-21', three);
    await archive.completed(job);
    await expectArchived();
    await readBack('c-1', 'c-4', 'c-5');
    const { manifest } = (await archive.manifests.read('BATCH_20261121')) ?? {};
    expect(manifest?.objects[0]).toMatchObject({
      storageClass: 'STANDARD_IA',
      encryption: 'AES256',
      generation: 1,
    });
    expect(manifest?.objects[0]?.key).toMatch(
      /^acme\/archives\/dt=2026-11-21\/BATCH_20261121\/b00001-[0-9a-f]{12}-g1\.ndjson\.gz$/,
    );
    const found: string[] = [];
    for await (const place of new ArchiveReader(archive.bucket).find(conversation('c-3').token))
      found.push(place.conversationId);
    expect(found).toEqual(['c-3']);

    const [event] = archive.webhook.received;
    const body = JSON.parse(event?.body ?? '') as Record<string, unknown>;
    const { sourceBytes: _, ...metrics } = manifest?.metrics ?? { sourceBytes: 0 };
    expect(body).toEqual({
      event: 'archive.completed',
      metrics,
      audit: {
        timestamp: manifest?.createdAt,
        action: 'ARCHIVE_OFFLOAD',
        conversation_id: 'BATCH_20261121',
        status: 'SUCCESS',
        checksum: manifest?.source.sha256,
      },
    });
    expect(new Webhook(secret).verify(event?.body ?? '', event?.headers as Record<string, string>)).toEqual(
      body,
    );
    expect(event?.headers['webhook-id']).toBe(`BATCH_20261121-${flow}`);

    expect(await archive.stage.getNote(stagePlaces.completed('BATCH_20261121'))).toMatchObject({ flow });
    await until('the compliance record is searchable', async () => (await archive.copies()) === 1);
    // The process flushes by itself too: what it has just taken may still be on its way.
    await expect
      .poll(async () => {
        await service.totals.flush();
        return readTotals(archive.redis, archive.deployment, 'archive');
      })
      .toMatchObject({
        windowsArchived: 1,
        conversationsArchived: 5,
        completionEvents: 1,
      });
    const [line] = await archive.redis.lrange(archivedWindowsKey(archive.deployment), 0, -1);
    expect(JSON.parse(line ?? '')).toMatchObject({
      windowId: 'BATCH_20261121',
      status: 'SUCCESS',
      conversations: 5,
      integrity: 'verified',
    });
    await expect.poll(() => service.health.problems()).toEqual([]);
  });

  test.each(['zstd', 'plain'])('is stored as %s', async (format) => {
    await archive.start({ ARCHIVE_FORMAT: format });
    await archive.addWindow('2026-11-21', three);
    await archive.drained();
    await expectArchived();
    await readBack('c-1', 'c-5');
  });

  test('is one JSON array in the guide’s layout', async () => {
    await archive.start({ ARCHIVE_LAYOUT: 'guide' });
    await archive.addWindow('2026-11-21', three);
    await archive.drained();
    await expectArchived(5, 1);
    expect(await archive.keys('archives/')).toEqual(['acme/archives/2026-11-21.json']);
    const stored = await archive.bucket.getSmall('acme/archives/2026-11-21.json', 1_000_000);
    const ids = (JSON.parse(stored?.bytes.toString() ?? '') as { conversationId: string }[]).map(
      (one) => one.conversationId,
    );
    expect(ids).toEqual(three.flat());
    await readBack('c-1', 'c-3', 'c-5');
  });

  test('without conversations has a manifest and a record', async () => {
    await archive.start();
    await archive.addWindow('2026-11-21', []);
    await archive.drained();
    const { manifest } = (await archive.manifests.read('BATCH_20261121')) ?? {};
    expect(manifest).toMatchObject({ counts: { conversations: 0 }, objects: [], index: null });
    expect(await archive.records()).toEqual(['BATCH_20261121-SUCCESS']);
    expect(await archive.findings()).toEqual([]);
  });

  test('is the same from two uploaders that work side by side', async () => {
    await archive.start();
    await archive.start();
    for (const day of ['2026-11-21', '2026-11-22', '2026-11-23']) {
      await archive.addWindow(
        day,
        Array.from({ length: 6 }, (_, n) => [`${day}-${n}`]),
      );
    }
    await archive.drained();
    expect((await archive.records()).sort()).toEqual([
      'BATCH_20261121-SUCCESS',
      'BATCH_20261122-SUCCESS',
      'BATCH_20261123-SUCCESS',
    ]);
    expect(await archive.keys('archives/')).toHaveLength(18);
    expect(await archive.findings()).toEqual([]);
  });

  test('takes away what a flow of another source had left', async () => {
    const { stop } = await archive.start();
    await archive.addWindow('2026-11-21', [['c-9']], { sourceSha256: 'a'.repeat(64) });
    await until(
      'the first flow has stored its batch',
      async () => (await archive.keys('archives/')).length === 1,
    );
    await archive.drained();
    await stop();
    await archive.bucket.delete(archive.bucket.keys.manifest('BATCH_20261121'));
    // S3 tells times in whole seconds.
    const second = Date.now() + 1_100;
    await until('a second has passed', () => Date.now() > second);
    archive.webhook.received.length = 0;
    await archive.start();
    await archive.addWindow('2026-11-21', three);
    await archive.drained();
    expect((await archive.keys('archives/')).every((key) => /b0000[123]-/.test(key))).toBe(true);
    expect(await archive.keys('archives/')).toHaveLength(3);
  });

  test('without texts that Genesys did not give says so in manifest, index and record, and is whole once it was fetched again', async () => {
    await archive.start();
    const release = { by: 'ada@host', reason: 'ticket 7', at: '2026-11-23T08:00:00.000Z' };
    const before = await archive.addWindow('2026-11-21', [['c-1', 'c-2-incomplete'], ['c-3']], {
      more: { release },
    });
    await archive.completed(before.job);
    await archive.drained();
    const windowId = before.window.id;
    const { manifest: first } = (await archive.manifests.read(windowId)) ?? {};
    expect(first).toMatchObject({ counts: { conversations: 3, missingTexts: 1 }, release });
    expect(first?.objects.map(({ missingTexts }) => missingTexts)).toEqual([1, 0]);
    expect(await archive.findings()).toEqual([]);
    expect(await archive.recordDetails(`${windowId}-SUCCESS`)).toMatchObject({
      missingTexts: 1,
      releasedBy: 'ada@host',
      releaseReason: 'ticket 7',
    });

    const again = { flow: before.flow, revision: 1, by: 'bob@host', reason: 'they came', at: release.at };
    const after = await archive.addWindow('2026-11-21', [['c-1', 'c-2'], ['c-3']], { more: { again } });
    await archive.completed(after.job);
    await archive.drained();
    const { manifest: second } = (await archive.manifests.read(windowId)) ?? {};
    expect(second).toMatchObject({
      revision: 2,
      flow: after.flow,
      counts: { conversations: 3, missingTexts: 0 },
      release: null,
      replacements: [{ by: 'bob@host', reason: 'they came', flow: before.flow, missingTexts: 1 }],
    });
    // The batch that is the same is the same object; what is not named any more is gone.
    expect(second?.objects[1]?.key).toBe(first?.objects[1]?.key);
    expect(await archive.keys('archives/')).toEqual(second?.objects.map(({ key }) => key).sort());
    expect(await archive.keys('indexes/')).toEqual([second?.index?.key]);
    expect(await archive.findings()).toEqual([]);
    expect(await archive.recordDetails(`${windowId}-SUCCESS-${after.flow}`)).toMatchObject({
      missingTexts: 0,
      missingTextsBefore: 1,
      by: 'bob@host',
    });
    await readBack('c-1', 'c-2', 'c-3');

    // One that was asked for before the window changed replaces nothing.
    const late = await archive.addWindow('2026-11-21', [['c-1']], { more: { again } });
    await until('it stands failed', async () => (await late.job.getState()) === 'failed');
    expect((await archive.manifests.read(windowId))?.manifest.flow).toBe(after.flow);
  });

  test('that is complete from another source stays as it is, and the other flow stands failed', async () => {
    await archive.start();
    await archive.addWindow('2026-11-21', three);
    await archive.drained();
    const before = await archive.manifests.read('BATCH_20261121');
    await archive.addWindow('2026-11-21', [['c-other']]);
    await until(
      'the other flow has failed',
      async () => (await archive.failures(ARCHIVE_WINDOW)).length === 1,
    );
    expect(await archive.failures(ARCHIVE_WINDOW)).toEqual([
      expect.stringMatching(/^ARCHIVE_WINDOW_CONFLICT/),
    ]);
    expect(await archive.manifests.read('BATCH_20261121')).toEqual(before);
    await until('the failure is on record', async () => (await archive.records()).length === 2);
    expect((await archive.records())[1]).toMatch(/^BATCH_20261121-FAILURE-archive-window-/);
  });
});

describe('a crash of the window’s job', () => {
  test.each<Step>(['stored', 'indexed', 'manifest', 'record', 'notify', 'note', 'stage'])(
    'behind the step "%s" ends with the same objects, one record and one event',
    async (step) => {
      let crashes = 1;
      await archive.start({}, async (at) => {
        if (at === step && crashes-- > 0) throw new Error('killed');
      });
      const { job } = await archive.addWindow('2026-11-21', three);
      await archive.completed(job);
      expect(crashes).toBeLessThan(1);
      await expectArchived();
      await readBack('c-2', 'c-3');
    },
  );
});

describe('an emptied Redis', () => {
  test('behind the manifest takes neither the record nor the event: both are queued again', async () => {
    for (const name of [ARCHIVE_COMPLIANCE, ARCHIVE_NOTIFY] as const) await archive.queues[name].pause();
    const running = await archive.start();
    const { job } = await archive.addWindow('2026-11-21', three);
    await archive.completed(job);
    for (const name of [ARCHIVE_COMPLIANCE, ARCHIVE_NOTIFY] as const) {
      expect(await archive.queues[name].count()).toBe(1);
      await archive.queues[name].obliterate({ force: true });
    }
    const { service } = running;
    const watch = new RecordWatch({
      service,
      manifests: archive.manifests,
      chain: archive.chain(),
      after: new AfterArchive(service, 8),
      notifies: true,
      now: () => new Date(Date.now() + 3_600_000),
    });
    expect(await watch.look()).toEqual(['BATCH_20261121']);
    for (const name of [ARCHIVE_COMPLIANCE, ARCHIVE_NOTIFY] as const) await archive.queues[name].resume();
    await expectArchived();
    expect(await watch.look()).toEqual([]);
  });
});

describe('a retry by hand', () => {
  test('of any job of a complete window changes nothing', async () => {
    await archive.start();
    const { window, flow, job } = await archive.addWindow('2026-11-21', three);
    await archive.completed(job);
    await archive.drained();
    const [keys, manifest] = [
      await archive.keys('archives/'),
      await archive.manifests.read('BATCH_20261121'),
    ];
    const upload = await archive.queues[ARCHIVE_UPLOAD].getJob(archiveBatchJobId(window.id, flow, 'b00002'));
    const before = upload?.returnvalue as { object: unknown };
    await upload?.retry('completed');
    await archive.drained();
    const again = await archive.queues[ARCHIVE_UPLOAD].getJob(archiveBatchJobId(window.id, flow, 'b00002'));
    expect(again?.returnvalue).toMatchObject({ object: before.object });
    const done = await archive.queues[ARCHIVE_WINDOW].getJob(job.id ?? '');
    await done?.retry('completed');
    await archive.drained();
    expect(await archive.keys('archives/')).toEqual(keys);
    expect(await archive.manifests.read('BATCH_20261121')).toEqual(manifest);
    await expectArchived();
  });

  test('of a window whose batch was lost from the stage fails, is on record once, and says what to do', async () => {
    const { window, flow } = await archive.addWindow('2026-11-21', three);
    await until(
      'all is redacted',
      async () => (await archive.queues[ARCHIVE_UPLOAD].getJobCounts('wait'))['wait'] === 3,
    );
    await archive.stage.removeAll(stagePlaces.redacted(window.id, flow, 'b00002'));
    const { service } = await archive.start();
    await until('the upload has failed', async () => (await archive.failures(ARCHIVE_UPLOAD)).length === 1);
    expect((await archive.failures(ARCHIVE_UPLOAD))[0]).toMatch(
      /^STAGE_BLOB_MISSING: .*Retry archive-fetch of BATCH_20261121/,
    );
    await until('the failure is on record', async () => (await archive.records()).length === 1);
    const [failed] = await archive.queues[ARCHIVE_UPLOAD].getFailed();
    await failed?.retry();
    await until('the second failure is on record', async () => (await archive.records()).length === 2);
    expect((await archive.records())[0]).toMatch(
      /^BATCH_20261121-FAILURE-archive-upload-BATCH_20261121-[0-9a-f]{12}-b00002-1$/,
    );
    await service.totals.flush();
    expect(await readTotals(archive.redis, archive.deployment, 'archive')).toMatchObject({
      windowsFailed: 1,
    });
    expect(await archive.redis.llen(archivedWindowsKey(archive.deployment))).toBe(1);
  });
});

describe('while the bucket cannot be written to', () => {
  /** Lets the archive go on until some batches are stored, breaks it, mends it, and looks that nothing was lost nor an attempt burned. */
  async function broken(spoil: Spoil, problem: RegExp, methods = ['PUT']): Promise<void> {
    let struck = 0;
    archive.spoil = (request, answer) => {
      if (!methods.includes(request.method) || !request.path.includes('/archives/')) return undefined;
      const changed = spoil(request, answer);
      if (changed !== undefined) struck++;
      return changed;
    };
    const { service } = await archive.start();
    const { job } = await archive.addWindow('2026-11-21', three);
    await until(
      'the gate is shut',
      () => service.health.problems().some((text) => problem.test(text)),
      () => service.health.problems().join(),
    );
    const before = struck;
    await until('it was tried again', () => struck > before);
    expect(await archive.failures(ARCHIVE_UPLOAD)).toEqual([]);
    archive.spoil = null;
    await archive.completed(job);
    await expectArchived();
    await until(
      'the gate is open',
      () => service.health.problems().length === 0,
      () => service.health.problems().join(),
    );
    for (const upload of await archive.queues[ARCHIVE_UPLOAD].getCompleted())
      expect(upload.attemptsMade).toBeLessThan(2);
  }

  test('503: jobs wait and go on by themselves', () => broken(() => s3Error(503, 'SlowDown'), /SlowDown/));
  test('403 midway: the permission is named', () =>
    broken(() => s3Error(403, 'AccessDenied'), /Grant s3:PutObject/));
  test('credentials expired', () => broken(() => s3Error(400, 'ExpiredToken'), /Renew the AWS credentials/));
  test('answers that state no encryption: what was stored is gone again', () =>
    broken(
      (_, answer) => {
        delete answer.headers['x-amz-server-side-encryption'];
        return answer;
      },
      /without the encryption/,
      ['PUT', 'HEAD'],
    ));

  test('its default encryption was taken away: nothing is stored until it is back', async () => {
    const { service } = await archive.start();
    await archive.addWindow('2026-11-20', three);
    await archive.drained();
    await archive.decrypt();
    await until('the gate is shut', () =>
      service.health.problems().some((text) => text.includes('no default encryption')),
    );
    const before = await archive.keys();
    const { job } = await archive.addWindow('2026-11-21', three);
    await until(
      'all is redacted',
      async () => (await archive.queues[ARCHIVE_UPLOAD].getJobCounts('wait', 'active'))['wait'] === 3,
    );
    expect(await archive.keys()).toEqual(before);
    await archive.encrypt();
    await archive.completed(job);
    await archive.drained();
    expect(service.health.problems()).toEqual([]);
    for (const key of await archive.keys('archives/'))
      expect((await archive.bucket.head(key))?.encryption).toBe('AES256');
    expect(await archive.findings()).toEqual([]);
  });

  test('a checksum that is answered wrong burns an attempt, and the batch is sent again', async () => {
    let times = 0;
    archive.spoil = (request, answer) => {
      if (request.method !== 'PUT' || !request.path.includes('/b00002-') || times++ > 0) return undefined;
      answer.headers['x-amz-checksum-sha256'] = Buffer.alloc(32).toString('base64');
      return answer;
    };
    await archive.start();
    const { job } = await archive.addWindow('2026-11-21', three);
    await archive.completed(job);
    await expectArchived();
    expect(times).toBe(2);
  });
});

describe('a dead letter that was redacted after all', () => {
  async function addAddendum(flow: string, window: ArchiveUploadJob['window']): Promise<ArchiveUploadJob> {
    const batch = archiveDeadLetterBatch(window.id, flow, 'b00001', 1);
    const text = `${conversation('dead-1').text}\n`;
    const source = await archive.stage.write(
      stagePlaces.deadLetter(window.id, flow, 'b00001', 1),
      toChunks(text),
    );
    const ofBatch = {
      v: 1 as const,
      window,
      flow,
      batch,
      source,
      storageClass: 'STANDARD_IA',
      traceId: 'trace',
    };
    const data: ArchiveUploadJob = { ...ofBatch, redaction: await archive.redacted(ofBatch) };
    const options = { ...jobOptions(8), jobId: archiveBatchJobId(window.id, flow, batch) };
    await archive.queues[ARCHIVE_UPLOAD].add('upload', data, options);
    return data;
  }

  test.each(['batches', 'guide'])('is added to its window, once (%s)', async (layout) => {
    await archive.start({ ARCHIVE_LAYOUT: layout });
    const { window, flow, job } = await archive.addWindow('2026-11-21', [['c-1', 'dead-1'], ['c-2']]);
    await archive.completed(job);
    expect((await archive.manifests.read(window.id))?.manifest.counts).toEqual({
      conversations: 2,
      deadLettered: 1,
      erased: 0,
      missingTexts: 0,
    });
    const { batch } = await addAddendum(flow, window);
    await archive.drained();
    await readBack('dead-1', 'c-1', 'c-2');
    const retried = await archive.queues[ARCHIVE_UPLOAD].getJob(archiveBatchJobId(window.id, flow, batch));
    await retried?.retry('completed');
    await archive.drained();
    const { manifest } = (await archive.manifests.read(window.id)) ?? {};
    expect(manifest?.counts).toEqual({
      conversations: 3,
      deadLettered: 0,
      erased: 0,
      missingTexts: 0,
    });
    expect(manifest?.revision).toBe(2);
    expect(await archive.records()).toEqual([`${window.id}-SUCCESS`, `${window.id}-SUCCESS-${batch}`]);
    expect(await archive.findings()).toEqual([]);
    expect(await archive.stageNames('dead/')).toEqual([]);
    expect(await archive.stageNames('windows/')).toEqual([]);
  });

  test('waits for its window', async () => {
    const { window, flow } = await archive.addWindow('2026-11-21', [['c-1', 'dead-1'], ['c-2']]);
    await archive.queues[ARCHIVE_WINDOW].pause();
    await archive.start();
    const { batch } = await addAddendum(flow, window);
    const id = archiveBatchJobId(window.id, flow, batch);
    await until(
      'it is put aside',
      async () => (await archive.queues[ARCHIVE_UPLOAD].getJobState(id)) === 'delayed',
    );
    await archive.queues[ARCHIVE_WINDOW].resume();
    await until('the window is complete', async () => archive.manifests.exists(window));
    await (await archive.queues[ARCHIVE_UPLOAD].getJob(id))?.promote();
    await archive.drained();
    await readBack('dead-1');
    expect(await archive.findings()).toEqual([]);
  });
});

describe('while Elasticsearch is away', () => {
  test('only the copy of the compliance chain waits, and is made up for later', async () => {
    const { service, stop } = await archive.start({ ELASTICSEARCH_URL: 'http://127.0.0.1:1' });
    await archive.addWindow('2026-11-21', three);
    await archive.drained();
    await expectArchived();
    await until('it is told', () => service.health.problems().some((text) => text.includes('falls behind')));
    expect(await archive.copies()).toBe(0);
    await stop();
    await archive.start();
    await until('the copy is made', async () => (await archive.copies()) === 1);
  });
});

describe('the webhook', () => {
  const sent = (): (string | undefined)[] =>
    archive.webhook.received.map(({ headers }) => headers['webhook-id'] as string);

  test('that answers 500 and 302 is tried again with the same id and body', async () => {
    archive.webhook.answers = [500, 302, 202];
    await archive.start();
    await archive.addWindow('2026-11-21', three);
    await archive.drained();
    expect(sent()).toHaveLength(3);
    expect(new Set(sent()).size).toBe(1);
    expect(new Set(archive.webhook.received.map(({ body }) => body)).size).toBe(1);
    expect(archive.webhook.received[0]?.headers['webhook-signature']).toBeUndefined();
  });

  test('that stays down leaves the event failed after its time, holds up nothing, and takes it when a person retries', async () => {
    archive.webhook.answers = Array.from({ length: 50 }, () => 503);
    await archive.start({ NOTIFY_RETRY_SECONDS: '1' });
    const { job } = await archive.addWindow('2026-11-21', three);
    await archive.completed(job);
    await until('the event has failed', async () => (await archive.failures(ARCHIVE_NOTIFY)).length === 1);
    expect((await archive.failures(ARCHIVE_NOTIFY))[0]).toMatch(/WEBHOOK_REFUSED|answered 503/);
    expect(sent().length).toBeGreaterThan(1);
    archive.webhook.answers = [];
    await (await archive.queues[ARCHIVE_NOTIFY].getFailed())[0]?.retry();
    await expectArchived();
  });

  test('that answers 410 pauses the queue with an alarm, and nothing else', async () => {
    archive.webhook.answers = [410];
    const { service } = await archive.start();
    const { job } = await archive.addWindow('2026-11-21', three);
    await archive.completed(job);
    await until('the queue is paused', () => archive.queues[ARCHIVE_NOTIFY].isPaused());
    await until('it is told', () => service.health.problems().some((text) => text.includes('410')));
    expect(await service.registry.metrics()).toMatch(
      /trunkline_completion_events_total\{result="gone",service="uploader"\} 1/,
    );
    await archive.addWindow('2026-11-22', [['c-7']]);
    await until('the next window is archived', async () =>
      archive.manifests.exists({ id: 'BATCH_20261122' }),
    );
    await archive.queues[ARCHIVE_NOTIFY].resume();
    await archive.drained();
    expect(new Set(sent()).size).toBe(2);
    await until('it is told no more', () => service.health.problems().length === 0);
  });

  test.each([
    ['an address', (port: string) => `http://127.0.0.1:${port}/events`],
    ['a name', (port: string) => `http://localhost:${port}/events`],
    ['IPv6', (port: string) => `http://[::ffff:127.0.0.1]:${port}/events`],
  ])('at a private address is not spoken to: %s', async (_, urlOf) => {
    const { service } = await archive.start({
      EVENT_BRIDGE_ALLOW_PRIVATE: 'false',
      EVENT_BRIDGE_URL: urlOf(new URL(archive.webhook.url).port),
    });
    await archive.addWindow('2026-11-21', [['c-1']]);
    await until('it is told', () =>
      service.health.problems().some((text) => text.includes('EVENT_BRIDGE_ALLOW_PRIVATE')),
    );
    expect(archive.webhook.received).toEqual([]);
    expect(await archive.failures(ARCHIVE_NOTIFY)).toEqual([]);
  });
});

async function* toChunks(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}
