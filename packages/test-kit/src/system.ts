import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Keyring } from '@trunkline/claim-check';
import { AUDIT_INDEX, type Heartbeat, pipelinePrefix, type QueueName } from '@trunkline/contracts';
import {
  type DeadLetter,
  DeadLetters,
  Elasticsearch,
  type GapRecord,
  StreamRecords,
} from '@trunkline/elasticsearch-sink';
import { keysOf } from '@trunkline/local-stack';
import { openQueue, readHeartbeats } from '@trunkline/service';
import {
  type Simulator,
  SimulatorControl,
  type SimulatorOptions,
  startSimulator,
} from '@trunkline/simulator';
import { readStream, type StreamSnapshot, streamKeys } from '@trunkline/stream-state';
import type { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { FaultProxy } from './fault-proxy.ts';
import { HttpFaultProxy } from './http-fault-proxy.ts';
import { PersonalData } from './personal-data.ts';
import { type Preload, preloaded } from './preload.ts';
import { askElasticsearch, readSink, type SinkDocument, sha256Of } from './sink-reader.ts';
import { newSystemNames, type SystemNames, systemEnvironment } from './system-settings.ts';
import { type ProcessKind, TrunklineProcess } from './trunkline-process.ts';
import { until } from './until.ts';
import { type DueEvent, judge, type Verdict } from './verdict.ts';

export interface SystemOptions {
  redisUrl: string;
  elasticsearchUrl: string;
  /** How many are started at once. Default: one fetcher, one indexer. */
  fetchers?: number;
  indexers?: number;
  simulator?: SimulatorOptions;
  /** Settings of all processes, over the usual ones of a test. */
  settings?: Record<string, string>;
}

/** The proxies between the processes and what they reach; without a fault they only pass on. */
export interface Faults {
  redis: FaultProxy;
  elasticsearch: FaultProxy;
  /** Behind `elasticsearch`: faults that know HTTP. */
  elasticsearchHttp: HttpFaultProxy;
  genesys: FaultProxy;
}

const stream = 'default';

/**
 * A whole audit system of a test's own: simulator, fetchers, indexers, and a fault proxy before each thing that they reach.
 *
 * It shares Redis and Elasticsearch with others under names of its own; what it wrote there goes when it is disposed of.
 * The test itself reaches Redis, Elasticsearch and the simulator directly, past the proxies.
 */
export class System implements AsyncDisposable {
  readonly names: SystemNames;
  readonly faults: Faults;
  readonly simulator: Simulator;
  readonly genesys: SimulatorControl;
  readonly fetchers: TrunklineProcess[] = [];
  readonly indexers: TrunklineProcess[] = [];
  readonly dashboards: TrunklineProcess[] = [];
  /** For looking into Redis; goes to the server directly. */
  redis: Redis;
  readonly elasticsearchUrl: string;
  /** Of the server itself, past the proxy. */
  redisUrl: string;
  readonly #environment: Record<string, string>;
  readonly #folder: string;
  readonly #elasticsearch: Elasticsearch;
  readonly #queues = new Map<QueueName, Queue>();

  private constructor(parts: {
    names: SystemNames;
    faults: Faults;
    simulator: Simulator;
    options: SystemOptions;
    folder: string;
  }) {
    const { names, faults, simulator, options } = parts;
    this.names = names;
    this.faults = faults;
    this.simulator = simulator;
    this.genesys = new SimulatorControl(simulator.url);
    this.#folder = parts.folder;
    this.elasticsearchUrl = options.elasticsearchUrl;
    this.redisUrl = options.redisUrl;
    this.redis = quietRedis(options.redisUrl);
    this.#elasticsearch = new Elasticsearch({
      urls: [options.elasticsearchUrl],
      cloudId: null,
      apiKey: null,
      username: null,
      password: null,
      caFile: null,
      timeoutMs: 30_000,
    });
    this.#environment = {
      ...systemEnvironment(names, {
        redisUrl: faults.redis.urlFor(options.redisUrl),
        elasticsearchUrl: faults.elasticsearch.urlFor(options.elasticsearchUrl),
        genesysUrl: faults.genesys.urlFor(simulator.url),
      }),
      ...options.settings,
    };
  }

  static async start(options: SystemOptions): Promise<System> {
    const names = newSystemNames();
    const simulator = await startSimulator({
      seed: names.id,
      clientId: names.clientId,
      clientSecret: names.clientSecret,
      rate: 0,
      backlog: 0,
      // Within the same day as a rule: every index costs the cluster a moment.
      backlogHours: 0.1,
      ...options.simulator,
    });
    const elasticsearchHttp = await HttpFaultProxy.start(options.elasticsearchUrl);
    const [redis, elasticsearch, genesys] = await Promise.all([
      FaultProxy.start(options.redisUrl),
      FaultProxy.start(elasticsearchHttp.url),
      FaultProxy.start(simulator.url),
    ]);
    const root = path.join(tmpdir(), 'trunkline-tests');
    await mkdir(root, { recursive: true });
    const system = new System({
      names,
      simulator,
      faults: { redis, elasticsearch, elasticsearchHttp, genesys },
      options,
      folder: await mkdtemp(path.join(root, `${names.id}-`)),
    });
    try {
      const { fetchers = 1, indexers = 1 } = options;
      await Promise.all([
        ...Array.from({ length: indexers }, () => system.addIndexer()),
        ...Array.from({ length: fetchers }, () => system.addFetcher()),
      ]);
    } catch (error) {
      await system[Symbol.asyncDispose]();
      throw error;
    }
    return system;
  }

  addFetcher(
    settings: Record<string, string> = {},
    preload: Preload | null = null,
  ): Promise<TrunklineProcess> {
    return this.#add('fetcher', this.fetchers, settings, preload === null ? [] : preloaded(preload));
  }

  addIndexer(
    settings: Record<string, string> = {},
    nodeOptions: readonly string[] = [],
  ): Promise<TrunklineProcess> {
    return this.#add('indexer', this.indexers, settings, nodeOptions);
  }

  addDashboard(settings: Record<string, string> = {}): Promise<TrunklineProcess> {
    return this.#add('dashboard', this.dashboards, settings);
  }

  get processes(): TrunklineProcess[] {
    return [...this.fetchers, ...this.indexers, ...this.dashboards];
  }

  /** Every running process is ready. */
  async untilReady(): Promise<void> {
    await Promise.all(this.processes.filter(({ running }) => running).map((process) => process.untilReady()));
  }

  queue(name: QueueName = AUDIT_INDEX): Queue {
    let queue = this.#queues.get(name);
    if (queue === undefined) {
      queue = openQueue(this.names.id, name, this.redis);
      queue.on('error', () => {});
      this.#queues.set(name, queue);
    }
    return queue;
  }

  /** Looks into another Redis from now on: after a failover. */
  inspectRedis(url: string): void {
    this.#queues.clear();
    this.redis.disconnect();
    this.redisUrl = url;
    this.redis = quietRedis(url);
  }

  /** What the living processes tell of themselves in Redis. */
  heartbeats(): Promise<Heartbeat[]> {
    return readHeartbeats(this.redis, this.names.id);
  }

  /** What Redis holds of the stream. */
  snapshot(): Promise<StreamSnapshot> {
    return readStream(this.redis, this.streamKeys);
  }

  get streamKeys(): ReturnType<typeof streamKeys> {
    return streamKeys(this.pipelinePrefix, stream);
  }

  get pipelinePrefix(): string {
    return pipelinePrefix(this.names.id, 'audit');
  }

  /** Waits until so many events stand in the sink. */
  async untilIndexed(count: number, withinMs?: number): Promise<void> {
    let found = 0;
    await until(
      `${count} events are indexed`,
      async () => {
        found = await this.indexedCount();
        return found >= count;
      },
      {
        everyMs: 100,
        told: async () => `${found} are. ${await this.told()}`,
        ...(withinMs === undefined ? {} : { withinMs }),
      },
    );
  }

  async indexedCount(): Promise<number> {
    const pattern = `${this.names.indexPrefix}*`;
    await askElasticsearch(this.elasticsearchUrl, 'POST', `/${pattern}/_refresh`);
    const { text } = await askElasticsearch(
      this.elasticsearchUrl,
      'GET',
      `/${pattern}/_count?ignore_unavailable=true`,
    );
    return (JSON.parse(text) as { count: number }).count;
  }

  /**
   * Waits until everything that the simulator has was fetched, accepted and settled, and polls find nothing more.
   * @throws Error that tells what is still under way, and what the processes said last
   */
  async drained(options: { withinMs?: number; unservedMayRemain?: boolean } = {}): Promise<void> {
    let still = '';
    let calm: { polls: number; position: string } | null = null;
    const look = async (): Promise<boolean> => {
      const [{ unserved, polls }, { drained }, { state, inFlightCount }, counts] = await Promise.all([
        this.genesys.summary(),
        this.genesys.state(),
        this.snapshot(),
        this.jobCounts(),
      ]);
      const pending = Object.entries(counts).reduce(
        (sum, [name, n]) => (name === 'failed' ? sum : sum + n),
        0,
      );
      still = JSON.stringify({ unserved, drained, state, inFlightCount, counts });
      const done =
        (unserved === 0 || options.unservedMayRemain === true) &&
        drained &&
        state !== null &&
        state.received.seq === state.indexed.seq &&
        inFlightCount === 0 &&
        pending === 0;
      if (!done) {
        calm = null;
        return false;
      }
      // A page that a fetcher lost on the way is only asked for again by the next polls.
      const position = `${state.received.seq} ${state.received.cursor}`;
      if (calm?.position !== position) calm = { polls, position };
      return polls >= calm.polls + 2;
    };
    await until('the system is drained', look, {
      withinMs: options.withinMs ?? 300_000,
      everyMs: 100,
      told: async () => `Still: ${still}. ${await this.told()}`,
    });
  }

  /** Jobs of the audit queue by state. */
  jobCounts(): Promise<Record<string, number>> {
    return this.queue().getJobCounts('wait', 'active', 'delayed', 'prioritized', 'failed');
  }

  /** Jobs on the audit queue, failed ones included, that have used up attempts. */
  async burnedAttempts(): Promise<{ id: string; attemptsMade: number }[]> {
    const jobs = await this.queue().getJobs(['wait', 'active', 'delayed', 'prioritized', 'failed']);
    return jobs
      .filter((job) => job !== undefined && job.attemptsMade > 0)
      .map(({ id, attemptsMade }) => ({ id: id ?? '?', attemptsMade }));
  }

  /** Compares what the simulator has with what is stored. */
  async oracle(options: { gapsAccount?: boolean } = {}): Promise<Verdict> {
    const due: DueEvent[] = [];
    for await (const event of this.genesys.events()) {
      if (!event.filtered) due.push(event);
    }
    const [documents, deadLetters, gaps] = await Promise.all([
      this.stored(),
      this.deadLetters(),
      options.gapsAccount === true ? this.gapRecords() : [],
    ]);
    return judge(due, {
      documents,
      deadLetters: deadLetters.map(({ id, text }) => ({ id, sha256: sha256Of(text) })),
      gaps,
    });
  }

  /** Every document of the audit indices. */
  stored(): Promise<SinkDocument[]> {
    return readSink(this.elasticsearchUrl, `${this.names.indexPrefix}*`);
  }

  /** Every dead letter, with the source text of its event. */
  async deadLetters(): Promise<(DeadLetter & { text: string })[]> {
    await askElasticsearch(this.elasticsearchUrl, 'POST', `/${this.names.deadLetterIndex}/_refresh`);
    const keyring = new Keyring([Buffer.from(this.names.payloadKey, 'base64')]);
    const index = new DeadLetters(
      this.#elasticsearch,
      { deadLetterIndex: this.names.deadLetterIndex, replicas: 0 },
      keyring,
    );
    const letters: (DeadLetter & { text: string })[] = [];
    for (let after: unknown[] | null = null; ; ) {
      const page: { letters: DeadLetter[]; next: unknown[] | null } = await index.list({}, after);
      for (const { id } of page.letters) {
        const letter = await index.get(id);
        if (letter !== null) letters.push(letter);
      }
      if (page.next === null) return letters;
      after = page.next;
    }
  }

  async gapRecords(): Promise<GapRecord[]> {
    await askElasticsearch(this.elasticsearchUrl, 'POST', `/${this.names.stateIndex}/_refresh`);
    return this.#records().listGapRecords(stream);
  }

  /** The cursor mirrored beside the data; `null` where there is none. */
  async checkpoint(): Promise<{ cursor: string; seq: number } | null> {
    return this.#records().readCheckpoint(stream);
  }

  /** Takes the checkpoint away, as if its index had been lost. */
  async removeCheckpoint(): Promise<void> {
    await askElasticsearch(
      this.elasticsearchUrl,
      'DELETE',
      `/${this.names.stateIndex}/_doc/${encodeURIComponent(`checkpoint:${stream}`)}`,
    );
  }

  /** Fields that the mappings of all audit indices name, each once. */
  async mappedFields(): Promise<string[]> {
    const { text } = await askElasticsearch(
      this.elasticsearchUrl,
      'GET',
      `/${this.names.indexPrefix}*/_mapping`,
    );
    const indices = JSON.parse(text) as Record<string, { mappings: Mapping }>;
    return [...new Set(Object.values(indices).flatMap(({ mappings }) => fieldsOf(mappings)))].sort();
  }

  /** Names and addresses of every event that the simulator has, to be looked for where they must not be. */
  async personalData(): Promise<PersonalData> {
    const data = new PersonalData();
    for await (const { source } of this.genesys.events({ source: true })) data.learn(source ?? 'null');
    return data;
  }

  /** The logs of all processes. */
  logs(): { name: string; text: string }[] {
    return this.processes.map(({ name, log }) => ({ name, text: log.text() }));
  }

  /** What the processes said last, for the message of an error. */
  async told(): Promise<string> {
    const parts = this.processes.map(({ name, running, log }) => {
      const lines = log
        .lines()
        .filter(({ level, event }) => level !== 'debug' || event === undefined)
        .slice(-8);
      return `${name}${running ? '' : ' (ended)'}:\n${lines.map((line) => `  ${JSON.stringify(line)}`).join('\n')}`;
    });
    return `\n${parts.join('\n')}\n(${this.#folder})`;
  }

  /** A folder that goes with the system. */
  get folder(): string {
    return this.#folder;
  }

  /** Ends everything and removes what it left in Redis and Elasticsearch. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.processes.map((process) => process[Symbol.asyncDispose]()));
    await Promise.all([
      this.faults.redis[Symbol.asyncDispose](),
      this.faults.elasticsearch[Symbol.asyncDispose](),
      this.faults.elasticsearchHttp[Symbol.asyncDispose](),
      this.faults.genesys[Symbol.asyncDispose](),
      this.simulator.close(),
    ]);
    // A test may have taken away what would have to be cleaned.
    await Promise.allSettled([this.#removeKeys(), this.#removeIndices()]);
    this.redis.disconnect();
    await this.#elasticsearch[Symbol.asyncDispose]();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #add(
    kind: ProcessKind,
    list: TrunklineProcess[],
    settings: Record<string, string>,
    nodeOptions: readonly string[] = [],
  ): Promise<TrunklineProcess> {
    // The place is taken at once: several are started side by side.
    const name = `${kind}-${++this.#started[kind]}`;
    // Each fetcher has a disk of its own.
    const env = { ...this.#environment, SPOOL_DIR: path.join(this.#folder, `${name}-spool`), ...settings };
    const process = await TrunklineProcess.start({ kind, name, env, folder: this.#folder, nodeOptions });
    list.push(process);
    return process;
  }

  readonly #started: Record<ProcessKind, number> = { fetcher: 0, indexer: 0, dashboard: 0 };

  #records(): StreamRecords {
    return new StreamRecords(this.#elasticsearch, { stateIndex: this.names.stateIndex, replicas: 0 });
  }

  async #removeKeys(): Promise<void> {
    if (this.redis.status !== 'ready') return;
    const keys = await keysOf(this.redis, `{${this.names.id}*`);
    for (let at = 0; at < keys.length; at += 500) await this.redis.unlink(...keys.slice(at, at + 500));
  }

  async #removeIndices(): Promise<void> {
    const { id } = this.names;
    const url = this.elasticsearchUrl;
    const { text } = await askElasticsearch(
      url,
      'GET',
      `/_cat/indices/${id}*?format=json&h=index&expand_wildcards=all`,
    );
    const indices = (JSON.parse(text) as { index: string }[]).map(({ index }) => index);
    if (indices.length > 0) await askElasticsearch(url, 'DELETE', `/${indices.join(',')}`);
    await askElasticsearch(url, 'DELETE', `/_index_template/${id}*`);
    // A cluster without ILM refuses this; there is nothing to remove then.
    await askElasticsearch(url, 'DELETE', `/_ilm/policy/${this.names.indexPrefix}retention-policy`);
  }
}

interface Mapping {
  properties?: Record<string, Mapping>;
}

function fieldsOf(mapping: Mapping, prefix = ''): string[] {
  return Object.entries(mapping.properties ?? {}).flatMap(([name, member]) => [
    `${prefix}${name}`,
    ...fieldsOf(member, `${prefix}${name}.`),
  ]);
}

/** Waits through outages that a test causes, and says nothing of them. */
function quietRedis(url: string): Redis {
  const redis = new Redis(url, {
    maxRetriesPerRequest: null,
    retryStrategy: () => 100,
  });
  redis.on('error', () => {});
  return redis;
}
