/** A redactor in this process on the real Redis, with a stage of its own, and the hands of a fetcher and of a person. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openS3 } from '@trunkline/archive-store';
import { openStage, type Stage, stagePlaces } from '@trunkline/claim-check/stage';
import {
  ARCHIVE_COMPLIANCE,
  ARCHIVE_DEAD_LETTER,
  ARCHIVE_REDACT,
  ARCHIVE_UPLOAD,
  type ArchiveRedactJob,
  type ArchiveRedactOutcome,
  archiveBatchJobId,
  archiveRedactOutcome,
  archiveWindowAt,
  type StagedBlob,
} from '@trunkline/contracts';
import { jobOptions, loadForOrganisations, openQueue, Service } from '@trunkline/service';
import type { Job, Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { inject } from 'vitest';
import { loadRedactorSettings, redactorSettings } from './config.ts';
import { gathered } from './gathered.fixture.ts';
import { type RedactorOptions, redactorComponents } from './redactor.ts';

export interface RunningRedactor {
  service: Service;
  stop: () => Promise<void>;
}

export const testWindow = archiveWindowAt(Date.UTC(2026, 10, 21), 86_400_000, ['voice', 'chat']);
export const testFlow = 'a1b2c3d4e5f6';

export class TestRedaction implements AsyncDisposable {
  readonly deployment = `t${randomBytes(4).toString('hex')}`;
  readonly redis = new Redis(inject('redisUrl'), { maxRetriesPerRequest: null });
  readonly redact: Queue = openQueue(this.deployment, ARCHIVE_REDACT, this.redis);
  readonly deadLetters: Queue = openQueue(this.deployment, ARCHIVE_DEAD_LETTER, this.redis);
  readonly uploads: Queue = openQueue(this.deployment, ARCHIVE_UPLOAD, this.redis);
  readonly compliance: Queue = openQueue(this.deployment, ARCHIVE_COMPLIANCE, this.redis);
  readonly folder: string;
  readonly stage: Stage;
  readonly #url: string;
  readonly #key = randomBytes(32);
  readonly #running: RunningRedactor[] = [];
  readonly #s3: ReturnType<typeof openS3> | null;
  #batches = 0;

  private constructor(folder: string, bucket: string | null) {
    this.folder = folder;
    this.#url = bucket === null ? `file://${folder}` : `s3://${bucket}/${this.deployment}`;
    const { endpoint, region } = inject('s3');
    this.#s3 = bucket === null ? null : openS3({ endpoint, region, forcePathStyle: true });
    this.stage = openStage({ url: this.#url }, [this.#key], this.#s3);
  }

  /** @param bucket for a stage in it; `null`: in a folder */
  static async open(bucket: string | null = null): Promise<TestRedaction> {
    return new TestRedaction(await mkdtemp(join(tmpdir(), 'redactor-')), bucket);
  }

  env(changes: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
    const { endpoint, region } = inject('s3');
    return {
      REDIS_URL: inject('redisUrl'),
      PAYLOAD_KEY: this.#key.toString('base64'),
      TOKENIZATION_KEY: '0123456789abcdef0123456789abcdef',
      STAGE_URL: this.#url,
      ...(this.#s3 === null ? {} : { AWS_REGION: region, S3_ENDPOINT: endpoint }),
      TRUNKLINE_PREFIX: this.deployment,
      WORKER_LOCK_SECONDS: '2',
      WORKER_STALLED_INTERVAL_SECONDS: '1',
      LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'silent',
      ...changes,
    };
  }

  async start(changes: NodeJS.ProcessEnv = {}, options: RedactorOptions = {}): Promise<RunningRedactor> {
    const organisations = await loadForOrganisations(this.env(changes), loadRedactorSettings);
    const [config] = organisations.all;
    const service = new Service('redactor', config, 'archive');
    await service.start(redactorSettings, this.env(changes));
    const ended = service.run(...redactorComponents(service, this.stage, organisations, options));
    const running = {
      service,
      stop: async () => {
        this.#running.splice(this.#running.indexOf(running) >>> 0, 1);
        service.stop();
        await ended;
        await service[Symbol.asyncDispose]();
      },
    };
    this.#running.push(running);
    return running;
  }

  /** What a fetcher does with a batch: stage, job. */
  async add(lines: readonly string[], changes: Partial<ArchiveRedactJob> = {}): Promise<Job> {
    const batch = `b${String(++this.#batches).padStart(5, '0')}`;
    const bytes = lines.map((line) => Buffer.from(`${line}\n`));
    const source = await this.stage.write(
      `${stagePlaces.attempt(testWindow.id, 'x1')}batches/${batch}`,
      pieces(bytes),
    );
    const job: ArchiveRedactJob = {
      v: 1,
      window: testWindow,
      traceId: randomBytes(8).toString('hex'),
      flow: testFlow,
      batch,
      source,
      conversations: lines.length,
      storageClass: 'STANDARD_IA',
      ...changes,
    };
    const jobId = archiveBatchJobId(testWindow.id, testFlow, batch);
    return this.redact.add('redact', job, { ...jobOptions(8), jobId });
  }

  /** The outcome of a job, once it has one. */
  async outcomeOf(job: Job): Promise<ArchiveRedactOutcome> {
    await this.until(job, 'completed');
    return archiveRedactOutcome.parse((await this.redact.getJob(job.id ?? ''))?.returnvalue);
  }

  async until(job: Job, state: 'completed' | 'failed'): Promise<Job> {
    const queue = [this.redact, this.deadLetters].find(({ name }) => name === job.queueName) as Queue;
    for (const deadline = Date.now() + 120_000; ; ) {
      // The state first: a job that is read before its end does not know of it.
      const now = await queue.getJobState(job.id ?? '');
      const standing = await queue.getJob(job.id ?? '');
      if (now === state) return standing as Job;
      if (now === 'completed' || now === 'failed')
        throw new Error(`the job ${now}: ${standing?.failedReason}`);
      if (Date.now() > deadline) throw new Error(`the job is still ${now}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async contentOf(blob: StagedBlob): Promise<string> {
    return Buffer.concat(await gathered(this.stage.read(blob))).toString();
  }

  async linesOf(blob: StagedBlob): Promise<string[]> {
    return (await this.contentOf(blob)).split('\n').slice(0, -1);
  }

  async namesIn(prefix: string): Promise<string[]> {
    return (await gathered(this.stage.list(prefix))).map(({ name }) => name);
  }

  /** Everything that somebody with access to the disk and to Redis could read. */
  async everythingInClear(): Promise<Buffer> {
    const files = await readdir(this.folder, { recursive: true, withFileTypes: true });
    const contents = await Promise.all(
      files.filter((file) => file.isFile()).map((file) => readFile(join(file.parentPath, file.name))),
    );
    for (const key of await this.redis.keys(`{${this.deployment}:*`)) {
      contents.push(Buffer.from(JSON.stringify(await contentOfKey(this.redis, key))));
    }
    return Buffer.concat(contents);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const running of [...this.#running]) await running.stop();
    for (const queue of [this.redact, this.deadLetters, this.uploads, this.compliance]) {
      await queue.obliterate({ force: true });
      await queue.close();
    }
    await this.redis.quit();
    this.#s3?.destroy();
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function contentOfKey(redis: Redis, key: string): Promise<unknown> {
  switch (await redis.type(key)) {
    case 'hash':
      return redis.hgetall(key);
    case 'stream':
      return redis.xrange(key, '-', '+');
    case 'list':
      return redis.lrange(key, 0, -1);
    case 'zset':
      return redis.zrange(key, '0', '-1');
    default:
      return redis.get(key);
  }
}

async function* pieces(parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts;
}
