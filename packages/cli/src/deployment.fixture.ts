/** A deployment of its own on the real Redis and Elasticsearch: its names, what the pipeline would have left there, and the command. */
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Keyring } from '@trunkline/claim-check';
import { pipelinePrefix } from '@trunkline/contracts';
import {
  type AuditEvent,
  AuditSink,
  bulkItem,
  DeadLetters,
  Elasticsearch,
  EventReader,
  StreamRecords,
} from '@trunkline/elasticsearch-sink';
import { loadSettings } from '@trunkline/service';
import { batchJobId, pageFingerprint, StreamState } from '@trunkline/stream-state';
import { Redis } from 'ioredis';
import { inject } from 'vitest';
import { checkReconcile, repairSettings } from './config.ts';
import { runCommand } from './frame/program.ts';
import type { SimulatorProcess } from './simulator.fixture.ts';

export interface Ran {
  code: number;
  out: string;
  err: string;
}

/** A page as the fetcher would have taken it. */
export interface TakenPage {
  before: string | null;
  after: string | null;
  texts: readonly string[];
}

const context = { stream: 'default', ingestedAt: '2026-11-22T10:00:00.000Z' };

/** A dead letter of which it matters only that it is there. */
export const refusedEvent: Parameters<DeadLetters['put']>[0][number] = {
  stream: 'default',
  code: 'AUDIT_EVENT_REFUSED',
  field: null,
  errorType: null,
  eventId: 'e',
  digest: '0'.repeat(64),
  deadLetteredAt: '2026-11-22T10:00:00.000Z',
  text: '{"id":"e"}',
};

export class Deployment implements AsyncDisposable {
  readonly name = `t${randomBytes(4).toString('hex')}`;
  readonly prefix = pipelinePrefix(this.name, 'audit');
  readonly key = randomBytes(32).toString('base64');
  readonly env: Record<string, string>;
  readonly redis = new Redis(inject('redisUrl'), { maxRetriesPerRequest: null });
  readonly elasticsearch: Elasticsearch;
  readonly sink: AuditSink;
  readonly reader: EventReader;
  readonly letters: DeadLetters;
  readonly records: StreamRecords;
  readonly stream: StreamState;
  readonly #token = 'epoch';
  readonly #seqs = new Map<string, number>();

  /** @param more variables beside those that every deployment has */
  constructor(simulator: SimulatorProcess | null, more: Record<string, string> = {}) {
    this.env = {
      TRUNKLINE_PREFIX: this.name,
      REDIS_URL: inject('redisUrl'),
      ELASTICSEARCH_URL: inject('elasticsearchUrl'),
      AUDIT_INDEX_PREFIX: `${this.name}-audit-`,
      AUDIT_READ_ALIAS: `${this.name}-logs`,
      STATE_INDEX: `${this.name}-state`,
      DEAD_LETTER_INDEX: `${this.name}-dead-letters`,
      AUDIT_SHARDS: '1',
      AUDIT_REPLICAS: '0',
      PAYLOAD_KEY: this.key,
      GENESYS_API_BASE: simulator?.url ?? 'http://127.0.0.1:1',
      GENESYS_CLIENT_ID: 'simulator-client',
      GENESYS_CLIENT_SECRET: 'simulator-secret',
      GENESYS_RATE_PER_SECOND: '0',
      GENESYS_BACKOFF_MIN_SECONDS: '0.05',
      ...more,
    };
    const config = loadSettings(repairSettings, this.env, checkReconcile);
    this.elasticsearch = new Elasticsearch(config.elasticsearch);
    this.sink = new AuditSink(this.elasticsearch, { ...config.elasticsearch, retentionDays: 365 });
    this.reader = new EventReader({ prefix: config.elasticsearch.indexPrefix, ...config.place });
    this.letters = new DeadLetters(
      this.elasticsearch,
      config.elasticsearch,
      new Keyring(config.payload.payloadKeys),
    );
    this.records = new StreamRecords(this.elasticsearch, config.elasticsearch);
    this.stream = new StreamState(this.redis, this.prefix, 'default');
  }

  /** @param input what stands on standard input */
  async run(args: string[], env: Record<string, string | undefined> = {}, input = ''): Promise<Ran> {
    const out: string[] = [];
    const err: string[] = [];
    const code = await runCommand(args, {
      env: { ...this.env, ...env },
      in: Readable.from([input]),
      out: { write: (text) => out.push(text) },
      err: { write: (text) => err.push(text) },
      user: 'ops@test',
      now: Date.now,
    });
    return { code, out: out.join(''), err: err.join('') };
  }

