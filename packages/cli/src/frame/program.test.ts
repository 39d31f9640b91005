import { Readable } from 'node:stream';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import type { CommandIo } from './io.ts';
import { programOf, runCommand } from './program.ts';

const written: string[] = [];
const io: CommandIo = {
  env: {},
  organisation: null,
  in: Readable.from([]),
  out: { write: (text) => written.push(text) },
  err: { write: () => true },
  user: 'ops@test',
  now: Date.now,
};

function leaves(command: Command, above: readonly string[] = []): { words: string[]; command: Command }[] {
  return command.commands.flatMap((sub) => {
    const words = [...above, sub.name()];
    return sub.commands.length === 0 ? [{ words, command: sub }] : leaves(sub, words);
  });
}

const all = leaves(programOf(io, () => {}));

describe('every command', () => {
  test.each(all.map(({ words }) => words.join(' ')))(
    '%s tells examples and exit codes in its help',
    async (words) => {
      written.length = 0;
      expect(await runCommand([...words.split(' '), '--help'], io)).toBe(0);
      const help = written.join('');
      expect(help).toContain('Examples:\n  $ ');
      expect(help).toContain('Exit codes: ');
    },
  );

  test('prints JSON where it is asked to, but the one that prints a script', () => {
    const without = all.filter(({ command }) => command.options.every(({ long }) => long !== '--json'));
    expect(without.map(({ words }) => words.join(' '))).toEqual(['completion']);
  });
});
