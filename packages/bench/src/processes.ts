/** Trunkline's processes and the simulator, as users run them: built, each a process of its own. */
import { execFile } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort, type KeptProcess, spawnKept } from '@trunkline/local-stack';
import { until } from './until.ts';

export type Program = 'fetcher' | 'indexer' | 'redactor' | 'uploader' | 'dashboard' | 'simulator';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Brings their `dist` up to date, so that no measurement is of yesterday's program. @throws Error with the compiler's words */
export async function build(programs: readonly Program[]): Promise<void> {
  const compiler = path.join(root, 'node_modules/.bin/tsc');
  const folders = programs.map((name) => `packages/${name}`);
  await promisify(execFile)(compiler, ['-b', ...folders], { cwd: root }).catch((error: unknown) => {
    throw new Error(`tsc -b failed:\n${(error as { stdout?: string }).stdout ?? String(error)}`);
  });
}

export interface ProcessSpec {
  program: Program;
  /** As its log is called. */
  name: string;
  /** All it gets beside PATH. */
  env: Record<string, string>;
  /** Folder of its log. */
  folder: string;
  /** Folder for its CPU profile, written when it ends; `null`: none. */
  profile: string | null;
}

/** A running process, ended with the benchmark whatever happens to it. */
export class BenchProcess implements AsyncDisposable {
  readonly name: string;
  readonly #kept: KeptProcess;
  readonly #logFile: string;
  /** Of /metrics, /livez, /readyz. */
  readonly #url: string;

  private constructor(name: string, kept: KeptProcess, logFile: string, url: string) {
    this.name = name;
    this.#kept = kept;
    this.#logFile = logFile;
    this.#url = url;
  }

  /** Starts it; `untilReady` tells when it runs. */
  static async start({ program, name, env, folder, profile }: ProcessSpec): Promise<BenchProcess> {
    const port = await freePort();
    const logFile = path.join(folder, `${name}.log`);
    const profiling =
      profile === null
        ? []
        : ['--cpu-prof', `--cpu-prof-dir=${profile}`, `--cpu-prof-name=${name}.cpuprofile`];
    if (!existsSync(logFile)) appendFileSync(logFile, '');
    const kept = await spawnKept({
      command: process.execPath,
      // As in the Dockerfile.
      args: [
        '--enable-source-maps',
        '--max-semi-space-size=4',
        ...profiling,
        path.join(root, 'packages', program, 'dist', 'main.js'),
      ],
      env: {
        PATH: process.env['PATH'] ?? '',
        MALLOC_ARENA_MAX: '1',
        MALLOC_MMAP_THRESHOLD_: '1048576',
        HTTP_HOST: '127.0.0.1',
        HTTP_PORT: String(port),
        ...env,
      },
      logFile,
    });
    return new BenchProcess(name, kept, logFile, `http://127.0.0.1:${port}`);
  }

  /** Value of a metric as the process tells it; 0 where it does not (yet). @param series name with labels */
  async metric(series: string): Promise<number> {
    const text = await fetch(`${this.#url}/metrics`).then((answer) => answer.text());
    const line = text.split('\n').find((one) => one.startsWith(`${series} `));
    return line === undefined ? 0 : Number(line.slice(series.length + 1));
  }

  get pid(): number {
    return this.#kept.pid;
  }

  /** Resolves when the process says that it is ready. @throws Error with the end of its log when it ends instead */
  async untilReady(): Promise<void> {
    await until(`${this.name} is ready`, async () => {
      this.requireRunning();
      return fetch(`${this.#url}/readyz`).then(
        (answer) => answer.ok,
        () => false,
      );
    });
  }

  /** @throws Error with the end of its log when it has ended */
  requireRunning(): void {
    if (this.#kept.exit !== null)
      throw new Error(`${this.name} has ended. The end of its log:\n${this.#logEnd()}`);
  }

  #logEnd(): string {
    return readFileSync(this.#logFile, 'utf8').trimEnd().split('\n').slice(-10).join('\n');
  }

  /** Resolves when it is gone. */
  async kill(): Promise<void> {
    await this.#kept.kill();
  }

  /** SIGTERM, as an orchestrator would. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#kept.stop(20_000);
  }
}
