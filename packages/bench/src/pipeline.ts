/**
 * One deployment of Trunkline on the benchmark's parts: its settings, its processes, and the states between which is measured.
 */
import { AUDIT_INDEX, pipelinePrefix } from '@trunkline/contracts';
import { openQueue } from '@trunkline/service';
import { StreamState } from '@trunkline/stream-state';
import type { Queue } from 'bullmq';
import type { Parts } from './parts.ts';
import { BenchProcess, type Program } from './processes.ts';
import type { Source } from './source.ts';
import { until } from './until.ts';

/** Events of a page, and so of a batch. */
export const pageEvents = 100;

const stream = 'default';

export interface PipelineSpec {
  /** Keeps deployments on one Redis and Elasticsearch apart. */
  name: string;
  parts: Parts;
  source: Source;
  /** Settings that differ from those of `drainSettings` or from the defaults. */
  settings: Record<string, string>;
  /** Where the indexers find Elasticsearch; without it, the real one. */
  elasticsearchUrl?: string;
  profile: string | null;
}

/** For drains: Genesys' allowance and the bounds of the queue are not what is measured. */
export const drainSettings: Record<string, string> = {
  GENESYS_RATE_PER_SECOND: '0',
  AUDIT_POLL_INTERVAL_SECONDS: '0.2',
  QUEUE_HIGH_WATER: '1000000',
};

export class Pipeline implements AsyncDisposable {
  readonly indexPrefix: string;
  readonly #spec: PipelineSpec;
  readonly #state: StreamState;
  readonly #queue: Queue;
  readonly #processes: BenchProcess[] = [];
  #started = 0;

  constructor(spec: PipelineSpec) {
    this.#spec = spec;
    this.indexPrefix = `${spec.name}-audit-`;
    const { redis } = spec.parts;
    this.#state = new StreamState(redis, pipelinePrefix(spec.name, 'audit'), stream);
    this.#queue = openQueue(spec.name, AUDIT_INDEX, redis);
  }

  /** Starts a process of this deployment; resolves when it is ready. */
  async start(program: Exclude<Program, 'simulator'>): Promise<BenchProcess> {
    const { name, parts, profile } = this.#spec;
    const started = await BenchProcess.start({
      program,
      name: `${name}-${program}-${++this.#started}`,
      env: this.#environment(),
      folder: parts.folder,
      profile,
    });
    this.#processes.push(started);
    await started.untilReady();
    return started;
  }

  async stop(process: BenchProcess): Promise<void> {
    this.#processes.splice(this.#processes.indexOf(process), 1);
    await process[Symbol.asyncDispose]();
  }

  /** SIGKILL: a crash. */
  async kill(process: BenchProcess): Promise<void> {
    this.#processes.splice(this.#processes.indexOf(process), 1);
    await process.kill();
  }

  /** Number of the last page received. */
  async received(): Promise<number> {
    return this.#position('receivedSeq');
  }

  /** Workers take no further batch; the fetcher goes on. */
  async pause(): Promise<void> {
    await this.#queue.pause();
  }

  async resume(): Promise<void> {
    await this.#queue.resume();
  }

  async untilReceived(seq: number): Promise<void> {
    await this.#until(`page ${seq} is received`, async () => (await this.received()) >= seq);
  }

  /** Resolves when every page up to `seq` is settled: created, found to be there already, or durably a dead letter. */
  async untilSettled(seq: number): Promise<void> {
    await this.#until(`page ${seq} is settled`, async () => (await this.#position('indexedSeq')) >= seq);
  }

  /**
   * Where the stream stands, to be restored later: what is fetched again behind it is a replay. To be called with the stream
   * settled; restoring does to Redis what going back to an older copy of it would.
   */
  async mark(): Promise<{ restore: () => Promise<void> }> {
    const { redis } = this.#spec.parts;
    const { state, inFlight, early } = this.#state.keys;
    const fields = await redis.hgetall(state);
    return {
      restore: async () => {
        await redis.multi().del(state, inFlight, early).hset(state, fields).exec();
      },
    };
  }

  /** Documents of this deployment's audit indices, and its dead letters. */
  async stored(): Promise<{ events: number; deadLetters: number }> {
    const { parts } = this.#spec;
    return {
      events: await parts.countDocuments(`${this.indexPrefix}*`),
      deadLetters: await parts.countDocuments(this.#deadLetterIndex),
    };
  }

  /** Ends the processes and removes what they left. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#processes.map((process) => process[Symbol.asyncDispose]()));
    await this.#queue.close();
    await this.#spec.parts.deleteIndices(`${this.#spec.name}-`);
    await this.#spec.parts.redis.flushall();
  }

  /** One field, not the whole state: it is asked for a hundred times a second while Redis' CPU time is measured. */
  async #position(field: 'receivedSeq' | 'indexedSeq'): Promise<number> {
    return Number(await this.#spec.parts.redis.hget(this.#state.keys.state, field));
  }

  async #until(what: string, holds: () => Promise<boolean>): Promise<void> {
    await until(
      what,
      async () => {
        for (const process of this.#processes) process.requireRunning();
        return holds();
      },
      { everyMs: 10 },
    );
  }

  get #deadLetterIndex(): string {
    return `${this.#spec.name}-dead-letters`;
  }

  #environment(): Record<string, string> {
    const { name, parts, source, settings, elasticsearchUrl } = this.#spec;
    return {
      TRUNKLINE_PREFIX: name,
      AUDIT_STREAM: stream,
      FETCHER_PIPELINES: 'audit',
      REDIS_URL: parts.redisUrl,
      ELASTICSEARCH_URL: elasticsearchUrl ?? parts.elasticsearchUrl,
      AUDIT_INDEX_PREFIX: this.indexPrefix,
      AUDIT_READ_ALIAS: `${name}-audit-logs`,
      STATE_INDEX: `${name}-state`,
      DEAD_LETTER_INDEX: this.#deadLetterIndex,
      AUDIT_REPLICAS: '0',
      GENESYS_API_BASE: source.url,
      GENESYS_CLIENT_ID: 'simulator-client',
      GENESYS_CLIENT_SECRET: 'simulator-secret',
      PAYLOAD_KEY: Buffer.alloc(32, name).toString('base64'),
      SPOOL_DIR: `${parts.folder}/${name}-spool`,
      DASHBOARD_PORT: '0',
      ...settings,
    };
  }
}
