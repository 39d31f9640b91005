import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { redisAnswers } from '../parts/redis.ts';
import { spawnKept } from './kept-process.ts';

const stubbornFile = fileURLToPath(new URL('../testing/stubborn.ts', import.meta.url));
const parentFile = fileURLToPath(new URL('../testing/parent.ts', import.meta.url));
const patient = { timeout: 90_000, interval: 50 };

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'keeper-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The processes that a stubborn one has written down: itself and its child. */
async function stubbornPids(logFile: string): Promise<number[]> {
  return vi.waitFor(async () => {
    const lines = (await readFile(logFile, 'utf8')).trim().split('\n');
    expect(lines).toHaveLength(2);
    return lines.map((line) => (JSON.parse(line) as { pid: number }).pid);
  }, patient);
}

async function startParent(name: string): Promise<{
  parent: ChildProcess;
  redis: number;
  redisUrl: string;
  /** Folders that it made for this run alone. */
  temporaryFolders: () => Promise<string[]>;
  stubborn: number[];
}> {
  const home = await mkdtemp(path.join(folder, name));
  const parent = spawn(process.execPath, [parentFile, home], {
    env: { ...process.env, TMPDIR: home },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  for await (const chunk of parent.stdout as AsyncIterable<Buffer>) {
    text += chunk.toString();
    if (text.includes('\n')) break;
  }
  const { redis, redisUrl } = JSON.parse(text) as { redis: number; redisUrl: string };
  const temporaryFolders = async () => (await readdir(home)).filter((name) => name.startsWith('trunkline-'));
  return {
    parent,
    redis,
    redisUrl,
    temporaryFolders,
    stubborn: await stubbornPids(path.join(home, 'stubborn.log')),
  };
}

test('after kill -9 of a process nothing of what it started is left, not even what ignores SIGTERM', async () => {
  const { parent, redis, redisUrl, temporaryFolders, stubborn } = await startParent('killed-');
  expect(await redisAnswers(redisUrl)).toBe(true);
  expect(await temporaryFolders()).toHaveLength(1);
  parent.kill('SIGKILL');
  await vi.waitFor(() => expect([redis, ...stubborn].filter(isRunning)).toEqual([]), patient);
  expect(await redisAnswers(redisUrl)).toBe(false);
  await vi.waitFor(async () => expect(await temporaryFolders()).toEqual([]), patient);
});

test('what is paused when the process is killed goes too', async () => {
  const { parent, redis, stubborn } = await startParent('paused-');
  for (const pid of [redis, ...stubborn]) process.kill(pid, 'SIGSTOP');
  parent.kill('SIGKILL');
  await vi.waitFor(() => expect([redis, ...stubborn].filter(isRunning)).toEqual([]), patient);
});

test('a process that ignores SIGTERM is killed after its grace, with its descendants', async () => {
  const logFile = path.join(folder, 'grace.log');
  const kept = await spawnKept({ command: process.execPath, args: [stubbornFile], logFile });
  const pids = await stubbornPids(logFile);
  expect(pids).toContain(kept.pid);
  expect(await kept.stop(200)).toEqual({ code: null, signal: 'SIGKILL' });
  await vi.waitFor(() => expect(pids.filter(isRunning)).toEqual([]), patient);
});

test('the exit of a process is told as it was', async () => {
  const logFile = path.join(folder, 'exit.log');
  const kept = await spawnKept({
    command: process.execPath,
    args: ['-e', 'console.log(process.env.WORD); process.exit(7)'],
    env: { WORD: 'said' },
    logFile,
  });
  expect(await kept.exited).toEqual({ code: 7, signal: null });
  expect(kept.exit).toEqual({ code: 7, signal: null });
  expect(await readFile(logFile, 'utf8')).toBe('said\n');
});

test('a program that is not there is an error', async () => {
  const logFile = path.join(folder, 'none.log');
  await expect(spawnKept({ command: '/no/such/program', args: [], logFile })).rejects.toThrow('ENOENT');
  await expect(
    spawnKept({ command: process.execPath, args: [], logFile: path.join(folder, 'no', 'folder.log') }),
  ).rejects.toThrow('ENOENT');
});
