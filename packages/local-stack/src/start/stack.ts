/**
 * Everything that `npm start` runs, in the order of the data: Redis, Elasticsearch, S3, simulator, fetcher, indexers,
 * redactor, uploader, dashboard. Stopping goes the other way round, and touches nothing that was not started here.
 */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ownEnvironment } from '../keeper/kept-process.ts';
import { startElasticsearch } from '../parts/elasticsearch.ts';
import { freePort } from '../parts/free-port.ts';
import type { Part } from '../parts/part.ts';
import { startRedis } from '../parts/redis.ts';
import { s3AccessOf, startS3 } from '../parts/s3.ts';
import {
  type Addresses,
  archives,
  commandSettings,
  processSettings,
  realGenesys,
  simulatorSettings,
  tokenizingSettings,
} from './process-settings.ts';
import type { Screen } from './screen.ts';
import type { StartOptions } from './start-options.ts';
import type { Secrets, StateFolder } from './state-folder.ts';
import { StatusReader } from './status.ts';
import { Worker } from './worker.ts';

/** Workers first, then what they need: together less than ten seconds. */
const workersStopMs = 4_500;
const partsStopMs = 4_000;
const readyLimitMs = 60_000;

const usualPorts = { redis: 6379, elasticsearch: 9200, s3: 9000, simulator: 8090, dashboard: 3000 };
const archiveBucket = 'trunkline-archives';

/** Where everything is. */
export interface Running {
  dashboardUrl: string;
  /** Of the simulator, or of the Genesys Cloud that the environment names. */
  genesysUrl: string;
  /** The environment that fetcher and indexers were started with. */
  settings: Record<string, string>;
  /** The environment that redactor and uploader were started with; `null`: nothing is archived. */
  archiveSettings: Record<string, string> | null;
  status: StatusReader;
}

export class Stack {
  readonly #screen: Screen;
  readonly #options: StartOptions;
  readonly #state: StateFolder;
  readonly #parts: { name: string; part: Part }[] = [];
  readonly #workers: Worker[] = [];
  readonly #broken = Promise.withResolvers<never>();
  #simulator: Worker | null = null;
  #stopping = false;

  constructor(screen: Screen, options: StartOptions, state: StateFolder) {
    this.#screen = screen;
    this.#options = options;
    this.#state = state;
    this.#broken.promise.catch(() => {});
  }

  /** Rejects when something cannot run at all; never resolves. */
  get broken(): Promise<never> {
    return this.#broken.promise;
  }

