/** Uploaders in this process on the real Redis, S3 and Elasticsearch, under names of their own, and the hands of fetcher and redactor. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateBucketCommand,
  DeleteBucketEncryptionCommand,
  PutBucketEncryptionCommand,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3';
import {
  Bucket,
  ComplianceChain,
  complianceKey,
  Manifests,
  openS3,
  verifyArchive,
} from '@trunkline/archive-store';
import { openStage, type Stage, stagePlaces } from '@trunkline/claim-check/stage';
import {
  ARCHIVE_COMPLIANCE,
  ARCHIVE_NOTIFY,
  ARCHIVE_REDACT,
  ARCHIVE_UPLOAD,
  ARCHIVE_WINDOW,
  type ArchiveRedactOutcome,
  type ArchiveUploadJob,
  type ArchiveWindow,
  type ArchiveWindowJob,
  archiveBatchJobId,
  archiveFlowId,
  archiveWindowAt,
  archiveWindowJobId,
  pipelinePrefix,
  type QueueName,
} from '@trunkline/contracts';
import { Elasticsearch } from '@trunkline/elasticsearch-sink';
import { bullConnection, jobOptions, loadForOrganisations, openQueue, Service } from '@trunkline/service';
import { FlowProducer, type Job, type Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { inject } from 'vitest';
import { loadUploaderSettings, uploaderSettings } from './config.ts';
import { openUploaderParts, uploaderComponents } from './uploader.ts';
import type { Step } from './window-completion.ts';

interface WireAnswer {
  statusCode: number;
  headers: Record<string, string>;
  body?: unknown;
}
/** What becomes of an answer of S3: another one, or `undefined` for itself. */
export type Spoil = (request: { method: string; path: string }, answer: WireAnswer) => WireAnswer | undefined;

