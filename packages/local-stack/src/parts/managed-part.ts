import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { describeExit, type KeptProcess, type KeptProcessSpec, spawnKept } from '../keeper/kept-process.ts';
import type { Part, PartSource } from './part.ts';

const run = promisify(execFile);

export interface PartRecipe {
  /** As a person calls it: `Redis`. */
  name: string;
  url: string;
  source: PartSource;
  process: Omit<KeptProcessSpec, 'temporaryFolders'>;
  /** Name of the container when it runs in Docker, where signals to the client do not freeze it. */
  container: string | null;
  /** Whether it answers now; must give up by itself within seconds. */
  answers: () => Promise<boolean>;
  startLimitMs: number;
  /** Called while it starts, about four times a second. */
  onWait?: (elapsedMs: number) => void;
  /** What only this run needs: removed at its end, also where this process is killed. */
  temporaryFolders: readonly string[];
  /** Removes what else only this run needed. */
  removeMore?: () => Promise<void>;
}

const usualStopMs = 8_000;

/**
 * Starts a part from its recipe; resolves when it answers.
 * @throws Error with the end of its log when it ends or does not answer in time
 */
export async function startManagedPart(recipe: PartRecipe): Promise<Part> {
  let current: KeptProcess | null = null;
  const listeners: ((how: string) => void)[] = [];

  const bringUp = async (): Promise<void> => {
    if (current !== null) return;
    const started = await spawnKept({ ...recipe.process, temporaryFolders: recipe.temporaryFolders });
    current = started;
    try {
      await untilItAnswers(recipe, started);
    } catch (error) {
      current = null;
      await started.stop(1_000);
      throw error;
    }
    void started.exited.then((exit) => {
      if (current !== started) return;
      current = null;
      for (const listener of listeners) listener(describeExit(exit));
    });
  };
  const end = async (work: (running: KeptProcess) => Promise<unknown>): Promise<void> => {
    const running = current;
    current = null;
    if (running !== null) await work(running);
  };
  const takeDown = (signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> =>
    end((running) => (signal === 'SIGKILL' ? running.kill() : running.stop(usualStopMs)));

  const remove = async (): Promise<void> => {
    for (const folder of recipe.temporaryFolders) await rm(folder, { recursive: true, force: true });
    await recipe.removeMore?.();
  };

  try {
    await bringUp();
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    url: recipe.url,
    source: recipe.source,
    get pid() {
      return current?.pid ?? null;
    },
    takeDown,
    bringUp,
    async pause() {
      if (recipe.container === null) current?.signal('SIGSTOP');
      else await run('docker', ['pause', recipe.container]);
    },
    async resume() {
      if (recipe.container === null) current?.signal('SIGCONT');
      else await run('docker', ['unpause', recipe.container]);
    },
    async stop(graceMs = usualStopMs) {
      await end((running) => running.stop(graceMs));
      await remove();
    },
    onUnexpectedEnd(listener) {
      listeners.push(listener);
    },
  };
}

async function untilItAnswers(recipe: PartRecipe, started: KeptProcess): Promise<void> {
  const begin = performance.now();
  for (;;) {
    const elapsedMs = performance.now() - begin;
    if (started.exit !== null) {
      throw new Error(
        `${recipe.name} ended while starting (${describeExit(started.exit)}).${await logEnd(recipe)}`,
      );
    }
    if (await recipe.answers()) return;
    if (elapsedMs > recipe.startLimitMs) {
      throw new Error(
        `${recipe.name} did not answer within ${recipe.startLimitMs / 1000} s.${await logEnd(recipe)}`,
      );
    }
    recipe.onWait?.(elapsedMs);
    await Promise.race([sleep(250), started.exited]);
  }
}

async function logEnd(recipe: PartRecipe): Promise<string> {
  const text = await readFile(recipe.process.logFile, 'utf8').catch(() => '');
  const lines = text.trimEnd().split('\n').slice(-15);
  return ` The end of its log (${recipe.process.logFile}):\n${lines.map((line) => `    ${line}`).join('\n')}`;
}
