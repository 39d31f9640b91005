import { Worker } from 'node:worker_threads';
import type { EngineSettings } from './engine-settings.ts';
import type { RedactedLines } from './redact-lines.ts';

/** Whole lines for a thread; their memory goes with them. */
export interface LineTask {
  readonly lines: Uint8Array<ArrayBuffer>;
  /** Places of lines that are refused unseen. */
  readonly skip: readonly number[];
  /** Country of conversations that name none. */
  readonly region: string;
}

/** The thread died, or was ended because it took too long. Another one takes its place; the task is its caller's to judge. */
export class ThreadLost extends Error {
  override readonly name = 'ThreadLost';
  readonly why: 'died' | 'overdue';

  constructor(why: 'died' | 'overdue') {
    super(`a redaction thread ${why === 'died' ? 'died' : 'took too long'}`);
    this.why = why;
  }
}

export interface ThreadPoolParts {
  readonly size: number;
  readonly engine: EngineSettings;
  /** How long one task may take (ms). */
  readonly timeLimitMs: number;
  /** The thread's file; for tests of threads that die or hang. */
  readonly file?: URL;
}

interface Waiting {
  readonly task: LineTask;
  readonly resolve: (result: RedactedLines) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The threads that redact, so that the process's own event loop only moves bytes. A component: threads start with their first
 * task, and end when the process does. A thread that cannot even start is an unforeseen error of its task, not a lost one: it
 * says nothing of the conversation.
 */
export class ThreadPool {
  readonly name = 'redaction threads';
  readonly #parts: ThreadPoolParts;
  readonly #waiting: Waiting[] = [];
  readonly #idle: Worker[] = [];
  readonly #all = new Set<Worker>();
  #stopped = false;

  constructor(parts: ThreadPoolParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#parts.size;
  }

  async start(): Promise<void> {}

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const { reject } of this.#waiting.splice(0)) reject(new Error('the redactor stops'));
    await Promise.all([...this.#all].map((thread) => thread.terminate()));
  }

  /** @throws ThreadLost; Error where no thread starts, or the pool has stopped */
  run(task: LineTask): Promise<RedactedLines> {
    if (this.#stopped) return Promise.reject(new Error('the redactor stops'));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ task, resolve, reject });
      this.#next();
    });
  }

  #next(): void {
    if (this.#waiting.length === 0) return;
    const idle = this.#idle.pop();
    if (idle === undefined && this.#all.size >= this.#parts.size) return;
    const waiting = this.#waiting.shift() as Waiting;
    if (idle === undefined) this.#open(waiting);
    else this.#give(idle, waiting);
  }

  #open(first: Waiting): void {
    const thread = new Worker(this.#parts.file ?? threadFile, {
      workerData: this.#parts.engine,
      execArgv: isSource ? ['--conditions=@trunkline/source'] : [],
      resourceLimits: threadMemory,
      // What a thread says belongs to no log: it could quote what it reads.
      stdout: true,
      stderr: true,
    });
    thread.stdout.resume();
    thread.stderr.resume();
    this.#all.add(thread);
    let cause: unknown;
    thread.on('error', (error) => {
      cause = error; // it exits then
    });
    const failed = (): void => {
      this.#drop(thread);
      // It has read nothing yet that its error could quote.
      first.reject(new Error('a redaction thread could not start', { cause }));
    };
    thread.once('exit', failed);
    thread.once('message', () => {
      thread.off('exit', failed);
      this.#give(thread, first);
    });
  }

  #give(thread: Worker, { task, resolve, reject }: Waiting): void {
    const lost = (why: ThreadLost['why']): void => {
      clearTimeout(limit);
      thread.removeAllListeners('exit').removeAllListeners('message');
      this.#drop(thread);
      reject(this.#stopped ? new Error('the redactor stops') : new ThreadLost(why));
    };
    const limit = setTimeout(() => {
      lost('overdue');
      void thread.terminate();
    }, this.#parts.timeLimitMs);
    thread.once('exit', () => lost('died'));
    thread.once('message', (result: RedactedLines) => {
      clearTimeout(limit);
      thread.removeAllListeners('exit').on('exit', () => this.#drop(thread));
      this.#idle.push(thread);
      resolve(result);
      this.#next();
    });
    thread.postMessage(task, [task.lines.buffer]);
  }

  #drop(thread: Worker): void {
    this.#all.delete(thread);
    const at = this.#idle.indexOf(thread);
    if (at !== -1) this.#idle.splice(at, 1);
    this.#next();
  }
}

/**
 * A young generation as small as conversations are keeps the thread small, for some more time in the collector (up to a fifth
 * in redaction alone); the old one has room for a single very large conversation. A thread that needs more dies alone.
 */
const threadMemory = { maxYoungGenerationSizeMb: 3, maxOldGenerationSizeMb: 2_048 };

const isSource = import.meta.url.endsWith('.ts');
const threadFile = new URL(isSource ? './redaction-thread.ts' : './redaction-thread.js', import.meta.url);
