import { execFileSync, spawnSync } from 'node:child_process';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { runCommand } from '../frame/program.ts';

async function script(shell: string): Promise<string> {
  const out: string[] = [];
  const code = await runCommand(['completion', shell], {
    env: {},
    in: Readable.from([]),
    out: { write: (text) => out.push(text) },
    err: { write: () => true },
    user: 'ops@test',
    now: Date.now,
  });
  return code === 0 ? out.join('') : `exit code ${code}`;
}

/** What bash offers behind these words, the last of them begun. */
async function offered(...words: string[]): Promise<string[]> {
  const typed = ['trunkline', ...words].map((word) => `'${word}'`).join(' ');
  const asks = `COMP_WORDS=(${typed}); COMP_CWORD=${words.length}; _trunkline; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const told = execFileSync('bash', ['-c', `${await script('bash')}\n${asks}`], { encoding: 'utf8' });
  return told.split('\n').filter((line) => line !== '');
}

describe('completion in bash', () => {
  test('offers commands, those below them, and their options', async () => {
    expect(await offered('st')).toEqual(['status', 'streams']);
    expect(await offered('archive', 'dead-letters', 're')).toEqual(['requeue']);
    expect(await offered('status', '--')).toEqual(['--watch', '--json', '--help']);
  });

  test('offers what an argument or an option can be', async () => {
    expect(await offered('retry', 'audit')).toEqual(['audit-index', 'audit-dead-letter']);
    expect(await offered('config', '--process', '')).toContain('indexer');
  });
});

test('completion in zsh has a line for each command, and closes every quote', async () => {
  const text = await script('zsh');
  expect(text).toMatch(/^#compdef trunkline\n/);
  expect(text).toMatch(/'trunkline archive dead-letters'\) offers=\('list:/);
  // Its words are quoted as in any POSIX shell: bash can tell whether they are closed.
  expect(() => execFileSync('bash', ['-n', '-c', text])).not.toThrow();
});

describe.skipIf(spawnSync('zsh', ['--version']).error !== undefined)('completion in zsh', () => {
  /** What zsh is given to choose from behind these words, the last of them begun; what it makes of that is its own. */
  async function given(...words: string[]): Promise<string[]> {
    const asks = [
      'compdef() { }',
      '_describe() { print -rl -- $offers }',
      'compadd() { shift; print -rl -- $@ }',
      await script('zsh'),
      `words=(trunkline ${words.map((word) => `'${word}'`).join(' ')}); CURRENT=${words.length + 1}; _trunkline`,
    ];
    const told = execFileSync('zsh', ['-f', '-c', asks.join('\n')], { encoding: 'utf8' });
    return told.split('\n').filter((line) => line !== '');
  }

  test('gives commands and options with their meaning', async () => {
    expect(await given('st')).toContainEqual(expect.stringMatching(/^streams:Audit streams/));
    expect(await given('archive', 'dead-letters', '')).toContainEqual(expect.stringMatching(/^requeue:/));
    expect(await given('dead-letters', 'discard', '--')).toContainEqual(expect.stringMatching(/^--reason:/));
  });

  test('gives what an argument or an option can be', async () => {
    expect(await given('retry', '')).toContain('audit-index');
    expect(await given('config', '--process', '')).toContain('indexer');
  });
});

test('refuses a shell that it does not know', async () => {
  expect(await script('fish')).toBe('exit code 64');
});
