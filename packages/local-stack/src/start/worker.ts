import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeExit, type Exit, type KeptProcess, spawnKept } from '../keeper/kept-process.ts';

/** EX_CONFIG of sysexits.h: what Trunkline's processes end with when their settings are wrong. */
const exitConfiguration = 78;
const firstDelayMs = 1_000;
const longestDelayMs = 30_000;
/** A process that ran this long before it ended was no failed start: its delay begins anew. */
const healthyMs = 30_000;

export interface WorkerSpec {
  /** As the log file is called: `indexer-1`. */
  name: string;
  /** The JavaScript file that is run. */
  file: string;
  env: Record<string, string>;
  logFile: string;
}

/**
 * A Trunkline process that is kept running: when it ends, or is killed, it is started again after a moment, until it is
 * told to stop. One whose settings are wrong is not: that ends no other way.
 */
export class Worker {
  readonly name: string;
  readonly logFile: string;
  readonly #spec: WorkerSpec;
  readonly #tell: (line: string) => void;
  readonly #stopping = new AbortController();
  readonly #broken = Promise.withResolvers<never>();
  #process: KeptProcess | null = null;
  #loop: Promise<void> = Promise.resolve();

  constructor(spec: WorkerSpec, tell: (line: string) => void) {
    this.name = spec.name;
    this.logFile = spec.logFile;
    this.#spec = spec;
    this.#tell = tell;
    this.#broken.promise.catch(() => {});
  }

  get pid(): number | null {
    return this.#process?.pid ?? null;
  }

  /** Rejects when the process cannot run at all; never resolves. */
  get broken(): Promise<never> {
    return this.#broken.promise;
  }

  async start(): Promise<void> {
    await this.#spawn();
    this.#loop = this.#keepRunning();
  }

  /** Resolves when the process is gone, at the latest a moment after `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping.abort();
    await this.#process?.stop(graceMs);
    await this.#loop;
  }

  async #spawn(): Promise<KeptProcess> {
    this.#process = await spawnKept({
      command: process.execPath,
      // As in the Dockerfile.
      args: ['--enable-source-maps', '--max-semi-space-size=4', this.#spec.file],
      env: { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '1048576', ...this.#spec.env },
      logFile: this.#spec.logFile,
    });
    return this.#process;
  }

  async #keepRunning(): Promise<void> {
    let delayMs = firstDelayMs;
    let startedAt = performance.now();
    for (;;) {
      const exit = (await this.#process?.exited) as Exit;
      this.#process = null;
      if (this.#stopping.signal.aborted) return;
      if (exit.code === exitConfiguration) {
        this.#broken.reject(new Error(`${this.name} refuses its settings:\n${endOf(this.logFile)}`));
        return;
      }
      if (performance.now() - startedAt > healthyMs) delayMs = firstDelayMs;
      this.#tell(`${this.name} ended (${describeExit(exit)}), starting it again; its log: ${this.logFile}`);
      await sleep(delayMs, null, { signal: this.#stopping.signal }).catch(() => {});
      if (this.#stopping.signal.aborted) return;
      delayMs = Math.min(2 * delayMs, longestDelayMs);
      startedAt = performance.now();
      const started = await this.#spawn();
      // Told to stop while it was being started.
      if (this.#stopping.signal.aborted) await started.stop(firstDelayMs);
    }
  }
}

/** The last lines of a file that may be long. */
function endOf(file: string, maxBytes = 2_000): string {
  try {
    const { size } = statSync(file);
    const length = Math.min(size, maxBytes);
    const buffer = Buffer.alloc(length);
    const handle = openSync(file, 'r');
    try {
      readSync(handle, buffer, 0, length, size - length);
    } finally {
      closeSync(handle);
    }
    return buffer.toString('utf8').trimEnd();
  } catch {
    return '';
  }
}
