import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { getSourceMapsSupport, setSourceMapsSupport } from 'node:module';
import { hostname } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { type Facts, type Pipeline, type QueueName, TrunklineError } from '@trunkline/contracts';
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { Health } from './health.ts';
import { pruneHeartbeats, publishHeartbeat, withdrawHeartbeat } from './heartbeats.ts';
import { serveEndpoint } from './http-endpoint.ts';
import { createLogger, type Logger } from './logger.ts';
import { QueueGauges } from './queue-gauges.ts';
import { openQueue } from './queues.ts';
import { connectRedis, requireNoEviction } from './redis.ts';
import { RedisClock } from './redis-clock.ts';
import type { processSettings } from './settings/process.ts';
import type { redisSettings } from './settings/redis.ts';
import { maskedSettings, type SettingGroup, type Values } from './settings/setting.ts';
import { Totals } from './totals.ts';
import { openTracing, type Tracing } from './tracing.ts';
import { version } from './version.ts';

/** A part of a process that runs until it is told to stop. */
export interface Component {
  readonly name: string;
  /** Resolves when the part runs. Must not wait for Redis or a cluster that is away: the process stays up and says so. */
  start(): Promise<void>;
  /** Stops taking work, finishes or gives back what is in hand, and resolves. */
  stop(): Promise<void>;
}

export interface ServiceConfig {
  readonly process: Values<typeof processSettings>;
  readonly redis: Values<typeof redisSettings>;
}

/**
 * What every process shares: logger, Redis, queues, metrics, health, heartbeat, shutdown.
 *
 * Shutdown, in this order: components stop (the last started first), what `main.ts` opened closes, totals are flushed, the
 * heartbeat is withdrawn, queues and Redis connections close, the endpoint closes. What takes longer than the deadline is
 * left where it is: the process ends, and its jobs come back to the queue when their locks run out.
 */
export class Service implements AsyncDisposable {
  readonly name: string;
  /** Unique to this start of the process. */
  readonly instance: string;
  readonly log: Logger;
  readonly registry: Registry;
  readonly health = new Health();
  readonly redis: Redis;
  /** Of the pipeline that this process is mainly of. */
  readonly totals: Totals;
  readonly deployment: string;
  readonly #tracing: Tracing | null;
  readonly #config: ServiceConfig;
  readonly #startedAt = new Date();
  readonly #stopping = new AbortController();
  readonly #totals = new Map<Pipeline, Totals>();
  readonly #queues = new Map<QueueName, Queue>();
  readonly #queueGauges: QueueGauges;
  readonly #connections: Redis[] = [];
  readonly #facts = new Map<string, () => Facts>();
  readonly #streams = new Map<string, () => Facts>();
  #endpoint: { url: string; close: () => Promise<void> } | null = null;
  readonly #clock: RedisClock;
  #heart: NodeJS.Timeout | null = null;
  #beating: Promise<void> | null = null;
  #deadline: NodeJS.Timeout | undefined;
  #onSignal: (signal: NodeJS.Signals) => void = () => {};

  constructor(name: string, config: ServiceConfig, pipeline: Pipeline = 'audit') {
    this.name = name;
    this.instance = `${name}-${hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`;
    this.deployment = config.process.deployment;
    this.#config = config;
    this.log = createLogger({ service: name, instance: this.instance, level: config.process.logLevel });
    this.registry = new Registry();
    this.registry.setDefaultLabels({ service: name });
    // The default of 10 ms costs half a percent of a core in every process, idle or not.
    collectDefaultMetrics({ register: this.registry, eventLoopMonitoringPrecision: 500 });
    const { traceEndpoint, traceRatio } = config.process;
    this.#tracing =
      traceEndpoint === null
        ? null
        : openTracing({ service: name, instance: this.instance, endpoint: traceEndpoint, ratio: traceRatio });
    this.redis = this.connection('main');
    this.#clock = new RedisClock(this.redis);
    this.#queueGauges = new QueueGauges(this.registry, () => this.redis.status === 'ready');
    this.totals = this.totalsOf(pipeline);
  }

