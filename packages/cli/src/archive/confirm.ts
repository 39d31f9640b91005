import { createInterface } from 'node:readline/promises';
import { Readable } from 'node:stream';
import { UsageError } from '../frame/exit-codes.ts';
import type { CommandIo } from '../frame/io.ts';

/**
 * Asks on a terminal whether something that cannot be undone is to be done: anything but `yes` is a no.
 * @throws UsageError where nobody can be asked
 */
export async function confirmed(question: string, io: CommandIo): Promise<boolean> {
  if (io.in.isTTY !== true) throw new UsageError('Nobody can be asked here: say --yes.');
  io.err.write(`${question} Type yes to go on: `);
  const lines = createInterface({ input: io.in instanceof Readable ? io.in : Readable.from(io.in) });
  try {
    for await (const line of lines) return line.trim() === 'yes';
    return false;
  } finally {
    lines.close();
  }
}
