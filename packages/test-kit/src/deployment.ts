import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Keyring } from '@trunkline/claim-check';
import type { Heartbeat, QueueName } from '@trunkline/contracts';
import { Elasticsearch } from '@trunkline/elasticsearch-sink';
import { type Contract, keysOf } from '@trunkline/local-stack';
import { openQueue, readHeartbeats } from '@trunkline/service';
import {
  type Simulator,
  SimulatorControl,
  type SimulatorOptions,
  startSimulator,
} from '@trunkline/simulator';
import type { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { FaultProxy } from './fault-proxy.ts';
import { HttpFaultProxy } from './http-fault-proxy.ts';
import { type Preload, preloaded } from './preload.ts';
import { askElasticsearch } from './sink-reader.ts';
import { newSystemNames, type SystemNames } from './system-settings.ts';
import { type ProcessKind, TrunklineProcess } from './trunkline-process.ts';

export interface DeploymentOptions {
  redisUrl: string;
  elasticsearchUrl: string;
  simulator?: SimulatorOptions;
  /** Default: the guide's. */
  contract?: Contract;
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

/** What a deployment is made of, opened. */
export interface DeploymentParts<Proxies extends Faults> {
  names: SystemNames;
  faults: Proxies;
  simulator: Simulator;
  options: DeploymentOptions;
  folder: string;
}

/** Starts simulator and proxies, and makes the folder. */
export async function openDeployment(options: DeploymentOptions): Promise<DeploymentParts<Faults>> {
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
  const folder = await mkdtemp(path.join(root, `${names.id}-`));
  return { names, simulator, faults: { redis, elasticsearch, elasticsearchHttp, genesys }, options, folder };
}

/**
 * A deployment of a test's own: simulator, processes, and a fault proxy before each thing that they reach.
 *
 * It shares Redis and Elasticsearch with others under names of its own; what it wrote there goes when it is disposed of.
 * The test itself reaches Redis, Elasticsearch and the simulator directly, past the proxies.
 */
export abstract class Deployment<Proxies extends Faults = Faults> implements AsyncDisposable {
  readonly names: SystemNames;
  readonly faults: Proxies;
  readonly simulator: Simulator;
  readonly genesys: SimulatorControl;
  /** For looking into Redis; goes to the server directly. */
  redis: Redis;
  readonly elasticsearchUrl: string;
  /** Of the server itself, past the proxy. */
  redisUrl: string;
  /** Goes with the deployment. */
  readonly folder: string;
  readonly fetchers: TrunklineProcess[] = [];
  readonly dashboards: TrunklineProcess[] = [];
  protected readonly elasticsearch: Elasticsearch;
  readonly #queues = new Map<QueueName, Queue>();
  readonly #started = new Map<ProcessKind, number>();

  protected constructor({ names, faults, simulator, options, folder }: DeploymentParts<Proxies>) {
    this.names = names;
    this.faults = faults;
    this.simulator = simulator;
    this.genesys = new SimulatorControl(simulator.url);
    this.folder = folder;
    this.elasticsearchUrl = options.elasticsearchUrl;
    this.redisUrl = options.redisUrl;
    this.redis = quietRedis(options.redisUrl);
    this.elasticsearch = new Elasticsearch({
      urls: [options.elasticsearchUrl],
      cloudId: null,
      apiKey: null,
      username: null,
      password: null,
      caFile: null,
      timeoutMs: 30_000,
    });
  }

  /** What every process is started with. */
  protected abstract readonly environment: Record<string, string>;

  abstract get processes(): TrunklineProcess[];

  /** Removes what others would stumble over, beside the keys and indices of the deployment's name. */
  protected async removeMore(): Promise<void> {}

  /** Starts processes side by side; where one does not start, everything is ended. */
  protected async begin(...starts: [count: number, start: () => Promise<unknown>][]): Promise<this> {
    try {
      await Promise.all(starts.flatMap(([count, start]) => Array.from({ length: count }, start)));
    } catch (error) {
      await this[Symbol.asyncDispose]();
      throw error;
    }
    return this;
  }

  addFetcher(
    settings: Record<string, string> = {},
    preload: Preload | null = null,
  ): Promise<TrunklineProcess> {
    return this.add('fetcher', this.fetchers, settings, preload === null ? [] : preloaded(preload));
  }

  addDashboard(settings: Record<string, string> = {}): Promise<TrunklineProcess> {
    return this.add('dashboard', this.dashboards, settings);
  }

  protected async add(
    kind: ProcessKind,
    list: TrunklineProcess[],
    settings: Record<string, string>,
    nodeOptions: readonly string[] = [],
  ): Promise<TrunklineProcess> {
    // The number is taken at once: several are started side by side.
    const number = (this.#started.get(kind) ?? 0) + 1;
    this.#started.set(kind, number);
    const name = `${kind}-${number}`;
    // Each fetcher has a disk of its own.
    const env = { ...this.environment, SPOOL_DIR: path.join(this.folder, `${name}-spool`), ...settings };
    const process = await TrunklineProcess.start({ kind, name, env, folder: this.folder, nodeOptions });
    list.push(process);
    return process;
  }

  /** Those of a kind, in the order of their first start. */
  processesOf(kind: ProcessKind): TrunklineProcess[] {
    return this.processes.filter((process) => process.kind === kind);
  }

  /** Every running process is ready. */
  async untilReady(): Promise<void> {
    await Promise.all(this.processes.filter(({ running }) => running).map((process) => process.untilReady()));
  }

  queue(name: QueueName): Queue {
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

  protected get keyring(): Keyring {
    return new Keyring([Buffer.from(this.names.payloadKey, 'base64')]);
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
    return `\n${parts.join('\n')}\n(${this.folder})`;
  }

  /** Ends everything and removes what it left in Redis and Elasticsearch. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.processes.map((process) => process[Symbol.asyncDispose]()));
    await Promise.all([
      ...Object.values(this.faults as Faults).map((proxy: AsyncDisposable) => proxy[Symbol.asyncDispose]()),
      this.simulator.close(),
    ]);
    // A test may have taken away what would have to be cleaned.
    if (this.redis.status === 'ready') await Promise.allSettled([this.emptyRedis()]);
    await Promise.allSettled([this.#removeIndices(), this.removeMore()]);
    this.redis.disconnect();
    await this.elasticsearch[Symbol.asyncDispose]();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Takes away all that stands in Redis under this deployment's name, as FLUSHALL does on a server of its own. */
  async emptyRedis(): Promise<void> {
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
  }
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
