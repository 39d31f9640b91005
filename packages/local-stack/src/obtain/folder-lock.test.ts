import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withLock } from './folder-lock.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'lock-'));
});

afterAll(() => rm(folder, { recursive: true }));

test('one works while the others wait', async () => {
  let working = 0;
  let most = 0;
  const work = async (): Promise<void> => {
    working += 1;
    most = Math.max(most, working);
    await new Promise((resolve) => setImmediate(resolve));
    working -= 1;
  };
  const file = path.join(folder, 'taken.lock');
  await Promise.all([1, 2, 3].map(() => withLock(file, work)));
  expect(most).toBe(1);
});

test('work that fails gives the lock back', async () => {
  const file = path.join(folder, 'failed.lock');
  await expect(withLock(file, () => Promise.reject(new Error('disk full')))).rejects.toThrow('disk full');
  expect(await withLock(file, async () => 'done')).toBe('done');
});

test('a lock whose holder was killed is taken over', async () => {
  const file = path.join(folder, 'stale.lock');
  await writeFile(file, '');
  const longAgo = new Date(Date.now() - 60_000);
  await utimes(file, longAgo, longAgo);
  expect(await withLock(file, async () => 'done')).toBe('done');
});
