import { Keyring } from '@trunkline/claim-check';
import { AuditLetterDesk, closedText, type ShownLetter } from '@trunkline/dead-letters';
import { Elasticsearch } from '@trunkline/elasticsearch-sink';
import { createLogger, loadSettings } from '@trunkline/service';
import { checkElasticsearch, sealedLetterSettings, shownLetterSettings } from '../config.ts';
import { type ExitCode, exitCodes } from '../frame/exit-codes.ts';
import type { CommandIo } from '../frame/io.ts';
import { withRecord } from '../frame/on-record.ts';
import { Progress } from '../terminal/progress.ts';
import { printable, table } from '../terminal/text.ts';

export interface ShowOptions {
  reveal: boolean;
  json: boolean;
}

/** Shows one dead letter; its values only with `--reveal`, and then says so in a log line. */
export async function showLetter(io: CommandIo, id: string, options: ShowOptions): Promise<ExitCode> {
  return options.reveal ? reveal(io, id) : showMasked(io, id, options);
}

async function reveal(io: CommandIo, id: string): Promise<ExitCode> {
  const config = loadSettings(sealedLetterSettings, io.env, checkElasticsearch);
  await using elasticsearch = new Elasticsearch(config.elasticsearch);
  const keyring = new Keyring(config.payload.payloadKeys);
  const desk = new AuditLetterDesk(elasticsearch, config.elasticsearch, keyring);
  if ((await desk.letters.get(id)) === null) return absent(io, id);
  using progress = new Progress(io.err, io.now);
  const act = { action: 'reveal', target: `audit dead letter ${printable(id)}`, ahead: true };
  const letter = await withRecord(io, act, progress, () => desk.reveal(id));
  if (letter === null) return absent(io, id);
  const log = createLogger(
    { service: 'cli', instance: io.user, level: 'info' },
    { write: (line) => io.err.write(line) },
  );
  log.info(
    { event: 'dead-letter.revealed', deadLetterId: id, by: io.user, stream: letter.stream },
    'The event of a dead letter was shown in plain',
  );
  io.out.write(`${letter.text}\n`);
  return exitCodes.ok;
}

async function showMasked(io: CommandIo, id: string, { json }: ShowOptions): Promise<ExitCode> {
  const config = loadSettings(shownLetterSettings, io.env, checkElasticsearch);
  await using elasticsearch = new Elasticsearch(config.elasticsearch);
  const { payloadKeys } = config.payload;
  const keyring = payloadKeys === null ? null : new Keyring(payloadKeys);
  const shown = await new AuditLetterDesk(elasticsearch, config.elasticsearch, keyring).show(id);
  if (shown === null) return absent(io, id);
  io.out.write(json ? `${JSON.stringify({ v: 1, ...shown })}\n` : textOf(shown));
  return exitCodes.ok;
}

function textOf({ letter, fields, closed }: ShownLetter): string {
  const rows = Object.entries(letter).map(([name, value]) => [
    name,
    value === null ? '-' : printable(String(value)),
  ]);
  const event =
    fields === null
      ? `its event is not shown: ${closedText(closed)}`
      : `event (values masked; --reveal prints them)\n${table(fields.map(({ name, shape }) => [`  ${printable(name, 64)}`, shape]))}`;
  return `${table(rows)}\n\n${event}\n`;
}

function absent(io: CommandIo, id: string): ExitCode {
  io.err.write(`trunkline: There is no dead letter ${printable(id)}.\n`);
  return exitCodes.findings;
}