  /** Starts everything; resolves with where it is. */
  async start(): Promise<Running> {
    const base = ownEnvironment();
    const secrets = await this.#state.secrets();
    const redis = await this.#startPart('Redis', async (onProgress) =>
      startRedis({
        dataDir: this.#state.redis,
        port: usualPorts.redis,
        logFile: await this.#state.logFile('redis'),
        sources: await this.#state.sourceOrder('redis'),
        onProgress,
      }),
    );
    const elasticsearch = await this.#startPart('Elasticsearch', async (onProgress) =>
      startElasticsearch({
        dataDir: this.#state.elasticsearch,
        port: usualPorts.elasticsearch,
        logFile: await this.#state.logFile('elasticsearch'),
        sources: await this.#state.sourceOrder('elasticsearch'),
        onProgress,
      }),
    );
    await this.#state.rememberSources({ redis: redis.source, elasticsearch: elasticsearch.source });
    const archive = base['S3_BUCKET'] || !archives(base) ? null : await this.#startS3();

    const genesysUrl = realGenesys(base) ?? (await this.#startSimulator(base, secrets));
    const folders = { SPOOL_DIR: this.#state.spool, STAGE_URL: pathToFileURL(this.#state.stage).href };
    const settings = processSettings(
      { ...folders, ...base },
      secrets,
      { redisUrl: redis.url, elasticsearchUrl: elasticsearch.url, genesysUrl, archive },
      this.#options.contract,
    );
    const archiveSettings = archives(settings) ? tokenizingSettings(settings, secrets) : null;
    const command = this.#writeCommand(base, archiveSettings ?? settings);
    // Told of where it is waited for.
    command.catch(() => {});
    const status = new StatusReader(settings);
    for (const { title, program, env } of this.#workersInOrder(settings, archiveSettings)) {
      await this.#startWorker(title, program, env, status);
    }
    const dashboardPort = await freePort(usualPorts.dashboard);
    const dashboardUrl = `http://127.0.0.1:${dashboardPort}`;
    const usersGiven = settings['DASHBOARD_USERS'] || settings['DASHBOARD_USERS_FILE'];
    await this.#startWorker(
      'dashboard',
      'dashboard',
      {
        ...settings,
        DASHBOARD_HOST: '127.0.0.1',
        DASHBOARD_PORT: String(dashboardPort),
        ...(usersGiven ? {} : { DASHBOARD_USERS: await dashboardUsers(secrets) }),
      },
      status,
      dashboardUrl,
    );
    await command;
    return { dashboardUrl, genesysUrl, settings, archiveSettings, status };
  }

  /** The workers in the order of the data. */
  #workersInOrder(
    settings: Record<string, string>,
    archiveSettings: Record<string, string> | null,
  ): { title: string; program: string; env: Record<string, string> }[] {
    const indexers = Array.from({ length: this.#options.indexers }, (_, index) => `indexer ${index + 1}`);
    return [
      { title: 'fetcher', program: 'fetcher', env: settings },
      ...indexers.map((title) => ({ title, program: 'indexer', env: settings })),
      ...(archiveSettings === null
        ? []
        : ['redactor', 'uploader'].map((name) => ({ title: name, program: name, env: archiveSettings }))),
    ];
  }

  /** The `trunkline` command with the settings of what runs here. */
  async #writeCommand(base: Record<string, string>, settings: Record<string, string>): Promise<void> {
    const program = programOf('cli');
    const child = spawn(process.execPath, [program, 'config', '--schema'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    // It alone knows the settings of all processes.
    const { properties } = JSON.parse(await text(child.stdout)) as { properties: Record<string, unknown> };
    const names = new Set(Object.keys(properties));
    await this.#state.writeCommand(process.execPath, program, commandSettings(base, settings, names));
  }

  /** Stops everything that was started here, within ten seconds. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#workers.map((worker) => worker.stop(workersStopMs)));
    await Promise.all([
      this.#simulator?.stop(partsStopMs),
      ...this.#parts.map(({ part }) => part.stop(partsStopMs)),
    ]);
  }

  async #startPart(
    name: string,
    start: (onProgress: (step: string, fraction: number | null) => void) => Promise<Part>,
  ): Promise<Part> {
    const part = await this.#screen.step(
      name,
      start,
      (started) => `${shown(started.url)}  from ${started.source}`,
    );
    this.#parts.push({ name, part });
    part.onUnexpectedEnd((how) => void this.#bringBack(name, part, how));
    await this.#noteRunning();
    return part;
  }

  /** An S3 of this machine, with the archive's bucket in it. */
  async #startS3(): Promise<Addresses['archive']> {
    const s3 = await this.#startPart('S3', async (onProgress) =>
      startS3({
        dataDir: this.#state.s3,
        port: usualPorts.s3,
        logFile: await this.#state.logFile('s3'),
        sources: await this.#state.sourceOrder('s3'),
        bucket: archiveBucket,
        onProgress,
      }),
    );
    await this.#state.rememberSources({ s3: s3.source });
    return { ...s3AccessOf(s3), bucket: archiveBucket };
  }

  /** A person may kill what they like: a part that ends is started again, on its data. */
  async #bringBack(name: string, part: Part, how: string): Promise<void> {
    for (let attempt = 1; !this.#stopping; attempt++) {
      this.#screen.line(`  ${name} ended (${how}), starting it again`);
      try {
        await part.bringUp();
        await this.#noteRunning();
        if (this.#stopping) await part.stop(partsStopMs);
        return;
      } catch (error) {
        if (attempt === 3) {
          this.#broken.reject(error as Error);
          return;
        }
        await sleep(1_000);
      }
    }
  }

  async #startSimulator(base: Record<string, string>, secrets: Secrets): Promise<string> {
    return this.#screen.step(
      'simulator',
      async () => {
        const port = await freePort(usualPorts.simulator);
        const worker = new Worker(
          {
            name: 'simulator',
            file: programOf('simulator'),
            env: simulatorSettings(base, this.#options, secrets, { port, dataDir: this.#state.simulator }),
            logFile: await this.#state.logFile('simulator'),
          },
          (line) => this.#screen.line(`  ${line}`),
        );
        this.#simulator = worker;
        this.#watch(worker);
        await worker.start();
        await this.#noteRunning();
        const url = `http://127.0.0.1:${port}`;
        await this.#until(worker, () =>
          fetch(`${url}/_simulator/state`, { signal: AbortSignal.timeout(2_000) }).then(
            (answer) => answer.ok,
            () => false,
          ),
        );
        return url;
      },
      (url) => url,
    );
  }

  async #startWorker(
    title: string,
    program: string,
    env: Record<string, string>,
    status: StatusReader,
    address = '',
  ): Promise<void> {
    await this.#screen.step(
      title,
      async (progress) => {
        const name = title.replace(' ', '-');
        const worker = new Worker(
          { name, file: programOf(program), env, logFile: await this.#state.logFile(name) },
          (line) => this.#screen.line(`  ${line}`),
        );
        this.#workers.push(worker);
        this.#watch(worker);
        await worker.start();
        await this.#noteRunning();
        let problems: readonly string[] = ['it has not told its state yet'];
        const ready = await this.#until(worker, async () => {
          const beat = (await status.heartbeats()).find((one) => one.pid === worker.pid);
          if (beat === undefined) return false;
          problems = beat.problems;
          if (!beat.ready) progress(`not ready yet: ${problems[0] ?? 'it does not say why'}`, null);
          return beat.ready;
        });
        return ready ? address || 'ready' : `not ready: ${problems.join(' ')} (log: ${worker.logFile})`;
      },
      (words) => words,
    );
  }

  /** Waits for a condition; `false` after a minute. Throws when the worker cannot run at all. */
  async #until(worker: Worker, condition: () => Promise<boolean>): Promise<boolean> {
    const begin = performance.now();
    while (!(await condition())) {
      if (performance.now() - begin > readyLimitMs) return false;
      await Promise.race([sleep(200), worker.broken]);
    }
    return true;
  }

  #watch(worker: Worker): void {
    worker.broken.catch((error: Error) => this.#broken.reject(error));
  }

  async #noteRunning(): Promise<void> {
    const pids = [
      ...this.#parts.map(({ part }) => part.pid),
      this.#simulator?.pid ?? null,
      ...this.#workers.map((worker) => worker.pid),
    ];
    await this.#state.running(pids.filter((pid) => pid !== null));
  }
}

/** The built program of a package, beside this one. */
function programOf(name: string): string {
  return fileURLToPath(new URL(`../../../${name}/dist/main.js`, import.meta.url));
}

/** An address as it may be shown: without credentials. */
function shown(url: string): string {
  return url.replace(/\/\/[^/@\s]*@/g, '//***@');
}

/** The text of DASHBOARD_USERS; the dashboard's own tool hashes, so that only it knows how. */
async function dashboardUsers(
  secrets: Record<'DASHBOARD_OPERATOR_PASSWORD' | 'DASHBOARD_VIEWER_PASSWORD', string>,
): Promise<string> {
  const hashed = async (password: string): Promise<string> => {
    const file = fileURLToPath(new URL('../../../dashboard/dist/hash-password.js', import.meta.url));
    const child = spawn(process.execPath, [file], { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.end(`${password}\n`);
    return (await text(child.stdout)).trim();
  };
  const [operator, viewer] = await Promise.all([
    hashed(secrets.DASHBOARD_OPERATOR_PASSWORD),
    hashed(secrets.DASHBOARD_VIEWER_PASSWORD),
  ]);
  return `operator:operator:${operator},viewer:viewer:${viewer}`;
}
