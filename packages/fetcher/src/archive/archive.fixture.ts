/** The archive pipeline of a fetcher on the real Redis and S3, with a stage in a folder of the test's own. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, PutBucketEncryptionCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import {
  ArchiveKeys,
  Bucket,
  type Manifest,
  Manifests,
  openS3,
  PlanWatermark,
} from '@trunkline/archive-store';
import { openStage, type Stage } from '@trunkline/claim-check/stage';
import {
  ARCHIVE_FETCH,
  ARCHIVE_PLAN,
  ARCHIVE_REDACT,
  ARCHIVE_UPLOAD,
  ARCHIVE_WINDOW,
  type ArchiveFetchJob,
  type ArchiveRedactJob,
  type ArchiveWindow,
  type ArchiveWindowAct,
  type ArchiveWindowJob,
  archiveWindowAt,
  type QueueName,
} from '@trunkline/contracts';
import { jobOptions, loadForOrganisations, openQueue, Service } from '@trunkline/service';
import type { Job, Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { expect, inject } from 'vitest';
import { loadFetcherSettings } from '../config.ts';
import { archiveOrganisation, openOrganisation } from '../fetcher-organisation.ts';
import { archivePipeline, openArchivePlaces } from './archive-pipeline.ts';
import { ArchiveServer } from './archive-server.fixture.ts';

export const aDay = archiveWindowAt(Date.parse('2026-01-05T00:00:00Z'), 86_400_000, ['voice', 'chat']);

export interface RunningArchive {
  service: Service;
  stop: () => Promise<void>;
}

/** Where conversations come from in a test: the guide's archive, unless another is given. */
type Source = AsyncDisposable & { readonly base: string; readonly settings?: Record<string, string> };

export class TestArchive<Server extends Source = ArchiveServer> implements AsyncDisposable {
  readonly deployment = `t${randomBytes(4).toString('hex')}`;
  readonly redis = new Redis(inject('redisUrl'), { maxRetriesPerRequest: null });
  readonly server: Server;
  readonly folder: string;
  readonly stage: Stage;
  readonly #key = randomBytes(32);
  readonly #bucket = `fetch-${randomBytes(6).toString('hex')}`;
  readonly #s3 = openS3({ ...inject('s3'), forcePathStyle: null });
  readonly #queues = new Map<QueueName, Queue>();
  readonly #running = new Set<RunningArchive>();

  private constructor(server: Server, folder: string) {
    this.server = server;
    this.folder = folder;
    this.stage = openStage({ url: this.#stageUrl }, [this.#key], null);
  }

  static async start(): Promise<TestArchive> {
    return TestArchive.startOn(await ArchiveServer.start());
  }

  static async startOn<Server extends Source>(server: Server): Promise<TestArchive<Server>> {
    const { accessKeyId, secretAccessKey } = inject('s3');
    process.env['AWS_ACCESS_KEY_ID'] = accessKeyId;
    process.env['AWS_SECRET_ACCESS_KEY'] = secretAccessKey;
    const folder = await mkdtemp(join(tmpdir(), 'trunkline-archive-'));
    const archive = new TestArchive(server, folder);
    await archive.#s3.send(new CreateBucketCommand({ Bucket: archive.#bucket }));
    await archive.#s3.send(
      new PutBucketEncryptionCommand({
        Bucket: archive.#bucket,
        ServerSideEncryptionConfiguration: {
          Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
        },
      }),
    );
    return archive;
  }

  get #stageUrl(): string {
    return `file://${this.folder}/stage`;
  }