export function s3Error(statusCode: number, code: string): WireAnswer {
  return {
    statusCode,
    headers: { 'content-type': 'application/xml' },
    body: Buffer.from(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>in a test</Message></Error>`),
  };
}

export interface RunningUploader {
  service: Service;
  stop: () => Promise<void>;
}

/** A conversation as it leaves the redactor, told by a text that nobody else has. */
export function conversation(id: string): { id: string; token: string; text: string } {
  const token = `PHONE-${createHash('sha256').update(id).digest('hex').slice(0, 16)}`;
  return { id, token, text: JSON.stringify({ conversationId: id, transcripts: [`call ${token}`], n: 1.5 }) };
}

/** Conversations whose id ends so are without one text. */
function isIncomplete({ id }: { id: string }): boolean {
  return id.endsWith('-incomplete');
}

const queueNames = [
  ARCHIVE_REDACT,
  ARCHIVE_UPLOAD,
  ARCHIVE_WINDOW,
  ARCHIVE_COMPLIANCE,
  ARCHIVE_NOTIFY,
] as const;
const tokenKey = 'a key of more than thirty-two bytes, for tests';

export class TestArchive implements AsyncDisposable {
  readonly deployment = `u${randomBytes(4).toString('hex')}`;
  readonly bucketName = `uploader-${this.deployment}`;
  readonly redis = new Redis(inject('redisUrl'), { maxRetriesPerRequest: null });
  readonly queues: Record<QueueName, Queue>;
  readonly s3: ReturnType<typeof openS3>;
  readonly bucket: Bucket;
  readonly manifests: Manifests;
  readonly webhook = new TestWebhook();
  readonly elasticsearch: Elasticsearch;
  stage!: Stage;
  /** Spoils answers that uploaders get from S3. */
  spoil: Spoil | null = null;
  readonly #payloadKey = randomBytes(32).toString('base64');
  #folder = '';
  #flows!: FlowProducer;
  #redactor!: Worker;
  readonly #running: RunningUploader[] = [];

  private constructor() {
    const s3 = inject('s3');
    process.env['AWS_ACCESS_KEY_ID'] = s3.accessKeyId;
    process.env['AWS_SECRET_ACCESS_KEY'] = s3.secretAccessKey;
    this.s3 = openS3({ region: s3.region, endpoint: s3.endpoint, forcePathStyle: null });
    this.bucket = new Bucket(this.s3, { bucket: this.bucketName, prefix: 'acme/' });
    this.manifests = new Manifests(this.bucket);
    this.queues = Object.fromEntries(
      queueNames.map((name) => [name, openQueue(this.deployment, name, this.redis)]),
    ) as Record<QueueName, Queue>;
    this.elasticsearch = new Elasticsearch(this.config({}).elasticsearch);
  }

  static async open(): Promise<TestArchive> {
    const archive = new TestArchive();
    await archive.#open();
    return archive;
  }

  async #open(): Promise<void> {
    await this.s3.send(new CreateBucketCommand({ Bucket: this.bucketName }));
    await this.s3.send(
      new PutPublicAccessBlockCommand({
        Bucket: this.bucketName,
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          IgnorePublicAcls: true,
          BlockPublicPolicy: true,
          RestrictPublicBuckets: true,
        },
      }),
    );
    await this.encrypt();
    await this.webhook.listen();
    this.#folder = await mkdtemp(join(tmpdir(), 'uploader-'));
    const { stage, payload } = this.config({});
    this.stage = openStage(stage, payload.payloadKeys, null);
    const prefix = pipelinePrefix(this.deployment, 'archive');
    this.#flows = new FlowProducer({ connection: bullConnection(this.redis), prefix });
    this.#redactor = new Worker(ARCHIVE_REDACT, (job) => this.#redact(job), {
      connection: bullConnection(this.redis.duplicate()),
      prefix,
      concurrency: 4,
    });
  }

  /** The bucket's default encryption, on and off. */
  async encrypt(): Promise<void> {
    await this.s3.send(
      new PutBucketEncryptionCommand({
        Bucket: this.bucketName,
        ServerSideEncryptionConfiguration: {
          Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
        },
      }),
    );
  }

  async decrypt(): Promise<void> {
    await this.s3.send(new DeleteBucketEncryptionCommand({ Bucket: this.bucketName }));
  }

  env(changes: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    const s3 = inject('s3');
    return {
      REDIS_URL: inject('redisUrl'),
      ELASTICSEARCH_URL: inject('elasticsearchUrl'),
      AUDIT_REPLICAS: '0',
      COMPLIANCE_INDEX: `${this.deployment}-compliance`,
      AWS_REGION: s3.region,
      S3_ENDPOINT: s3.endpoint,
      S3_BUCKET: this.bucketName,
      S3_PREFIX: 'acme/',
      STAGE_URL: `file://${this.#folder || '/tmp/none'}`,
      PAYLOAD_KEY: this.#payloadKey,
      TOKENIZATION_KEY: tokenKey,
      TRUNKLINE_PREFIX: this.deployment,
      EVENT_BRIDGE_URL: this.webhook.url,
      EVENT_BRIDGE_ALLOW_PRIVATE: 'true',
      BUCKET_GATE_MAX_AGE_SECONDS: '0.2',
      WORKER_LOCK_SECONDS: '5',
      WORKER_STALLED_INTERVAL_SECONDS: '1',
      LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'silent',
      ...changes,
    };
  }

  config(changes: NodeJS.ProcessEnv) {
    return loadUploaderSettings(this.env(changes));
  }

  async start(
    changes: NodeJS.ProcessEnv = {},
    onStep?: (step: Step) => Promise<void>,
  ): Promise<RunningUploader> {
    const organisations = await loadForOrganisations(this.env(changes), loadUploaderSettings);
    const [config] = organisations.all;
    const stack = new AsyncDisposableStack();
    const parts = openUploaderParts(config, stack);
    parts.s3.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        const changed = this.spoil?.(
          args.request as { method: string; path: string },
          result.response as WireAnswer,
        );
        if (changed !== undefined) result.response = changed;
        return result;
      },
      { step: 'deserialize', priority: 'low', name: 'spoil' },
    );
    const service = new Service('uploader', config, 'archive');
    await service.start(uploaderSettings, this.env(changes));
    const ended = service.run(...uploaderComponents(service, organisations, parts, onStep));
    const running: RunningUploader = {
      service,
      stop: async () => {
        const at = this.#running.indexOf(running);
        if (at === -1) return;
        this.#running.splice(at, 1);
        service.stop();
        await ended;
        await service[Symbol.asyncDispose]();
        await stack.disposeAsync();
      },
    };
    this.#running.push(running);
    return running;
  }

  /** What a fetcher leaves of a window: its batches in the stage, and one flow. */
  async addWindow(
    day: string,
    batches: readonly (readonly string[])[],
    options: {
      sourceSha256?: string;
      organisation?: string;
      more?: Pick<ArchiveWindowJob, 'again'> & { release?: ArchiveWindowJob['release'] };
    } = {},
  ): Promise<{ window: ArchiveWindow; flow: string; job: Job }> {
    const window = archiveWindowAt(
      Date.parse(`${day}T12:00:00Z`),
      86_400_000,
      ['voice', 'chat'],
      options.organisation,
    );
    const sha256 =
      options.sourceSha256 ??
      createHash('sha256')
        .update(`${day}${JSON.stringify(batches)}`)
        .digest('hex');
    const flow = archiveFlowId(sha256);
    const ofWindow = { v: 1 as const, window, traceId: 'trace', flow };
    const redactions = await Promise.all(
      batches.map(async (ids, at) => {
        const batch = `b${String(at + 1).padStart(5, '0')}`;
        const name = `${stagePlaces.attempt(window.id, randomBytes(4).toString('hex'))}batches/${batch}`;
        const source = await this.stage.write(
          name,
          oneChunk(ids.map((id) => `${conversation(id).text}\n`).join('')),
        );
        const ofBatch = { ...ofWindow, batch, source, storageClass: 'STANDARD_IA' };
        return {
          name: 'upload',
          queueName: ARCHIVE_UPLOAD,
          data: ofBatch,
          opts: { ...jobOptions(8), jobId: archiveBatchJobId(window.id, flow, batch) },
          children: [
            {
              name: 'redact',
              queueName: ARCHIVE_REDACT,
              data: { ...ofBatch, conversations: ids.length },
              opts: { ...jobOptions(8), jobId: archiveBatchJobId(window.id, flow, batch) },
            },
          ],
        };
      }),
    );
    const { job } = await this.#flows.add({
      name: 'window',
      queueName: ARCHIVE_WINDOW,
      data: {
        ...ofWindow,
        source: { pages: 1, bytes: 10_000, sha256, integrity: 'verified' },
        batches: batches.length,
        conversations: batches.flat().length,
        storageClass: 'STANDARD_IA',
        plannedAt: `${day}T00:00:00.000Z`,
        startedAt: `${day}T00:00:00.000Z`,
        ...options.more,
      },
      opts: { ...jobOptions(8), jobId: archiveWindowJobId(window.id, flow) },
      children: redactions,
    });
    return { window, flow, job };
  }

  /** What the redactor leaves of a batch: the conversations whose id begins with `dead` are dead letters. */
  async redacted(
    data: Pick<ArchiveUploadJob, 'window' | 'flow' | 'batch' | 'source'>,
  ): Promise<ArchiveRedactOutcome> {
    const chunks: Buffer[] = [];
    for await (const chunk of this.stage.read(data.source)) chunks.push(chunk);
    const texts = Buffer.concat(chunks)
      .toString()
      .split('\n')
      .filter((line) => line !== '');
    const members = texts.map((text) =>
      conversation((JSON.parse(text) as { conversationId: string }).conversationId),
    );
    const good = members.filter(({ id }) => !id.startsWith('dead') || data.batch.startsWith('d-'));
    const run = randomBytes(4).toString('hex');
    const place = data.batch.startsWith('d-')
      ? `${data.source.name}/redacted/${run}`
      : `${stagePlaces.redacted(data.window.id, data.flow, data.batch)}${run}`;
    return {
      conversations: good.length,
      deadLettered: members.length - good.length,
      missingTexts: good.filter(isIncomplete).length,
      entities: { PHONE: good.length },
      redacted: await this.stage.write(
        `${place}/data`,
        oneChunk(good.map(({ text }) => `${text}\n`).join('')),
      ),
      index: await this.stage.write(
        `${place}/index`,
        oneChunk(
          good
            .map(
              ({ id, token }) =>
                `${JSON.stringify({ id, tokens: [token], ...(isIncomplete({ id }) && { missingTexts: 1 }) })}\n`,
            )
            .join(''),
        ),
      ),
      engineVersion: '1',
      keyId: null,
    };
  }

  async #redact(job: Job): Promise<ArchiveRedactOutcome> {
    return this.redacted(job.data as ArchiveUploadJob);
  }

  async completed(job: Job): Promise<void> {
    await until(
      `job ${job.id} is complete`,
      async () => (await job.getState()) === 'completed',
      async () => {
        const counts = await Promise.all(
          queueNames.map(async (name) => `${name} ${JSON.stringify(await this.queues[name].getJobCounts())}`),
        );
        return `${await job.getState()}; ${counts.join('; ')}`;
      },
    );
  }

  /** All jobs of all queues are done, none failed. */
  async drained(): Promise<void> {
    await until('every queue is drained', async () => {
      for (const name of queueNames) {
        const counts = await this.queues[name].getJobCounts(
          'active',
          'wait',
          'delayed',
          'waiting-children',
          'failed',
          'prioritized',
        );
        if (Object.values(counts).some((count) => count > 0)) return false;
      }
      return true;
    });
  }

  async failures(name: QueueName): Promise<string[]> {
    return (await this.queues[name].getFailed()).map((job) => job.failedReason ?? '');
  }

  async keys(place = ''): Promise<string[]> {
    const keys: string[] = [];
    for await (const { key } of this.bucket.list(`acme/${place}`)) keys.push(key);
    return keys;
  }

  chain(): ComplianceChain {
    return new ComplianceChain(this.bucket, [complianceKey(Buffer.from(tokenKey))]);
  }

  async records(): Promise<string[]> {
    const ids: string[] = [];
    for await (const { opened } of this.chain().read()) {
      ids.push(opened.kind === 'valid' ? opened.entry.record.recordId : opened.kind);
    }
    return ids;
  }

  async recordDetails(recordId: string): Promise<unknown> {
    for await (const { opened } of this.chain().read()) {
      if (opened.kind === 'valid' && opened.entry.record.recordId === recordId)
        return opened.entry.record.details;
    }
    return null;
  }

  /** What does not hold of the whole archive. */
  async findings(): Promise<string[]> {
    const request = { fromDay: '2026-01-01', toDay: '2026-12-31', chain: this.chain(), witness: null };
    return (await verifyArchive(this.bucket, request)).findings.map(({ message }) => message);
  }

  async stageNames(prefix = ''): Promise<string[]> {
    const names: string[] = [];
    for await (const { name } of this.stage.list(prefix)) names.push(name);
    return names;
  }

  async copies(): Promise<number> {
    await this.elasticsearch.ask({
      method: 'POST',
      path: `/${this.deployment}-compliance/_refresh`,
      what: 'in a test',
      accept: [404],
    });
    const { status, body } = await this.elasticsearch.ask({
      method: 'GET',
      path: `/${this.deployment}-compliance/_count`,
      what: 'in a test',
      // An index that is just being made has no shard to ask yet.
      accept: [404, 503],
    });
    return status === 200 ? (body as { count: number }).count : 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.spoil = null;
    for (const running of [...this.#running]) await running.stop();
    await this.#redactor.close();
    await this.#flows.close();
    for (const name of queueNames) {
      await this.queues[name].obliterate({ force: true });
      await this.queues[name].close();
    }
    for await (const keys of this.redis.scanStream({ match: `*${this.deployment}*` })) {
      if ((keys as string[]).length > 0) await this.redis.unlink(...(keys as string[]));
    }
    this.redis.disconnect();
    await this.elasticsearch.ask({
      method: 'DELETE',
      path: `/${this.deployment}-compliance`,
      what: 'in a test',
      accept: [404],
    });
    await this.elasticsearch[Symbol.asyncDispose]();
    await this.webhook.close();
    this.s3.destroy();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** A receiver of completion events that answers as it is told. */
class TestWebhook {
  readonly received: { headers: IncomingHttpHeaders; body: string }[] = [];
  /** Status of the next answers; 200 when there are none. */
  answers: number[] = [];
  #server: Server | null = null;
  #port = 1;

  get url(): string {
    return `http://127.0.0.1:${this.#port}/events`;
  }

  async listen(): Promise<void> {
    this.#server = createServer(async (request, response) => {
      const status = this.answers.shift() ?? 200;
      this.received.push({ headers: request.headers, body: (await buffer(request)).toString() });
      response.writeHead(status, status < 400 && status >= 300 ? { location: this.url } : {}).end('ignored');
    });
    await new Promise<void>((resolve) => this.#server?.listen(0, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise<void>((resolve) =>
      this.#server === null ? resolve() : this.#server.close(() => resolve()),
    );
  }
}

/** Waits for a state. */
export async function until(
  state: string,
  holds: () => Promise<boolean> | boolean,
  told: () => Promise<string> | string = () => '',
): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited in vain until ${state}: ${await told()}`);
    await sleep(50);
  }
}

async function* oneChunk(text: string): AsyncGenerator<Buffer> {
  if (text !== '') yield Buffer.from(text);
}
