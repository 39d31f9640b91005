import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Exit, type KeptProcess, spawnKept } from '@trunkline/local-stack';
import { compileCacheFolder } from './compile-cache.ts';
import { LogFile, type LogLine } from './log-file.ts';
import { until } from './until.ts';

/** The processes that a test can run, by the package that holds their `src/main.ts`. */
export type ProcessKind = 'fetcher' | 'indexer' | 'redactor' | 'uploader' | 'dashboard';

export interface ProcessSpec {
  kind: ProcessKind;
  /** As its log file is called: `indexer-2`. */
  name: string;
  /** All it gets beside PATH and HOME. */
  env: Record<string, string>;
  /** Folder for its log. */
  folder: string;
  /** More options for Node, e.g. `['--import', file]`. */
  nodeOptions?: readonly string[];
}

const packages = fileURLToPath(new URL('../../', import.meta.url));

/**
 * A Trunkline process run from its sources, to be killed, frozen and started again.
 *
 * It cannot outlive the process that started it, even where that one is killed. Its log goes to one file, through all its
 * starts.
 */
export class TrunklineProcess implements AsyncDisposable {
  readonly name: string;
  readonly kind: ProcessKind;
  readonly log: LogFile;
  /** Changes are for the next start. */
  readonly env: Record<string, string>;
  readonly #spec: ProcessSpec;
  #process: KeptProcess | null = null;
  #starting: Promise<void> | null = null;

  private constructor(spec: ProcessSpec) {
    this.#spec = spec;
    this.kind = spec.kind;
    this.name = spec.name;
    this.env = { ...spec.env };
    this.log = new LogFile(path.join(spec.folder, `${spec.name}.log`));
  }

  static async start(spec: ProcessSpec): Promise<TrunklineProcess> {
    const started = new TrunklineProcess(spec);
    await started.start();
    return started;
  }

  /** Starts it again after an end. Two who ask at the same time get the same start. */
  start(): Promise<void> {
    this.#starting ??= this.#start().finally(() => {
      this.#starting = null;
    });
    return this.#starting;
  }

  async #start(): Promise<void> {
    if (this.running) throw new Error(`${this.name} runs already.`);
    this.#process = await spawnKept({
      command: process.execPath,
      args: [
        '--conditions=@trunkline/source',
        '--enable-source-maps',
        ...(this.#spec.nodeOptions ?? []),
        path.join(packages, this.kind, 'src', 'main.ts'),
      ],
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: process.env['HOME'] ?? '',
        NODE_COMPILE_CACHE: compileCacheFolder,
        ...this.env,
      },
      logFile: this.log.path,
    });
  }

  get running(): boolean {
    return this.#process !== null && this.#process.exit === null;
  }

  /** @throws Error where it was never started */
  get pid(): number {
    return this.#kept().pid;
  }

  /** Settles when the present start has ended. */
  get exited(): Promise<Exit> {
    return this.#kept().exited;
  }

  /** kill -9; resolves when it is gone. */
  async kill(): Promise<void> {
    await this.#starting;
    if (this.running) await this.#kept().kill();
  }

  /** Freezes it in the middle of what it does: no timer, no reply, open connections. */
  pause(): void {
    this.#kept().signal('SIGSTOP');
  }

  resume(): void {
    this.#kept().signal('SIGCONT');
  }

  /** Blocks its event loop, of a process that was started with the preload `blocked-loop`; resolves when it is blocked. */
  async blockLoop(): Promise<void> {
    const file = this.#blockFile();
    await writeFile(file, '');
    this.#kept().signal('SIGUSR2');
    await until(`the event loop of ${this.name} is blocked`, () => existsSync(`${file}.blocked`));
  }

  async unblockLoop(): Promise<void> {
    await rm(this.#blockFile());
  }

  #blockFile(): string {
    const file = this.env['TEST_BLOCK_FILE'];
    if (file === undefined) throw new Error(`${this.name} was started without TEST_BLOCK_FILE.`);
    return file;
  }

  /** SIGTERM; resolves with how it ended. @param graceMs then it is killed */
  terminate(graceMs = 120_000): Promise<Exit> {
    return this.#kept().stop(graceMs);
  }

  async restart(): Promise<void> {
    await this.kill();
    await this.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  /** Where /metrics, /livez and /readyz of the present start answer. */
  async url(): Promise<string> {
    const started = await this.log.waitFor('process.started', (line) => line.pid === this.pid);
    return String(started.httpUrl);
  }

  async get(page: 'livez' | 'readyz' | 'metrics'): Promise<{ status: number; text: string }> {
    const answer = await fetch(`${await this.url()}/${page}`, { signal: AbortSignal.timeout(30_000) });
    return { status: answer.status, text: await answer.text() };
  }

  /** What is missing or wrong, as `/readyz` tells; empty when ready. */
  async problems(): Promise<string[]> {
    return (JSON.parse((await this.get('readyz')).text) as { problems: string[] }).problems;
  }

  async untilReady(): Promise<void> {
    await until(`${this.name} is ready`, async () => (await this.get('readyz')).status === 200, {
      told: async () =>
        `It tells: ${await this.problems().catch(() => 'nothing')}. The end of its log:\n${this.log.end()}`,
    });
  }

  /** Waits until `/readyz` names a problem that matches. */
  async untilProblem(pattern: RegExp): Promise<string> {
    return until(
      `${this.name} tells of ${pattern}`,
      async () => (await this.problems()).find((problem) => pattern.test(problem)),
      { told: async () => `It tells: ${JSON.stringify(await this.problems())}.` },
    );
  }

  /** The sum of a metric's samples whose labels hold these; `null` where there is none. */
  async metric(name: string, labels: Record<string, string> = {}): Promise<number | null> {
    let sum: number | null = null;
    for (const line of (await this.get('metrics')).text.split('\n')) {
      const [, found, labelText, value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      if (found !== name) continue;
      const fits = Object.entries(labels).every(([label, text]) => labelText?.includes(`${label}="${text}"`));
      if (fits) sum = (sum ?? 0) + Number(value);
    }
    return sum;
  }

  /** Memory that it holds in RAM now (`VmRSS`). */
  async residentBytes(): Promise<number> {
    const status = await readFile(`/proc/${this.pid}/status`, 'utf8');
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
    if (kilobytes === undefined) throw new Error(`/proc tells no VmRSS of ${this.name}.`);
    return Number(kilobytes) * 1024;
  }

  /** Lines of the present start only. */
  linesOfThisStart(): readonly LogLine[] {
    const lines = this.log.lines();
    return lines.slice(
      lines.findLastIndex((line) => line.event === 'process.started' && line.pid === this.pid),
    );
  }

  #kept(): KeptProcess {
    if (this.#process === null) throw new Error(`${this.name} was never started.`);
    return this.#process;
  }
}
