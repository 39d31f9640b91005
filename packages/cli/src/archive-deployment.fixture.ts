/** A deployment with an archive: names of its own on the real Redis, a bucket of its own on the real S3, and the command. */
import { createHash, hash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutBucketEncryptionCommand,
  PutObjectCommand,
  PutObjectLegalHoldCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { Bucket, type Manifest, Manifests } from '@trunkline/archive-store';
import { type ArchiveWindow, archiveFlowId, type QueueName, type StoredObject } from '@trunkline/contracts';
import { ComplianceRecords, Elasticsearch } from '@trunkline/elasticsearch-sink';
import { createRedactor } from '@trunkline/redaction';
import { loadSettings, openQueue } from '@trunkline/service';
import { type Processor, type Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { inject } from 'vitest';
import { checkElasticsearch, witnessSettings } from './config.ts';
import type { Ran } from './deployment.fixture.ts';
import type { CommandIo } from './frame/io.ts';
import { runCommand } from './frame/program.ts';

/** One conversation as it is stored, with the tokens that stand in it. */
export interface StoredConversation {
  id: string;
  text: string;
  tokens: string[];
}

export class ArchiveDeployment implements AsyncDisposable {
  readonly name = `t${randomBytes(4).toString('hex')}`;
  readonly tokenizationKey = randomBytes(24).toString('hex');
  readonly redactor = createRedactor({ tokens: { key: this.tokenizationKey } });
  readonly redis = new Redis(inject('redisUrl'), { maxRetriesPerRequest: null });
  readonly client: S3Client;
  readonly bucket: Bucket;
  readonly manifests: Manifests;
  readonly env: Record<string, string>;
  /** What the command has written for people so far. */
  told = '';
  /** How far the command's clock is ahead (ms). */
  aheadMs = 0;
  #elasticsearch: Elasticsearch | null = null;
  readonly #open: { close(): Promise<unknown> }[] = [];

  private constructor() {
    const { endpoint, region, accessKeyId, secretAccessKey } = inject('s3');
    this.client = new S3Client({
      endpoint,
      region,
      forcePathStyle: true,
      credentials: { accessKeyId, secretAccessKey },
    });
    // The command finds its credentials as the AWS SDK does.
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey });
    this.bucket = new Bucket(this.client, { bucket: `cli-${this.name}`, prefix: 'acme/' });
    this.manifests = new Manifests(this.bucket);
    this.env = {
      TRUNKLINE_PREFIX: this.name,
      REDIS_URL: inject('redisUrl'),
      S3_ENDPOINT: endpoint,
      AWS_REGION: region,
      S3_BUCKET: this.bucket.name,
      S3_PREFIX: 'acme/',
      TOKENIZATION_KEY: this.tokenizationKey,
      ELASTICSEARCH_URL: inject('elasticsearchUrl'),
      COMPLIANCE_INDEX: `${this.name}-compliance`,
      AUDIT_REPLICAS: '0',
    };
  }

  static async start(options: { objectLock?: boolean } = {}): Promise<ArchiveDeployment> {
    const deployment = new ArchiveDeployment();
    const Bucket = deployment.bucket.name;
    const { region } = inject('s3');
    await deployment.client.send(
      new CreateBucketCommand({
        Bucket,
        ObjectLockEnabledForBucket: options.objectLock ?? false,
        ...(region === 'us-east-1'
          ? {}
          : { CreateBucketConfiguration: { LocationConstraint: region as 'eu-central-1' } }),
      }),
    );
    const ApplyServerSideEncryptionByDefault = { SSEAlgorithm: 'AES256' } as const;
    await deployment.client.send(
      new PutBucketEncryptionCommand({
        Bucket,
        ServerSideEncryptionConfiguration: { Rules: [{ ApplyServerSideEncryptionByDefault }] },
      }),
    );
    return deployment;
  }

  /** @param input what stands on standard input */
  run(args: string[], env: Record<string, string | undefined> = {}, input = ''): Promise<Ran> {
    return this.#run(args, env, Readable.from(input === '' ? [] : [Buffer.from(input)]));
  }

  /** With somebody at a terminal who answers. */
  answering(answer: string, args: string[]): Promise<Ran> {
    return this.#run(args, {}, Object.assign(Readable.from([Buffer.from(`${answer}\n`)]), { isTTY: true }));
  }

  async #run(args: string[], env: Record<string, string | undefined>, input: CommandIo['in']): Promise<Ran> {
    const out: string[] = [];
    const err: string[] = [];
    const code = await runCommand(args, {
      env: { ...this.env, ...env },
      in: input,
      out: { write: (text) => out.push(text) },
      err: {
        write: (text) => {
          err.push(text);
          this.told += text;
        },
      },
      user: 'ops@test',
      now: () => Date.now() + this.aheadMs,
    });
    return { code, out: out.join(''), err: err.join('') };
  }

  queue(name: QueueName): Queue {
    const queue = openQueue(this.name, name, this.redis);
    this.#open.push(queue);
    return queue;
  }

  /** Stands in for the process that works for a queue. */
  worker(name: QueueName, run: Processor): Worker {
    const { opts } = this.queue(name);
    const worker = new Worker(name, run, {
      connection: opts.connection,
      prefix: opts.prefix ?? '',
      settings: { backoffStrategy: () => 3_600_000 },
    });
    worker.on('error', () => {});
    this.#open.push(worker);
    return worker;
  }

  /** What an uploader leaves of a window: its object, its index, its manifest. */
  async archive(window: ArchiveWindow, conversations: readonly StoredConversation[]): Promise<Manifest> {
    const source = hash('sha256', conversations.map(({ text }) => text).join('\n'), 'hex');
    const bucket = this.bucketOf(window);
    const { keys } = bucket;
    const key = keys.batch(window.id, 'b00001', source, 1, 'gzip');
    const object = await this.store(key, linesOf(conversations.map(({ text }) => text)));
    const entries = conversations.map(({ id, tokens }, line) =>
      JSON.stringify({ id, object: key, line, tokens }),
    );
    const index = linesOf(entries);
    const manifest: Manifest = {
      v: 1,
      revision: 1,
      window,
      flow: archiveFlowId(source),
      createdAt: '2026-11-22T01:00:00.000Z',
      source: { pages: 1, bytes: 1_000, sha256: source, integrity: 'verified' },
      layout: 'batches',
      format: 'gzip',
      counts: { conversations: conversations.length, deadLettered: 0, erased: 0, missingTexts: 0 },
      objects: [
        {
          ...object,
          batch: 'b00001',
          conversations: conversations.length,
          deadLettered: 0,
          missingTexts: 0,
          entities: {},
          sourceSha256: source,
          redactedBytes: conversations.reduce((bytes, { text }) => bytes + Buffer.byteLength(text) + 1, 0),
          engineVersion: this.redactor.engineVersion,
          keyId: null,
        },
      ],
      index: await this.store(keys.index(window.id, hash('sha256', index, 'hex')), index),
      metrics: {
        bytes_transferred: object.bytes,
        duration_seconds: 1,
        throughput_mbps: 1,
        estimated_cost_usd: 0.01,
        sourceBytes: 1_000,
      },
      recordId: `${window.id}-SUCCESS`,
      erasures: [],
      release: null,
      replacements: [],
    };
    await new Manifests(bucket).create(manifest);
    return manifest;
  }

  /** Where the windows of an organisation lie, with the key prefix that it has unless told otherwise. */
  bucketOf({ organisation }: Pick<ArchiveWindow, 'organisation'>): Bucket {
    const keyPrefix = organisation === undefined ? '' : `${organisation}/`;
    return new Bucket(this.client, { bucket: this.bucket.name, prefix: 'acme/', keyPrefix });
  }

  async store(Key: string, bytes: Buffer): Promise<StoredObject> {
    await this.client.send(
      new PutObjectCommand({
        Bucket: this.bucket.name,
        Key,
        Body: bytes,
        ServerSideEncryption: 'AES256',
        ChecksumSHA256: createHash('sha256').update(bytes).digest('base64'),
      }),
    );
    return {
      key: Key,
      bytes: bytes.length,
      sha256: hash('sha256', bytes, 'hex'),
      generation: 1,
      encryption: 'AES256',
      kmsKeyId: null,
      storageClass: 'STANDARD',
    };
  }

  /** Lays a legal hold on an object, or lifts it. */
  async hold(Key: string, Status: 'ON' | 'OFF'): Promise<void> {
    const LegalHold = { Status };
    await this.client.send(new PutObjectLegalHoldCommand({ Bucket: this.bucket.name, Key, LegalHold }));
  }

  async read(Key: string): Promise<Buffer> {
    const { Body } = await this.client.send(new GetObjectCommand({ Bucket: this.bucket.name, Key }));
    return Buffer.from((await Body?.transformToByteArray()) ?? []);
  }

  /** The copy of the compliance chain in Elasticsearch, as the uploaders keep it. */
  complianceRecords(): ComplianceRecords {
    if (this.#elasticsearch === null) {
      const { elasticsearch } = loadSettings(witnessSettings, this.env, checkElasticsearch);
      this.#elasticsearch = new Elasticsearch(elasticsearch);
    }
    return new ComplianceRecords(this.#elasticsearch, { index: `${this.name}-compliance`, replicas: 0 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#elasticsearch?.ask({
      method: 'DELETE',
      path: `/${this.name}-compliance`,
      what: 'in a test',
      accept: [404],
    });
    await this.#elasticsearch?.[Symbol.asyncDispose]();
    for (const one of this.#open.reverse()) await one.close();
    for await (const keys of this.redis.scanStream({ match: `*${this.name}*` })) {
      if ((keys as string[]).length > 0) await this.redis.unlink(...(keys as string[]));
    }
    this.redis.disconnect();
    const Bucket = this.bucket.name;
    for (;;) {
      const { Versions = [], DeleteMarkers = [] } = await this.client.send(
        new ListObjectVersionsCommand({ Bucket }),
      );
      const found = [...Versions, ...DeleteMarkers];
      if (found.length === 0) break;
      for (const { Key, VersionId } of found) {
        await this.client.send(
          new DeleteObjectCommand({ Bucket, Key, VersionId, BypassGovernanceRetention: true }),
        );
      }
    }
    await this.client.send(new DeleteBucketCommand({ Bucket }));
    this.client.destroy();
  }
}

function linesOf(lines: readonly string[]): Buffer {
  return gzipSync(lines.map((line) => `${line}\n`).join(''));
}