  /** Aborted when the process has been told to stop. */
  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  /** A Redis connection of its own (workers block theirs); closed with the service. */
  connection(purpose: string): Redis {
    const redis = connectRedis(this.#config.redis, `${this.name}-${purpose}`, this.log);
    this.#connections.push(redis);
    return redis;
  }

  totalsOf(pipeline: Pipeline): Totals {
    let totals = this.#totals.get(pipeline);
    if (totals === undefined) {
      totals = new Totals(this.redis, this.deployment, pipeline);
      this.#totals.set(pipeline, totals);
    }
    return totals;
  }

  queue(name: QueueName): Queue {
    let queue = this.#queues.get(name);
    if (queue === undefined) {
      queue = openQueue(this.deployment, name, this.redis, this.traced);
      queue.on('error', () => {}); // the connection's own handler logs it
      this.#queues.set(name, queue);
    }
    return queue;
  }

  /** What queues and workers take as an option so that their jobs are traced; empty where nobody asked for traces. */
  get traced(): { telemetry?: Tracing['telemetry'] } {
    return this.#tracing === null ? {} : { telemetry: this.#tracing.telemetry };
  }

  /** Has the metrics tell the depth of a queue that a worker of this process takes jobs from. */
  watchQueue(name: QueueName, isPaused: () => boolean): void {
    this.#queueGauges.watch(name, { queue: this.queue(name), isPaused });
  }

  /** What the heartbeat shows of a part of this process; `read` is called every second. */
  showFacts(part: string, read: () => Facts): void {
    this.#facts.set(part, read);
  }

  /** What the heartbeat shows of an audit stream that this process polls or stands by for; `read` as above. */
  showStream(id: string, read: () => Facts): void {
    this.#streams.set(id, read);
  }

  /** This process has given the stream up. */
  hideStream(id: string): void {
    this.#streams.delete(id);
  }

  /** Logs the effective configuration, opens the endpoint, checks Redis, and starts the heartbeat. */
  async start(settings: SettingGroup, env: NodeJS.ProcessEnv): Promise<void> {
    const { httpHost, httpPort } = this.#config.process;
    this.#endpoint = await serveEndpoint({
      host: httpHost,
      port: httpPort,
      health: this.health,
      registry: this.registry,
      stopping: this.stopping,
    });
    this.log.info(
      {
        event: 'process.started',
        version,
        node: process.version,
        pid: process.pid,
        httpUrl: this.#endpoint.url,
        settings: maskedSettings(settings, env),
      },
      `${this.name} ${version} started`,
    );
    this.#watchRedis();
    await this.#checkRedis();
    this.#heart = setInterval(() => {
      this.#beating ??= this.#beat().finally(() => {
        this.#beating = null;
      });
    }, beatMs);
  }

  /**
   * Starts the components in order and resolves when the process has been told to stop (SIGTERM, SIGINT, or `stop`) and
   * the components have finished or returned their jobs. Connections stay open until the service is disposed of.
   */
  async run(...components: Component[]): Promise<void> {
    this.#onSignal = (signal: NodeJS.Signals): void => {
      if (this.stopping.aborted) return;
      this.log.info(
        { event: 'process.stopping', signal },
        `${signal}: finishing or returning the jobs in hand`,
      );
      this.stop();
    };
    process.on('SIGTERM', this.#onSignal);
    process.on('SIGINT', this.#onSignal);
    const started: Component[] = [];
    try {
      for (const component of components) {
        if (this.stopping.aborted) break;
        started.push(component);
        await component.start();
        this.log.debug({ event: 'component.started', component: component.name });
      }
      if (!this.stopping.aborted) await once(this.stopping, 'abort');
    } finally {
      this.stop();
      for (const component of started.reverse()) {
        await component
          .stop()
          .catch((err: unknown) =>
            this.log.error({ event: 'component.stop-failed', component: component.name, err }),
          );
      }
    }
  }

  /** Tells the process to stop; from here on the shutdown deadline runs. */
  stop(): void {
    if (this.stopping.aborted) return;
    this.#deadline = setTimeout(() => {
      this.log.error(
        { event: 'process.deadline' },
        'The shutdown deadline has passed: jobs in hand return to the queue when their locks run out',
      );
      process.exit(1);
    }, this.#config.process.shutdownDeadlineMs);
    this.#stopping.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    if (this.#heart !== null) clearInterval(this.#heart);
    if (this.redis.status === 'ready') {
      // One under way would put back what is withdrawn: a process that was stopped must not look like one that was killed.
      await this.#beating;
      await this.#flushTotals();
      await withdrawHeartbeat(this.redis, this.deployment, this.instance);
    }
    for (const queue of this.#queues.values()) await queue.close();
    for (const redis of this.#connections) redis.disconnect();
    await this.#tracing?.close();
    await this.#endpoint?.close();
    this.log.info({ event: 'process.stopped' }, `${this.name} stopped`);
    clearTimeout(this.#deadline);
    // Only now: a second signal must not kill a process that is finishing its jobs.
    process.off('SIGTERM', this.#onSignal);
    process.off('SIGINT', this.#onSignal);
  }

  #watchRedis(): void {
    const away =
      'Redis cannot be reached; work waits and goes on by itself when it is back. Check REDIS_URL and the server.';
    const tell = (ready: boolean): void => {
      this.health.report('redis', ready ? null : away);
      this.health.setSuspended(!ready);
    };
    tell(this.redis.status === 'ready');
    this.redis.on('ready', () => tell(true));
    this.redis.on('close', () => tell(false));
  }

  /** @throws TrunklineError REDIS_SETTING_UNSAFE; a Redis that is away is waited for, which `/readyz` tells */
  async #checkRedis(): Promise<void> {
    const told = new Promise<'told'>((resolve) =>
      this.stopping.addEventListener('abort', () => resolve('told'), { once: true }),
    );
    await Promise.race([requireNoEviction(this.redis), told]);
    if (!this.stopping.aborted) await pruneHeartbeats(this.redis, this.deployment);
  }

  async #flushTotals(): Promise<void> {
    for (const totals of this.#totals.values()) await totals.flush();
  }

  async #beat(): Promise<void> {
    // With Redis away the commands would only pile up in the client's queue.
    if (this.redis.status !== 'ready') return;
    try {
      await this.#publish();
      // Last: a Redis that is full refuses it.
      await this.#flushTotals();
    } catch (err) {
      this.log.debug({ event: 'heartbeat.failed', err });
    }
  }

  async #publish(): Promise<void> {
    const beatAt = await this.#clock.now();
    const problems = this.health.problems();
    await publishHeartbeat(this.redis, this.deployment, {
      v: 1,
      service: this.name,
      instance: this.instance,
      version,
      host: hostname(),
      pid: process.pid,
      startedAt: this.#startedAt.toISOString(),
      beatAt: new Date(beatAt).toISOString(),
      live: this.health.overdue().length === 0,
      ready: problems.length === 0,
      problems,
      httpUrl: this.#endpoint?.url ?? null,
      facts: Object.assign({}, ...[...this.#facts.values()].map((read) => read())) as Facts,
      ...(this.#streams.size === 0
        ? {}
        : { streams: Object.fromEntries([...this.#streams].map(([id, read]) => [id, read()])) }),
    });
  }
}

/** How often a process tells of itself (ms); the overview tells of one that is silent for more than three of them. */
const beatMs = 1_000;

/**
 * How much the old generation may grow before it is collected. V8 would let it double, and with it the buffers of the batches that
 * were worked on meanwhile: 40 to 60 MB more for a twentieth to a seventh less CPU in reading and writing batches.
 */
const heapGrowthPercent = 70;

/** Exit code for a wrong configuration (EX_CONFIG of sysexits.h). */
const EXIT_CONFIGURATION = 78;

/**
 * The frame of every `main.ts`: runs it and turns its end into an exit code. What `main` imports when it runs is loaded into
 * the small heap that is set up here. A configuration error is told in one message
 * on stderr, exit code 78; anything unforeseen by name and frames, exit code 1.
 */
export async function runProcess(name: string, main: () => Promise<void>): Promise<never> {
  setFlagsFromString(`--heap-growing-percent=${heapGrowthPercent}`);
  // Traces name our sources; the maps of what we depend on take megabytes and are of use to nobody.
  setSourceMapsSupport(getSourceMapsSupport().enabled, { nodeModules: false, generatedCode: false });
  try {
    await main();
    process.exit(0);
  } catch (error) {
    if (error instanceof TrunklineError && error.kind === 'configuration') {
      process.stderr.write(`trunkline ${name}: ${error.message}\n`);
      process.exit(EXIT_CONFIGURATION);
    }
    createLogger({ service: name, instance: name, level: 'info' }, process.stderr).fatal(
      { event: 'process.failed', err: error },
      `${name} ended by an unforeseen error`,
    );
    process.exit(1);
  }
}
