#!/usr/bin/env node
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { RedactionError } from '../redaction-error.ts';
import { createRedactor, type RedactorSettings, type TuningEntry } from '../redactor.ts';
import type { Phrase } from '../text/conversation.ts';
import { callerPath } from './paths.ts';
import { keyFromEnvironment, passingKey } from './token-key.ts';

/**
 * `redact --in FILE --out FILE`: one conversation a line, `{id, region, phrases: [{speaker, text}]}` in,
 * `{id, redacted}` out, the phrases joined by a newline.
 */
const USAGE = `redact --in FILE --out FILE [--region CC] [--profile standard|extended] [--mode canonical|guide]
       [--token-length 16-64] [--key-id ID] [--tuning-report FILE]

The key is taken from TOKENIZATION_KEY or TOKENIZATION_KEY_FILE; without one, a key for this run alone is made.`;

const { values } = parseArgs({
  options: {
    in: { type: 'string' },
    out: { type: 'string' },
    region: { type: 'string' },
    profile: { type: 'string' },
    mode: { type: 'string' },
    'token-length': { type: 'string' },
    'key-id': { type: 'string' },
    'tuning-report': { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});

async function main(): Promise<number> {
  if (values.help === true || values.in === undefined || values.out === undefined) {
    console.error(USAGE);
    return values.help === true ? 0 : 64;
  }
  const key = keyFromEnvironment();
  if (key === null) console.error('No TOKENIZATION_KEY: tokens are made with a key for this run alone.');
  const reportTo = values['tuning-report'];
  const report = reportTo === undefined ? null : createWriteStream(callerPath(reportTo), { mode: 0o600 });
  if (report !== null) {
    console.error(
      `WARNING: ${reportTo} WILL HOLD THE PERSONAL DATA FOUND, IN CLEAR. Use it on made-up data only; delete it.`,
    );
  }
  const settings: RedactorSettings = {
    tokens: {
      key: key ?? passingKey(),
      ...(values['token-length'] === undefined ? {} : { hexLength: Number(values['token-length']) }),
      ...(values['key-id'] === undefined ? {} : { keyId: values['key-id'] }),
    },
    mode: values.mode === 'guide' ? 'guide' : 'canonical',
    profile: values.profile === 'extended' ? 'extended' : 'standard',
    ...(values.region === undefined ? {} : { region: values.region }),
    ...(report === null
      ? {}
      : { reportPersonalDataForTuning: (entry: TuningEntry) => report.write(`${JSON.stringify(entry)}\n`) }),
  };
  const redactor = createRedactor(settings);
  const out = createWriteStream(callerPath(values.out));
  const lines = createInterface({
    input: createReadStream(callerPath(values.in)),
    crlfDelay: Number.POSITIVE_INFINITY,
  });
  let number = 0;
  for await (const line of lines) {
    number++;
    if (line.trim() === '') continue;
    const { id, region, phrases } = readLine(line, number);
    const redacted = redactor
      .redactConversation(phrases, { region })
      .phrases.map(({ text }) => text)
      .join('\n');
    if (!out.write(`${JSON.stringify({ id, redacted })}\n`)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
  report?.end();
  return 0;
}

function readLine(
  line: string,
  number: number,
): { id: unknown; region: string | undefined; phrases: Phrase[] } {
  let value: { id?: unknown; region?: unknown; phrases?: unknown; text?: unknown };
  try {
    value = JSON.parse(line) as typeof value;
  } catch {
    throw new RedactionError('DOCUMENT_NOT_JSON', `Line ${number} is not JSON.`);
  }
  const given = Array.isArray(value.phrases) ? value.phrases : [{ speaker: '', text: value.text }];
  const phrases = given.map((phrase: { speaker?: unknown; text?: unknown }) => ({
    speaker: String(phrase.speaker ?? ''),
    text: String(phrase.text ?? ''),
  }));
  return { id: value.id, region: typeof value.region === 'string' ? value.region : undefined, phrases };
}

try {
  process.exitCode = await main();
} catch (error) {
  // Messages of this package name lines and settings, never values.
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 65;
}
