/**
 * The keeper: a small process that is the parent of everything a session starts.
 *
 * Promise: when the process that forked it is gone, however it went (kill -9 included), everything it
 * started is gone too. The kernel closes the channel then; no timer, no list of process ids on disk.
 * Because the keeper itself is the parent of what it runs, there is no moment in which a child exists
 * and nobody watches it, and no process id that may meanwhile belong to somebody else.
 *
 * Each child leads a process group of its own, so that a terminal's Ctrl-C does not reach it and a
 * signal reaches its descendants too (Elasticsearch is two JVMs).
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, rmSync } from 'node:fs';
import type { KeeperReply, KeeperRequest, SpawnRequest } from './messages.ts';

/** How long orphans get to end by themselves before they are killed. */
const orphanGraceMs = 4_000;

const children = new Map<number, { process: ChildProcess; request: SpawnRequest }>();
let parentIsGone = false;

function tell(reply: KeeperReply): void {
  if (process.connected) process.send?.(reply);
}

/** Sends a signal to a whole process group; a group that is gone is no error. */
function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function start(request: SpawnRequest): void {
  let log: number;
  try {
    log = openSync(request.logFile, 'a');
  } catch (error) {
    tell({ kind: 'failed', id: request.id, message: (error as Error).message });
    return;
  }
  const child = spawn(request.command, request.args, {
    cwd: request.cwd,
    env: request.env,
    stdio: ['ignore', log, log],
    detached: true,
    ...(request.user === null ? {} : { uid: request.user.uid, gid: request.user.gid }),
  });
  closeSync(log);
  child.once('error', (error) => {
    if (child.pid === undefined) tell({ kind: 'failed', id: request.id, message: error.message });
  });
  if (child.pid === undefined) return;
  children.set(request.id, { process: child, request });
  child.once('exit', (code, signal) => {
    signalGroup(child.pid, 'SIGKILL');
    if (request.afterExit !== null) {
      spawnSync(request.afterExit.command, request.afterExit.args, { stdio: 'ignore', timeout: 10_000 });
    }
    if (parentIsGone) removeFolders(request.temporaryFolders);
    children.delete(request.id);
    tell({ kind: 'exited', id: request.id, code, signal });
    if (parentIsGone && children.size === 0) process.exit(0);
  });
  tell({ kind: 'started', id: request.id, pid: child.pid });
}

function removeFolders(folders: readonly string[]): void {
  for (const folder of folders) {
    try {
      rmSync(folder, { recursive: true, force: true });
    } catch {
      // Nobody is left who could be told, and the others are to go all the same.
    }
  }
}

process.on('message', (message) => {
  const request = message as KeeperRequest;
  switch (request.kind) {
    case 'spawn':
      start(request);
      break;
    case 'signal':
      signalGroup(children.get(request.id)?.process.pid, request.signal);
      break;
    default:
      request satisfies never;
  }
});

process.on('disconnect', () => {
  parentIsGone = true;
  if (children.size === 0) process.exit(0);
  for (const child of children.values()) {
    signalGroup(child.process.pid, 'SIGTERM');
    // A paused process gets its SIGTERM only when it goes on.
    signalGroup(child.process.pid, 'SIGCONT');
  }
  setTimeout(() => {
    for (const child of children.values()) signalGroup(child.process.pid, 'SIGKILL');
  }, orphanGraceMs);
});

// The keeper ends with its parent and by nothing else that a terminal sends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
