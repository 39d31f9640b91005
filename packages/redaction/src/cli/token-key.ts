import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { callerPath } from './paths.ts';

/**
 * The tokenization key from TOKENIZATION_KEY or TOKENIZATION_KEY_FILE (one trailing newline is dropped); null when
 * neither is set.
 */
export function keyFromEnvironment(): string | null {
  const file = process.env['TOKENIZATION_KEY_FILE'];
  if (file !== undefined && file !== '') return readFileSync(callerPath(file), 'utf8').replace(/\r?\n$/, '');
  const key = process.env['TOKENIZATION_KEY'];
  return key === undefined || key === '' ? null : key;
}

/** A key that dies with the process: tokens agree within one run and with nothing else. */
export function passingKey(): Uint8Array {
  return randomBytes(32);
}
