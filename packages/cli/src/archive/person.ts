import { createRedactor, type EntityType, RedactionError } from '@trunkline/redaction';
import type { Command } from 'commander';
import type { PersonConfig } from '../config.ts';
import { UsageError } from '../frame/exit-codes.ts';
import type { CommandIo } from '../frame/io.ts';

/** How a person is named on the command line: exactly one of these. */
export interface PersonOptions {
  phone?: string | true;
  email?: string | true;
  ssn?: string | true;
  card?: string | true;
  iban?: string | true;
  token?: string;
}

const kinds = {
  phone: 'PHONE',
  email: 'EMAIL',
  ssn: 'SSN',
  card: 'CARD',
  iban: 'IBAN',
} as const satisfies Partial<Record<keyof PersonOptions, EntityType>>;
type Kind = keyof typeof kinds;

/** Adds the options by which a value of a person is named. */
export function byValue(command: Command): Command {
  return command
    .option('--phone [number]', 'a telephone number; - or nothing: on standard input')
    .option('--email [address]', 'a mail address; - or nothing: on standard input')
    .option('--ssn [number]', 'a US social security number; - or nothing: on standard input')
    .option('--card [number]', 'a card number; - or nothing: on standard input')
    .option('--iban [number]', 'an IBAN; - or nothing: on standard input');
}

/** A value that was named, or a token as it stands in the archive. */
export type PersonNamed = { kind: EntityType; value: string | null } | { kind: 'token'; token: string };

/** More than any value of a person has; what is piped in by mistake is not read to its end (bytes). */
const longestValue = 4_096;

/**
 * Which person is meant. `-`, or no value, stands for standard input: a value on the command line is seen by others on the
 * machine and kept in the shell's history.
 * @throws UsageError unless exactly one is named
 */
export function personNamed(options: PersonOptions, ways: string): PersonNamed {
  const given = (Object.keys(kinds) as Kind[]).filter((name) => options[name] !== undefined);
  if (given.length + (options.token === undefined ? 0 : 1) !== 1)
    throw new UsageError(`Say who is meant, with one of ${ways}.`);
  if (options.token !== undefined) {
    if (!/^[A-Z_]+-([A-Za-z0-9_]+\.)?[0-9a-f]{16,64}$/.test(options.token))
      throw new UsageError(
        '--token must be a token as it stands in the archive, such as PHONE-b546248d1e870f00.',
      );
    return { kind: 'token', token: options.token };
  }
  const name = given[0] as Kind;
  const value = options[name];
  return { kind: kinds[name], value: value === undefined || value === true || value === '-' ? null : value };
}

/** The token that stands for a person in the archive. @throws UsageError where the value is not of its kind */
export async function tokenOfPerson(
  person: PersonNamed,
  config: PersonConfig,
  io: CommandIo,
): Promise<string> {
  if (person.kind === 'token') return person.token;
  return tokenOfValue(person.kind, person.value ?? (await valueFromInput(io)), config);
}

/** @throws UsageError; its message never holds the value */
export function tokenOfValue(kind: EntityType, value: string, { tokens, tokenForm }: PersonConfig): string {
  const redactor = createRedactor({
    tokens: {
      key: tokens.key,
      hexLength: tokenForm.hexLength,
      ...(tokens.keyId === null ? {} : { keyId: tokens.keyId }),
    },
    region: tokenForm.region,
    mode: tokenForm.mode,
  });
  if (tokenForm.mode === 'guide') {
    // The guide's expressions hash what they match: the value has to be written as it was said.
    const found = redactor
      .replacements([{ speaker: '', text: value }])
      .find((replacement) => replacement.type === kind);
    if (found === undefined) throw notRecognised(kind, tokenForm.region);
    return found.token;
  }
  try {
    return redactor.tokenOf(kind, value);
  } catch (error) {
    if (error instanceof RedactionError && error.code === 'VALUE_NOT_RECOGNISED') {
      throw notRecognised(kind, tokenForm.region);
    }
    throw error;
  }
}

function notRecognised(kind: EntityType, region: string): UsageError {
  const hint =
    kind === 'PHONE'
      ? ` Write it with + and country code, or as in the region ${region} (REDACTION_REGION).`
      : '';
  return new UsageError(`The value is not recognised as ${kind}: check how it is written.${hint}`);
}

async function valueFromInput(io: CommandIo): Promise<string> {
  if (io.in.isTTY === true) io.err.write('The value, then Enter and Ctrl-D: ');
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of io.in) {
    const bytes = Buffer.from(chunk as Uint8Array);
    length += bytes.length;
    if (length > longestValue) throw new UsageError('Standard input is too long for a value.');
    chunks.push(bytes);
  }
  const value = Buffer.concat(chunks).toString('utf8').trim();
  if (value === '') throw new UsageError('Standard input holds no value.');
  return value;
}
