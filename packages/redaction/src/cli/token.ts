#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { createRedactor } from '../redactor.ts';
import { type EntityType, EXTENDED_TYPES } from '../types.ts';
import { keyFromEnvironment } from './token-key.ts';

/**
 * `token --type PHONE [--region CC] [--key-id ID] [--token-length N]`, the value on standard input: prints its token.
 * Not as an argument: those stand in the shell's history and in the list of processes.
 */
const { values } = parseArgs({
  options: {
    type: { type: 'string' },
    region: { type: 'string' },
    'key-id': { type: 'string' },
    'token-length': { type: 'string' },
  },
});

async function main(): Promise<number> {
  const type = EXTENDED_TYPES.find((known): known is EntityType => known === values.type?.toUpperCase());
  const key = keyFromEnvironment();
  if (type === undefined || key === null) {
    console.error(
      `token --type ${EXTENDED_TYPES.join('|')} [--region CC] [--key-id ID] [--token-length 16-64] < value`,
    );
    if (key === null)
      console.error('Set TOKENIZATION_KEY or TOKENIZATION_KEY_FILE to the key of the archive.');
    return 64;
  }
  let value = '';
  for await (const piece of process.stdin) value += String(piece);
  const redactor = createRedactor({
    tokens: {
      key,
      ...(values['key-id'] === undefined ? {} : { keyId: values['key-id'] }),
      ...(values['token-length'] === undefined ? {} : { hexLength: Number(values['token-length']) }),
    },
  });
  console.log(redactor.tokenOf(type, value, { region: values.region }));
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 65;
}
