import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { cacheFolder, reachableByAnyone } from './cache-folder.ts';

const made: string[] = [];

afterEach(async () => {
  for (const folder of made.splice(0)) await rm(folder, { recursive: true });
});

test('TRUNKLINE_CACHE_DIR says where downloads are kept', () => {
  expect(cacheFolder({ TRUNKLINE_CACHE_DIR: '/big/disk' })).toBe('/big/disk');
});

test('XDG_CACHE_HOME is followed where it is an absolute path', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'cache-'));
  made.push(folder);
  await chmod(folder, 0o755);
  expect(cacheFolder({ XDG_CACHE_HOME: folder })).toBe(path.join(folder, 'trunkline'));
  expect(cacheFolder({ XDG_CACHE_HOME: 'relative' })).not.toContain('relative');
});

test('a closed folder anywhere above keeps the unprivileged account out', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'closed-'));
  made.push(folder);
  const within = path.join(folder, 'not', 'there', 'yet');
  await chmod(folder, 0o700);
  expect(reachableByAnyone(within)).toBe(false);
  await chmod(folder, 0o711);
  expect(reachableByAnyone(within)).toBe(true);
});
