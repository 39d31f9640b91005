import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { StateFolder } from './state-folder.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'state-'));
});

afterAll(() => rm(folder, { recursive: true }));

test('the command has its settings letter for letter, over those of the shell, and is its owner’s alone', async () => {
  const state = new StateFolder(folder);
  const odd = `it's "$HOME" \\ $(false)\n*`;
  await state.writeCommand('/usr/bin/env', 'printenv', { ODD: odd, PLAIN: 'ours' });
  const env = { ...process.env, PLAIN: 'the shell’s' };
  expect(execFileSync(state.commandFile, ['ODD', 'PLAIN'], { encoding: 'utf8', env })).toBe(`${odd}\nours\n`);
  expect((await stat(state.commandFile)).mode & 0o777).toBe(0o700);
});

test('data that came under one contract are not gone on with under the other', async () => {
  const state = new StateFolder(folder);
  await state.keepTo('guide');
  await state.keepTo('guide');
  await expect(state.keepTo('platform')).rejects.toThrow(/came under the contract guide.*--fresh/);
});
