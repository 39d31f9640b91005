import { access, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ZipEntry, zipFile } from '../testing/zip-file.ts';
import { unzip } from './unzip.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'unzip-'));
});

afterAll(() => rm(folder, { recursive: true }));

async function packed(name: string, entries: ZipEntry[]): Promise<{ archive: string; target: string }> {
  const archive = path.join(folder, `${name}.zip`);
  await writeFile(archive, zipFile(entries));
  return { archive, target: path.join(folder, name) };
}

test('programs stay programs, and everyone may read', async () => {
  const { archive, target } = await packed('modes', [
    { name: 'home/bin/run', text: '#!/bin/sh\n', mode: 0o700 },
    { name: 'home/config/a.yml', text: 'a: 1\n', mode: 0o600 },
  ]);
  await unzip(archive, target);
  expect((await stat(path.join(target, 'home/bin/run'))).mode & 0o777).toBe(0o755);
  expect((await stat(path.join(target, 'home/config/a.yml'))).mode & 0o777).toBe(0o644);
  expect((await stat(path.join(target, 'home/bin'))).mode & 0o777).toBe(0o755);
  expect(await readFile(path.join(target, 'home/config/a.yml'), 'utf8')).toBe('a: 1\n');
});

test('only what is wanted is unpacked', async () => {
  const { archive, target } = await packed('wanted', [
    { name: 'redis-server', text: 'yes' },
    { name: 'Other.class', text: 'no' },
  ]);
  await unzip(archive, target, (name) => name.startsWith('redis-server'));
  expect(await readFile(path.join(target, 'redis-server'), 'utf8')).toBe('yes');
  await expect(access(path.join(target, 'Other.class'))).rejects.toThrow('ENOENT');
});

test('an entry that points out of the folder is refused', async () => {
  const { archive, target } = await packed('escape', [{ name: '../escaped', text: 'no' }]);
  await expect(unzip(archive, target)).rejects.toThrow('invalid relative path');
  await expect(access(path.join(folder, 'escaped'))).rejects.toThrow('ENOENT');
});