  event(text: string): AuditEvent {
    const read = this.reader.read(text);
    if (read.kind === 'malformed') throw new Error('no event');
    return read.event;
  }

  /** What an indexer does with events: they stand in Elasticsearch afterwards. */
  async store(texts: readonly string[], stream = context.stream): Promise<void> {
    const items = texts.map((text) => bulkItem(this.event(text), { ...context, stream }, 'fitting'));
    const outcomes = await this.sink.bulk(items);
    const odd = outcomes.find(({ kind }) => kind !== 'created' && kind !== 'exists');
    if (odd !== undefined) throw new Error(`an event was not stored: ${JSON.stringify(odd)}`);
  }

  /** What fetcher and indexers leave of a page in the state of a stream. */
  async take(page: TakenPage, settled: boolean, id = context.stream): Promise<void> {
    const stream = id === context.stream ? this.stream : new StreamState(this.redis, this.prefix, id);
    const seq = (this.#seqs.get(id) ?? 0) + 1;
    this.#seqs.set(id, seq);
    if (seq === 1) {
      await stream.take('test', 600_000, this.#token);
      await stream.init(this.#token, 'test', null);
    }
    const fingerprint = pageFingerprint(page.texts);
    const empty = page.texts.length === 0;
    const jobId = batchJobId(id, this.#token, seq, fingerprint);
    const result = await stream.accept({
      token: this.#token,
      seq,
      before: page.before,
      after: page.after,
      jobId,
      page: fingerprint,
      empty,
      at: Date.now(),
    });
    if (result !== 'accepted') throw new Error(`accept answered ${result}`);
    if (settled && !empty) await stream.settle(seq, jobId);
  }

  /** Every page stored and settled. */
  async index(pages: readonly TakenPage[], stream = context.stream): Promise<void> {
    for (const page of pages) {
      if (page.texts.length > 0) await this.store(page.texts, stream);
      await this.take(page, true, stream);
    }
  }

  async ask(method: 'GET' | 'PUT' | 'POST' | 'DELETE', path: string, body?: object): Promise<unknown> {
    const asked = { method, path, what: 'in a test', ...(body === undefined ? {} : { body }) };
    return (await this.elasticsearch.ask(asked)).body;
  }

  /** Changes the document of an event as somebody with access to Elasticsearch could: as a text, digits and all. */
  async tamper(text: string, change: (source: string) => string): Promise<void> {
    const { index, id, routing } = this.event(text);
    const query = routing === null ? {} : { routing };
    const path = `/${index}/_source/${encodeURIComponent(id)}`;
    const { body } = await this.elasticsearch.askText({ method: 'GET', path, query, what: 'in a test' });
    const action = { index: { _index: index, _id: id, ...query } };
    await this.elasticsearch.ask({
      method: 'POST',
      path: '/_bulk',
      query: { refresh: true },
      lines: `${JSON.stringify(action)}\n${change(body).replaceAll(/[\r\n]+/g, ' ')}\n`,
      what: 'in a test',
    });
  }

  async remove(text: string): Promise<void> {
    const { index, id, routing } = this.event(text);
    await this.elasticsearch.ask({
      method: 'DELETE',
      path: `/${index}/_doc/${encodeURIComponent(id)}`,
      query: { refresh: true, ...(routing === null ? {} : { routing }) },
      what: 'in a test',
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for await (const keys of this.redis.scanStream({ match: `*${this.name}*` })) {
      if ((keys as string[]).length > 0) await this.redis.unlink(...(keys as string[]));
    }
    this.redis.disconnect();
    // Each request changes the state of the cluster once, which costs more than all else that it does.
    const found = Object.keys((await this.ask('GET', `/${this.name}*/_settings/index.uuid`)) as object);
    if (found.length > 0) await this.ask('DELETE', `/${found.join(',')}`);
    const templates = { path: `/_index_template/${this.name}*`, what: 'in a test', accept: [404] };
    await this.elasticsearch.ask({ method: 'DELETE', ...templates });
    await this.elasticsearch[Symbol.asyncDispose]();
  }
}

/** Waits for a state, 60 s at most. */
export async function until(state: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited in vain until ${state}`);
    await sleep(50);
  }
}
