/** An indexer in this process on the real Redis and Elasticsearch, under names of its own, and the hands of a fetcher. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Keyring, RedisPayloads } from '@trunkline/claim-check';
import {
  AUDIT_DEAD_LETTER,
  AUDIT_INDEX,
  type AuditBatchJob,
  type AuditRepairJob,
  encodeBatch,
  pipelinePrefix,
  repairJobId,
} from '@trunkline/contracts';
import {
  DeadLetters,
  Elasticsearch,
  eventTextOf,
  readDigests,
  refresh,
  type StoredEvent,
} from '@trunkline/elasticsearch-sink';
import { jobOptions, loadForOrganisations, openQueue, Service } from '@trunkline/service';
import { batchJobId, pageFingerprint, payloadKeyOf, StreamState } from '@trunkline/stream-state';
import type { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { inject } from 'vitest';
import { indexerSettings, loadIndexerSettings } from './config.ts';
import { type IndexerOptions, indexerComponents } from './indexer.ts';

export interface RunningIndexer {
  service: Service;
  stop: () => Promise<void>;
}

export class TestPipeline implements AsyncDisposable {
  readonly deployment = `t${randomBytes(4).toString('hex')}`;
  readonly prefix = pipelinePrefix(this.deployment, 'audit');
  readonly indexPrefix = `${this.deployment}-audit-`;
  readonly redis = new Redis(inject('redisUrl'), { maxRetriesPerRequest: null });
  readonly queue: Queue;
  readonly deadLetterQueue: Queue;
  readonly stream: StreamState;
  readonly payloads: RedisPayloads;
  readonly elasticsearch: Elasticsearch;
  readonly letters: DeadLetters;
  readonly #key = randomBytes(32).toString('base64');
  readonly #token = 'epoch';
  readonly #running: RunningIndexer[] = [];
  #cursor = 0;

  constructor() {
    const { elasticsearch } = this.config({});
    const keyring = new Keyring([Buffer.from(this.#key, 'base64')]);
    this.queue = openQueue(this.deployment, AUDIT_INDEX, this.redis);
    this.deadLetterQueue = openQueue(this.deployment, AUDIT_DEAD_LETTER, this.redis);
    this.stream = new StreamState(this.redis, this.prefix, 'default');
    this.payloads = new RedisPayloads(this.redis, keyring);
    this.elasticsearch = new Elasticsearch(elasticsearch);
    this.letters = new DeadLetters(this.elasticsearch, elasticsearch, keyring);
  }

  env(changes: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    return {
      REDIS_URL: inject('redisUrl'),
      ELASTICSEARCH_URL: inject('elasticsearchUrl'),
      PAYLOAD_KEY: this.#key,
      TRUNKLINE_PREFIX: this.deployment,
      AUDIT_INDEX_PREFIX: this.indexPrefix,
      AUDIT_READ_ALIAS: `${this.deployment}-logs`,
      STATE_INDEX: `${this.deployment}-state`,
      DEAD_LETTER_INDEX: `${this.deployment}-dead-letters`,
      AUDIT_SHARDS: '1',
      AUDIT_REPLICAS: '0',
      ES_HEALTH_MAX_AGE_SECONDS: '0.1',
      ES_PROBE_SECONDS: '0.3',
      BREAKER_HALF_OPEN_SECONDS: '0.3',
      WORKER_LOCK_SECONDS: '2',
      WORKER_STALLED_INTERVAL_SECONDS: '1',
      LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'silent',
      ...changes,
    };
  }

  config(changes: NodeJS.ProcessEnv) {
    return loadIndexerSettings(this.env(changes));
  }

  /** Starts an indexer. */
  async start(changes: NodeJS.ProcessEnv = {}, options: IndexerOptions = {}): Promise<RunningIndexer> {
    const organisations = await loadForOrganisations(this.env(changes), loadIndexerSettings);
    const [config] = organisations.all;
    const elasticsearch = new Elasticsearch(config.elasticsearch);
    const service = new Service('indexer', config);
    await service.start(indexerSettings, this.env(changes));
    const ended = service.run(...indexerComponents(service, elasticsearch, organisations, options));
    const running = {
      service,
      stop: async () => {
        this.#running.splice(this.#running.indexOf(running) >>> 0, 1);
        service.stop();
        await ended;
        await service[Symbol.asyncDispose]();
        await elasticsearch[Symbol.asyncDispose]();
      },
    };
    this.#running.push(running);
    return running;
  }

  /** What a fetcher does with a page: payload, job, accept. @returns the job's id */
  async add(texts: readonly string[]): Promise<string> {
    if (this.#cursor === 0) {
      await this.stream.take('test', 600_000, this.#token);
      await this.stream.init(this.#token, 'test', null);
    }
    const seq = ++this.#cursor;
    const page = pageFingerprint(texts);
    const jobId = batchJobId('default', this.#token, seq, page);
    const payload = encodeBatch(texts);
    const job: AuditBatchJob = {
      v: 1,
      kind: 'batch',
      stream: 'default',
      epoch: this.#token,
      seq,
      payloadKey: payloadKeyOf(this.prefix, jobId),
      eventCount: texts.length,
      payloadBytes: payload.length,
      fetchedAt: new Date().toISOString(),
      traceId: randomBytes(8).toString('hex'),
    };
    await this.payloads.put(job.payloadKey, payload);
    await this.queue.add('batch', job, { ...jobOptions(8), jobId, removeOnComplete: true });
    const result = await this.stream.accept({
      token: this.#token,
      seq,
      before: seq === 1 ? null : `c${seq - 1}`,
      after: `c${seq}`,
      jobId,
      page,
      empty: false,
      at: Date.now(),
    });
    if (result !== 'accepted') throw new Error(`accept answered ${result}`);
    return jobId;
  }

  /** What reconcile does with events of a stream that are missing. @returns the job's id */
  async repair(stream: string, texts: readonly string[]): Promise<string> {
    const payload = encodeBatch(texts);
    const jobId = repairJobId(stream, pageFingerprint(texts));
    const job: AuditRepairJob = {
      v: 1,
      kind: 'repair',
      stream,
      payloadKey: payloadKeyOf(this.prefix, jobId),
      eventCount: texts.length,
      payloadBytes: payload.length,
      queuedAt: new Date().toISOString(),
      requestedBy: 'test@here',
      traceId: randomBytes(8).toString('hex'),
    };
    await this.payloads.put(job.payloadKey, payload);
    await this.queue.add('batch', job, { ...jobOptions(8), jobId, removeOnComplete: true });
    return jobId;
  }

  /** Number of the last batch up to which all are settled. */
  async watermark(): Promise<number> {
    return (await this.stream.read()).state?.indexed.seq ?? 0;
  }

  async settledAll(): Promise<void> {
    await until('all batches are settled', async () => (await this.watermark()) === this.#cursor);
    await until('no job is left', async () => {
      const counts = await this.queue.getJobCounts('active', 'wait', 'delayed', 'completed');
      return Object.values(counts).every((count) => count === 0);
    });
  }

  async stored(): Promise<Map<string, StoredEvent>> {
    await refresh(this.elasticsearch, `${this.indexPrefix}*`);
    const events = new Map<string, StoredEvent>();
    const range = { indexPattern: `${this.indexPrefix}*`, from: null, to: null };
    for await (const event of readDigests(this.elasticsearch, range)) events.set(event.id, event);
    return events;
  }

  /** The source text of an event as it is stored. */
  async storedText(index: string, id: string, routing: string): Promise<string | null> {
    const { body } = await this.elasticsearch.askText({
      method: 'GET',
      path: `/${index}/_source/${encodeURIComponent(id)}`,
      query: { routing },
      what: 'in a test',
    });
    return eventTextOf(body);
  }

  async ask(method: 'GET' | 'PUT' | 'POST' | 'DELETE', path: string, body?: object): Promise<unknown> {
    const asked = { method, path, what: 'in a test', ...(body === undefined ? {} : { body }) };
    return (await this.elasticsearch.ask(asked)).body;
  }

  /** Every key and value under this deployment, as text. */
  async redisText(): Promise<string> {
    let text = '';
    for await (const keys of this.redis.scanStream({ match: `*${this.deployment}*` })) {
      for (const key of keys as string[]) {
        const dump = await this.redis.call('DUMP', key);
        text += `${key} ${String(dump)}\n`;
      }
    }
    return text;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const running of this.#running.splice(0)) await running.stop();
    await this.queue.obliterate({ force: true });
    await this.deadLetterQueue.obliterate({ force: true });
    await Promise.all([this.queue.close(), this.deadLetterQueue.close()]);
    for await (const keys of this.redis.scanStream({ match: `*${this.deployment}*` })) {
      if ((keys as string[]).length > 0) await this.redis.unlink(...(keys as string[]));
    }
    this.redis.disconnect();
    // Each request changes the state of the cluster once, which costs more than all else that it does.
    const found = Object.keys((await this.ask('GET', `/${this.deployment}*/_settings/index.uuid`)) as object);
    if (found.length > 0) await this.ask('DELETE', `/${found.join(',')}`);
    const templates = { path: `/_index_template/${this.deployment}*`, what: 'in a test', accept: [404] };
    await this.elasticsearch.ask({ method: 'DELETE', ...templates });
    await this.elasticsearch[Symbol.asyncDispose]();
  }
}

/** Waits for a state, 2 min at most where no deadline is given. */
export async function until(
  state: string,
  holds: () => Promise<boolean> | boolean,
  deadline: number = Date.now() + 120_000,
): Promise<void> {
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited in vain until ${state}`);
    await sleep(25);
  }
}

let made = 0;

/** The source text of an event nobody else has. */
export function eventText(more: Record<string, unknown> = {}): string {
  made++;
  return JSON.stringify({
    id: `${randomBytes(6).toString('hex')}-${made}`,
    date: '2026-11-22T10:00:00.000Z',
    userName: 'Ada Lovelace',
    resourceType: 'Queue',
    action: 'UPDATE',
    ipAddress: '203.0.113.77',
    request: { name: `Queue ${made}`, members: [made] },
    ...more,
  });
}

export function idOf(text: string): string {
  return (JSON.parse(text) as { id: string }).id;
}