  env(changes: Record<string, string> = {}): Record<string, string> {
    const s3 = inject('s3');
    return {
      FETCHER_PIPELINES: 'archive',
      TRUNKLINE_PREFIX: this.deployment,
      REDIS_URL: inject('redisUrl'),
      PAYLOAD_KEY: this.#key.toString('base64'),
      STAGE_URL: this.#stageUrl,
      AWS_REGION: s3.region,
      AWS_ACCESS_KEY_ID: s3.accessKeyId,
      AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
      S3_ENDPOINT: s3.endpoint,
      S3_BUCKET: this.#bucket,
      GENESYS_API_BASE: this.server.base,
      GENESYS_CLIENT_ID: 'client-1',
      GENESYS_CLIENT_SECRET: 'secret-1',
      GENESYS_RATE_PER_SECOND: '0',
      GENESYS_TIMEOUT_SECONDS: '20',
      GENESYS_BACKOFF_MIN_SECONDS: '0.01',
      GENESYS_BACKOFF_MAX_SECONDS: '0.05',
      WORKER_LOCK_SECONDS: '2',
      WORKER_STALLED_INTERVAL_SECONDS: '1',
      LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'silent',
      ...this.server.settings,
      ...changes,
    };
  }

  /** Starts the pipeline in this process; without the schedule, unless it is asked for. */
  async run(changes: Record<string, string> = {}, withSchedule = false): Promise<RunningArchive> {
    const loaded = await loadForOrganisations(this.env(changes), loadFetcherSettings);
    const [{ common, settings }] = loaded.all;
    const service = new Service('fetcher', common, 'archive');
    await service.start(settings, this.env(changes));
    const opened = loaded.map((one, id) => openOrganisation(one, id, service));
    const organisations = opened.mapSome(archiveOrganisation);
    if (organisations === null) throw new Error('no archive pipeline');
    const places = openArchivePlaces(organisations, common.payload.payloadKeys);
    const components = archivePipeline({
      service,
      organisations,
      attempts: common.worker.attempts,
      places,
    });
    const wanted = components.filter(({ name }) => withSchedule || name !== 'plan-schedule');
    const ended = service.run(...wanted);
    const running = {
      service,
      stop: async () => {
        if (!this.#running.delete(running)) return;
        service.stop();
        await ended;
        for (const { genesys } of opened.all) await genesys.close();
        await places[Symbol.asyncDispose]();
        await service[Symbol.asyncDispose]();
      },
    };
    this.#running.add(running);
    return running;
  }

  queue(name: QueueName): Queue {
    let queue = this.#queues.get(name);
    if (queue === undefined) {
      queue = openQueue(this.deployment, name, this.redis);
      this.#queues.set(name, queue);
    }
    return queue;
  }

  /** As the plan does it. */
  async queueFetch(
    window: ArchiveWindow = aDay,
    attempts = 8,
    { pageSize = 100 }: { pageSize?: number } = {},
  ): Promise<void> {
    const job: ArchiveFetchJob = {
      v: 1,
      window,
      traceId: 'trace-1',
      pageSize,
      storageClass: 'STANDARD_IA',
      plannedAt: '2026-01-06T01:00:00.000Z',
      requestedBy: null,
    };
    await this.queue(ARCHIVE_FETCH).add('window', job, { ...jobOptions(attempts), jobId: window.id });
  }

  fetchJob(window: ArchiveWindow = aDay): Promise<Job> {
    return this.queue(ARCHIVE_FETCH).getJob(window.id) as Promise<Job>;
  }

  /** Waits until the fetch is in a state. */
  async fetchIs(state: string, window: ArchiveWindow = aDay): Promise<Job> {
    await expect
      .poll(
        async () =>
          (await this.queue(ARCHIVE_FETCH).getJobState(window.id)) === state || (await this.#told(window)),
      )
      .toBe(true);
    return this.fetchJob(window);
  }

  async #told(window: ArchiveWindow): Promise<string> {
    const job = await this.fetchJob(window);
    return `${await job?.getState()}: ${job?.failedReason}`;
  }

  /** Jobs of windows behind their fetch. */
  async windowJobs(): Promise<Job<ArchiveWindowJob>[]> {
    return this.queue(ARCHIVE_WINDOW).getJobs([
      'waiting-children',
      'waiting',
      'completed',
      'failed',
      'active',
    ]);
  }

  /** The conversations of each batch, in order, as the redactor gets them. */
  async batches(): Promise<string[][]> {
    const jobs: Job<ArchiveRedactJob>[] = await this.queue(ARCHIVE_REDACT).getJobs(['waiting']);
    jobs.sort((one, other) => one.data.batch.localeCompare(other.data.batch));
    return Promise.all(
      jobs.map(async ({ data }) => {
        const parts: Buffer[] = [];
        for await (const part of this.stage.read(data.source)) parts.push(part);
        const lines = Buffer.concat(parts).toString('utf8').split('\n');
        expect(lines.pop()).toBe('');
        expect(data.conversations).toBe(lines.length);
        return lines;
      }),
    );
  }

  async uploads(): Promise<number> {
    const counts = await this.queue(ARCHIVE_UPLOAD).getJobCounts();
    return Object.values(counts).reduce((sum, count) => sum + count, 0);
  }

  async staged(prefix = 'windows/'): Promise<string[]> {
    const names: string[] = [];
    for await (const { name } of this.stage.list(prefix)) names.push(name);
    return names;
  }

  /** As a person asks for it. @returns what came of it */
  async act(kind: 'release' | 'again', windowId = aDay.id): Promise<unknown> {
    const at = new Date().toISOString();
    const act: ArchiveWindowAct = { kind, windowId, by: 'ada@host', reason: 'ticket 7', at };
    const job = await this.queue(ARCHIVE_PLAN).add(kind, { v: 1, range: null, act }, jobOptions(1));
    await expect.poll(() => job.getState()).toBe('completed');
    return (await this.queue(ARCHIVE_PLAN).getJob(job.id ?? ''))?.returnvalue.result;
  }

  /** As an uploader does: a manifest says as what a window is archived. */
  async archived(manifest: Pick<Manifest, 'flow' | 'counts' | 'erasures' | 'release'>): Promise<void> {
    const bucket = new Bucket(this.#s3, { bucket: this.#bucket, prefix: '', keyPrefix: '' });
    await new Manifests(bucket).create({
      v: 1,
      revision: 1,
      window: aDay,
      createdAt: new Date().toISOString(),
      source: { pages: 1, bytes: 1, sha256: 'a'.repeat(64), integrity: 'unverified' },
      layout: 'batches',
      format: 'gzip',
      objects: [],
      index: null,
      metrics: {
        bytes_transferred: 0,
        duration_seconds: 0,
        throughput_mbps: 0,
        estimated_cost_usd: 0,
        sourceBytes: 1,
      },
      recordId: `${aDay.id}-SUCCESS`,
      replacements: [],
      ...manifest,
    });
  }

  /** Marks a window as done: a manifest stands in the bucket. */
  async complete(window: ArchiveWindow): Promise<void> {
    const Key = new ArchiveKeys('').manifest(window.id);
    await this.#s3.send(new PutObjectCommand({ Bucket: this.#bucket, Key, Body: '{}' }));
  }

  /** As if all windows up to this one had been done in order. */
  async setWatermark(window: ArchiveWindow, keyPrefix = ''): Promise<void> {
    await this.#watermark(keyPrefix, window.mediaTypes).advance(window, new Date());
  }

  /** End of the last window that is done in order. */
  async watermark(keyPrefix = '', mediaTypes: readonly string[] = ['voice', 'chat']): Promise<string | null> {
    return (await this.#watermark(keyPrefix, mediaTypes).read())?.to ?? null;
  }

  #watermark(keyPrefix: string, mediaTypes: readonly string[]): PlanWatermark {
    const bucket = new Bucket(this.#s3, { bucket: this.#bucket, prefix: '', keyPrefix });
    return new PlanWatermark(bucket, mediaTypes);
  }

  /** Has the schedule look at the windows once. @returns what it found */
  async tick(range: unknown = null): Promise<unknown> {
    const job = await this.queue(ARCHIVE_PLAN).add('tick', { v: 1, range }, jobOptions(1));
    await expect.poll(() => job.getState()).toBe('completed');
    return (await this.queue(ARCHIVE_PLAN).getJob(job.id ?? ''))?.returnvalue;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const running of this.#running) await running.stop();
    await this.server[Symbol.asyncDispose]();
    const keys = await this.redis.keys(`{${this.deployment}*`);
    if (keys.length > 0) await this.redis.unlink(...keys);
    this.redis.disconnect();
    this.#s3.destroy();
    await rm(this.folder, { recursive: true, force: true });
  }
}
