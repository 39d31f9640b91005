/** Conversations that could not be redacted: their entries stand failed on the archive-dead-letter queue, until a person acts. */
import { openS3 } from '@trunkline/archive-store';
import { openStage, type Stage } from '@trunkline/claim-check/stage';
import { ARCHIVE_DEAD_LETTER } from '@trunkline/contracts';
import { type ArchiveDecision, type ArchiveLetter, ArchiveLetters } from '@trunkline/dead-letters';
import { createLogger, loadSettings, type Values } from '@trunkline/service';
import { sealedArchiveLetterSettings, stageBucketSettings } from '../config.ts';
import { type ExitCode, exitCodes, UsageError } from '../frame/exit-codes.ts';
import type { CommandIo } from '../frame/io.ts';
import { withQueue } from '../frame/with-queue.ts';
import type { Progress } from '../terminal/progress.ts';
import { count, counted, printable, table } from '../terminal/text.ts';

export async function listArchiveLetters(
  io: CommandIo,
  options: { code?: string; window?: string; limit: string; json: boolean },
): Promise<ExitCode> {
  if (!/^\d{1,9}$/.test(options.limit)) throw new UsageError('--limit must be a whole number.');
  const limit = Number(options.limit) === 0 ? Number.POSITIVE_INFINITY : Number(options.limit);
  return withLetters(io, async (letters) => {
    const found: Omit<ArchiveLetter, 'bytes' | 'sha256'>[] = [];
    let more = false;
    const filter = {
      ...(options.code === undefined ? {} : { code: options.code }),
      ...(options.window === undefined ? {} : { windowId: options.window }),
    };
    for await (const { bytes: _, sha256: __, ...letter } of letters.list(filter)) {
      more = found.length === limit;
      if (more) break;
      found.push(letter);
    }
    io.out.write(
      options.json ? `${JSON.stringify({ v: 1, letters: found, more })}\n` : listText(found, more),
    );
    return exitCodes.ok;
  });
}

export async function showArchiveLetter(
  io: CommandIo,
  id: string,
  options: { reveal: boolean; json: boolean },
): Promise<ExitCode> {
  if (options.reveal) return reveal(io, id);
  return withLetters(io, async (letters) => {
    const letter = await letters.get(id);
    if (letter === null) return absent(io, id);
    const rows = Object.entries(letter).map(([name, value]) => [name, printable(String(value))]);
    const note = 'its conversation is not shown (--reveal prints it, with all personal data)';
    io.out.write(options.json ? `${JSON.stringify({ v: 1, letter })}\n` : `${table(rows)}\n\n${note}\n`);
    return exitCodes.ok;
  });
}

async function reveal(io: CommandIo, id: string): Promise<ExitCode> {
  const config = loadSettings(sealedArchiveLetterSettings, io.env);
  return withLetters(io, async (letters) => {
    const letter = await letters.get(id);
    if (letter === null) return absent(io, id);
    await withStage(io, config, async (stage) => {
      const text = await letters.reveal(id, stage);
      const log = createLogger(
        { service: 'cli', instance: io.user, level: 'info' },
        { write: (line) => io.err.write(line) },
      );
      log.info(
        { event: 'archive-dead-letter.revealed', jobId: id, windowId: letter.windowId, by: io.user },
        'A conversation that is not redacted was shown in plain',
      );
      io.out.write(`${text}\n`);
    });
    return exitCodes.ok;
  });
}

/** Has conversations redacted again, as Bull Board's Retry does. */
export async function requeueArchiveLetters(
  io: CommandIo,
  options: { id?: string[]; code?: string; all: boolean; json: boolean },
): Promise<ExitCode> {
  const given = [options.id !== undefined, options.code !== undefined, options.all].filter(Boolean).length;
  if (given !== 1)
    throw new UsageError('Say which dead letters are meant, with one of --id, --code or --all.');
  const selection =
    options.id === undefined
      ? { waiting: options.code === undefined ? {} : { code: options.code } }
      : { ids: options.id };
  return withLetters(io, async (letters, progress) => {
    const decisions: ArchiveDecision[] = [];
    for await (const decision of letters.requeue(selection)) {
      decisions.push(decision);
      progress.at({ what: 'Queueing', share: null, detail: counted(decisions.length, 'dead letter') });
    }
    progress[Symbol.dispose]();
    io.out.write(
      options.json ? `${JSON.stringify({ v: 1, letters: decisions })}\n` : decisionText(decisions),
    );
    return decisions.some(({ result }) => result === 'absent') ? exitCodes.findings : exitCodes.ok;
  });
}

function withLetters(
  io: CommandIo,
  use: (letters: ArchiveLetters, progress: Progress) => Promise<ExitCode>,
): Promise<ExitCode> {
  return withQueue(io, ARCHIVE_DEAD_LETTER, (queue, progress) => use(new ArchiveLetters(queue), progress));
}

async function withStage(
  io: CommandIo,
  { stage, payload }: Values<typeof sealedArchiveLetterSettings>,
  use: (stage: Stage) => Promise<void>,
): Promise<void> {
  const inBucket = stage.url.startsWith('s3:');
  const client = inBucket ? openS3(loadSettings(stageBucketSettings, io.env).s3) : null;
  try {
    await use(openStage(stage, payload.payloadKeys, client));
  } finally {
    client?.destroy();
  }
}

function listText(letters: readonly Omit<ArchiveLetter, 'bytes' | 'sha256'>[], more: boolean): string {
  const rows = letters.map((letter) => [
    printable(letter.id),
    letter.windowId,
    letter.code,
    letter.status,
    letter.deadLetteredAt,
  ]);
  return [
    ...(rows.length === 0 ? [] : [table([['ID', 'WINDOW', 'CODE', 'STATUS', 'SINCE'], ...rows])]),
    `${counted(letters.length, 'dead letter')}${more ? ' shown, there are more (--limit)' : ''}`,
    '',
  ].join('\n');
}

const told: Record<ArchiveDecision['result'], string> = {
  retried: 'run again',
  'under-way': 'under way already',
  discarded: 'discarded',
  absent: 'not there',
};

function decisionText(decisions: readonly ArchiveDecision[]): string {
  const groups = Object.entries(Object.groupBy(decisions, ({ result }) => result)) as [
    ArchiveDecision['result'],
    ArchiveDecision[],
  ][];
  const lines = groups.flatMap(([result, some]) => [
    `${count(some.length)} ${told[result]}`,
    ...(result === 'absent' ? some.map(({ id }) => `  ${printable(id)}`) : []),
  ]);
  return `${lines.length === 0 ? 'no dead letter is meant' : lines.join('\n')}\n`;
}

function absent(io: CommandIo, id: string): ExitCode {
  io.err.write(`trunkline: There is no dead letter ${printable(id)} of the archive.\n`);
  return exitCodes.findings;
}
