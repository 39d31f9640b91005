import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { AfterExit, KeeperReply, KeeperRequest } from './messages.ts';

export interface KeptProcessSpec {
  /** Program to run: a path, or a name that PATH finds. */
  command: string;
  args: string[];
  cwd?: string;
  /** The whole environment of the process. Default: this process's own. */
  env?: Record<string, string>;
  user?: { uid: number; gid: number } | null;
  /** stdout and stderr are appended here; its folder must exist. */
  logFile: string;
  afterExit?: AfterExit | null;
  /** Folders of this process that are removed should its parent be killed. */
  temporaryFolders?: readonly string[];
}

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface KeptProcess {
  /** Also the id of its process group. */
  readonly pid: number;
  /** Settles when the process is gone; never rejects. */
  readonly exited: Promise<Exit>;
  /** The exit once it has happened, else `null`. */
  readonly exit: Exit | null;
  /** Sends a signal to the process and its descendants; nothing happens when it is gone. */
  signal(signal: NodeJS.Signals): void;
  /** SIGTERM, then SIGKILL for what is still there after `graceMs`. Resolves when it is gone. */
  stop(graceMs?: number): Promise<Exit>;
  /** SIGKILL: a crash. Resolves when it is gone. */
  kill(): Promise<Exit>;
}

/** `exit code 1`, or the name of the signal. */
export function describeExit({ code, signal }: Exit): string {
  return code === null ? String(signal) : `exit code ${code}`;
}

interface Running {
  started: (pid: number) => void;
  failed: (error: Error) => void;
  exited: (exit: Exit) => void;
  pid: number | null;
}

let keeper: ChildProcess | null = null;
let lastId = 0;
const running = new Map<number, Running>();

/** This process's own environment, without the variables that Node cannot pass on. */
export function ownEnvironment(): Record<string, string> {
  return Object.fromEntries(Object.entries(process.env).filter((entry) => entry[1] !== undefined)) as Record<
    string,
    string
  >;
}

function keeperFile(): string {
  // The same file runs from sources (tests) and from dist.
  return fileURLToPath(
    import.meta.url.endsWith('.ts')
      ? new URL('./keeper-process.ts', import.meta.url)
      : new URL('./keeper-process.js', import.meta.url),
  );
}

/** The keeper of this process, forked when it is first needed. */
function theKeeper(): ChildProcess {
  if (keeper?.connected === true) return keeper;
  // Its own session (detached): Ctrl-C in the terminal must not reach it.
  const child = fork(keeperFile(), [], {
    detached: true,
    execArgv: [],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  child.on('message', (message) => heard(message as KeeperReply));
  child.once('exit', () => keeperLost());
  child.unref();
  keeper = child;
  return child;
}

function heard(reply: KeeperReply): void {
  const one = running.get(reply.id);
  if (one === undefined) return;
  switch (reply.kind) {
    case 'started':
      one.pid = reply.pid;
      one.started(reply.pid);
      return;
    case 'failed':
      one.failed(new Error(reply.message));
      break;
    case 'exited':
      one.exited({ code: reply.code, signal: reply.signal });
      break;
    default:
      reply satisfies never;
  }
  forget(reply.id);
}

function forget(id: number): void {
  running.delete(id);
  if (running.size === 0) keeper?.channel?.unref();
}

/** Somebody killed the keeper: what it ran is ended from here, so that nothing stays unwatched. */
function keeperLost(): void {
  keeper = null;
  for (const one of running.values()) {
    if (one.pid === null) {
      one.failed(new Error('The keeper process ended before it could start anything.'));
      continue;
    }
    try {
      process.kill(-one.pid, 'SIGKILL');
    } catch {
      // gone already
    }
    one.exited({ code: null, signal: 'SIGKILL' });
  }
  running.clear();
}

function ask(request: KeeperRequest): void {
  const target = theKeeper();
  target.channel?.ref();
  target.send(request, (error) => {
    if (error === null || request.kind !== 'spawn') return;
    running.get(request.id)?.failed(error);
    forget(request.id);
  });
}

/**
 * Starts a process that cannot outlive this one: it is ended when this process ends, even by kill -9.
 * @throws Error when the program cannot be started
 */
export async function spawnKept(spec: KeptProcessSpec): Promise<KeptProcess> {
  const id = ++lastId;
  const exiting = Promise.withResolvers<Exit>();
  const starting = Promise.withResolvers<number>();
  let exit: Exit | null = null;
  running.set(id, {
    started: starting.resolve,
    failed: starting.reject,
    exited: (how) => {
      exit = how;
      exiting.resolve(how);
    },
    pid: null,
  });
  ask({
    kind: 'spawn',
    id,
    command: spec.command,
    args: spec.args,
    cwd: spec.cwd ?? process.cwd(),
    env: spec.env ?? ownEnvironment(),
    user: spec.user ?? null,
    logFile: spec.logFile,
    afterExit: spec.afterExit ?? null,
    temporaryFolders: spec.temporaryFolders ?? [],
  });
  const pid = await starting.promise;
  const signal = (name: NodeJS.Signals): void => {
    if (exit === null) ask({ kind: 'signal', id, signal: name });
  };
  return {
    pid,
    exited: exiting.promise,
    get exit() {
      return exit;
    },
    signal,
    kill() {
      signal('SIGKILL');
      return exiting.promise;
    },
    async stop(graceMs = 8_000) {
      signal('SIGTERM');
      signal('SIGCONT');
      const timer = setTimeout(() => signal('SIGKILL'), graceMs);
      try {
        return await exiting.promise;
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
