/** Conversations that could not be redacted: their entries stand failed on the archive-dead-letter queue, until a person acts. */
import { openS3 } from '@trunkline/archive-store';
import { openStage, type Stage } from '@trunkline/claim-check/stage';
import { ARCHIVE_COMPLIANCE, ARCHIVE_DEAD_LETTER } from '@trunkline/contracts';
import {
  type ArchiveDecision,
  type ArchiveLetter,
  ArchiveLetters,
  type ArchiveSelection,
} from '@trunkline/dead-letters';
import { createLogger, loadSettings, type Values } from '@trunkline/service';
import type { Redis } from 'ioredis';
import { archiveDiscardSettings, sealedArchiveLetterSettings, stageBucketSettings } from '../config.ts';
import { decisionsText, follow } from '../dead-letters/follow.ts';
import { lettersAct } from '../dead-letters/letters-act.ts';
import { type SelectionOptions, selectionOf } from '../dead-letters/selection.ts';
import { type ExitCode, exitCodes, UsageError } from '../frame/exit-codes.ts';
import type { CommandIo } from '../frame/io.ts';
import { type Act, onRecord } from '../frame/on-record.ts';
import { reasonOf } from '../frame/reason.ts';
import { withQueue, withQueueOn } from '../frame/with-queue.ts';
import type { Progress } from '../terminal/progress.ts';
import { counted, printable, table } from '../terminal/text.ts';
import { confirmed } from './confirm.ts';

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
  return withLetters(io, async (letters, progress, redis) => {
    const letter = await letters.get(id);
    if (letter === null) return absent(io, id);
    await withStage(io, config, async (stage) => {
      const act = { action: 'reveal', target: `archive dead letter ${printable(id)}`, ahead: true };
      const text = await onRecord(io, redis, act, progress, () => letters.reveal(id, stage));
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
  options: SelectionOptions & { json: boolean },
): Promise<ExitCode> {
  const selection = archiveSelection(options, '--id, --code or --all');
  const act = lettersAct('archive', 'requeue', options);
  return withLetters(io, (letters, progress, redis) =>
    decide(io, options, act, progress, redis, letters.requeue(selection)),
  );
}

/** Decides that conversations are not to be archived: that goes on the compliance record, and their source text is deleted. */
export async function discardArchiveLetters(
  io: CommandIo,
  options: SelectionOptions & { reason: string; yes: boolean; json: boolean },
): Promise<ExitCode> {
  const selection = archiveSelection(options, '--id or --code');
  const reason = reasonOf(options);
  const config = loadSettings(archiveDiscardSettings, io.env);
  const meant =
    options.id === undefined
      ? `All that wait with ${printable(options.code ?? '')}`
      : counted(options.id.length, 'conversation');
  const question = `${meant} will not be archived; what was said is deleted for good.`;
  if (!options.yes && !(await confirmed(question, io))) {
    io.err.write('Nothing was discarded.\n');
    return exitCodes.incomplete;
  }
  const act = { ...lettersAct('archive', 'discard', options), reason };
  const { deployment } = config.process;
  return withLetters(io, (letters, progress, redis) =>
    withQueueOn(redis, deployment, ARCHIVE_COMPLIANCE, (compliance) =>
      withStage(io, config, (stage) => {
        const { attempts } = config.worker;
        const decision = { reason, by: io.user, at: new Date(io.now()), stage, compliance, attempts };
        return decide(io, options, act, progress, redis, letters.discard(selection, decision));
      }),
    ),
  );
}

/** @throws UsageError unless exactly one way of choosing is given */
function archiveSelection(options: SelectionOptions, ways: string): ArchiveSelection {
  const selection = selectionOf(options, ways);
  return 'ids' in selection ? selection : { waiting: selection.open };
}

/** Follows a decision to its end, and tells what became of each. */
async function decide(
  io: CommandIo,
  { json }: { json: boolean },
  act: Act,
  progress: Progress,
  redis: Redis,
  results: AsyncIterable<ArchiveDecision>,
): Promise<ExitCode> {
  const decisions = await follow({ io, redis, progress }, act, results);
  io.out.write(
    json
      ? `${JSON.stringify({ v: 1, letters: decisions })}\n`
      : decisionsText(decisions, told, 'no dead letter is meant'),
  );
  return decisions.some(({ result }) => result === 'absent') ? exitCodes.findings : exitCodes.ok;
}

function withLetters(
  io: CommandIo,
  use: (letters: ArchiveLetters, progress: Progress, redis: Redis) => Promise<ExitCode>,
): Promise<ExitCode> {
  return withQueue(io, ARCHIVE_DEAD_LETTER, (queue, progress, redis) =>
    use(new ArchiveLetters(queue), progress, redis),
  );
}

async function withStage<T>(
  io: CommandIo,
  { stage, payload }: Values<typeof sealedArchiveLetterSettings>,
  use: (stage: Stage) => Promise<T>,
): Promise<T> {
  const inBucket = stage.url.startsWith('s3:');
  const client = inBucket ? openS3(loadSettings(stageBucketSettings, io.env).s3) : null;
  try {
    return await use(openStage(stage, payload.payloadKeys, client));
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

function absent(io: CommandIo, id: string): ExitCode {
  io.err.write(`trunkline: There is no dead letter ${printable(id)} of the archive.\n`);
  return exitCodes.findings;
}
