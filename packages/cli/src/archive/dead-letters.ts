/** Conversations that could not be redacted: their entries stand failed on the archive-dead-letter queue, until a person acts. */
import { openS3 } from '@trunkline/archive-store';
import { openStage, type Stage } from '@trunkline/claim-check/stage';
import { ARCHIVE_DEAD_LETTER, type ArchiveDeadLetterJob, archiveDeadLetterJob } from '@trunkline/contracts';
import { createLogger, loadSettings, openQueue, type Values } from '@trunkline/service';
import type { Job, Queue } from 'bullmq';
import { archiveLetterSettings, sealedArchiveLetterSettings, stageBucketSettings } from '../config.ts';
import { openRedis } from '../frame/connect-redis.ts';
import { type ExitCode, exitCodes, UsageError } from '../frame/exit-codes.ts';
import type { CommandIo } from '../frame/io.ts';
import { Progress } from '../terminal/progress.ts';
import { count, counted, printable, table } from '../terminal/text.ts';

interface Letter {
  id: string;
  windowId: string;
  batch: string;
  /** Place of the conversation in its batch, from 0. */
  index: number;
  /** A code of docs/errors.md. */
  code: string;
  /** `waiting`: for a person; `under-way`: a redactor has it, or will. */
  status: 'waiting' | 'under-way';
  deadLetteredAt: string;
}

interface Entry {
  job: Job;
  data: ArchiveDeadLetterJob;
  letter: Letter;
}

const pageSize = 500;

export async function listArchiveLetters(
  io: CommandIo,
  options: { code?: string; window?: string; limit: string; json: boolean },
): Promise<ExitCode> {
  if (!/^\d{1,9}$/.test(options.limit)) throw new UsageError('--limit must be a whole number.');
  const limit = Number(options.limit) === 0 ? Number.POSITIVE_INFINITY : Number(options.limit);
  return withQueue(io, loadSettings(archiveLetterSettings, io.env), async (queue) => {
    const found: Letter[] = [];
    let more = false;
    for await (const { letter } of entries(queue)) {
      if (options.code !== undefined && letter.code !== options.code) continue;
      if (options.window !== undefined && letter.windowId !== options.window) continue;
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
  return withQueue(io, loadSettings(archiveLetterSettings, io.env), async (queue) => {
    const entry = await entryOf(queue, id);
    if (entry === null) return absent(io, id);
    const { letter, data } = entry;
    const shown = { ...letter, bytes: data.source.bytes, sha256: data.source.sha256 };
    const rows = Object.entries(shown).map(([name, value]) => [name, printable(String(value))]);
    const note = 'its conversation is not shown (--reveal prints it, with all personal data)';
    io.out.write(
      options.json ? `${JSON.stringify({ v: 1, letter: shown })}\n` : `${table(rows)}\n\n${note}\n`,
    );
    return exitCodes.ok;
  });
}

async function reveal(io: CommandIo, id: string): Promise<ExitCode> {
  const config = loadSettings(sealedArchiveLetterSettings, io.env);
  return withQueue(io, config, async (queue) => {
    const entry = await entryOf(queue, id);
    if (entry === null) return absent(io, id);
    await withStage(io, config, async (stage) => {
      const chunks: Buffer[] = [];
      for await (const chunk of stage.read(entry.data.source)) chunks.push(chunk);
      const log = createLogger(
        { service: 'cli', instance: io.user, level: 'info' },
        { write: (line) => io.err.write(line) },
      );
      log.info(
        { event: 'archive-dead-letter.revealed', jobId: id, windowId: entry.letter.windowId, by: io.user },
        'A conversation that is not redacted was shown in plain',
      );
      io.out.write(`${Buffer.concat(chunks).toString('utf8')}\n`);
    });
    return exitCodes.ok;
  });
}

interface Decision {
  id: string;
  result: 'retried' | 'under-way' | 'absent';
}

/** Has conversations redacted again, as Bull Board's Retry does. */
export async function requeueArchiveLetters(
  io: CommandIo,
  options: { id?: string[]; code?: string; all: boolean; json: boolean },
): Promise<ExitCode> {
  const given = [options.id !== undefined, options.code !== undefined, options.all].filter(Boolean).length;
  if (given !== 1)
    throw new UsageError('Say which dead letters are meant, with one of --id, --code or --all.');
  return withQueue(io, loadSettings(archiveLetterSettings, io.env), async (queue, progress) => {
    const decisions: Decision[] = [];
    const decide = async (entry: Entry): Promise<void> => {
      decisions.push({ id: entry.letter.id, result: await retry(entry) });
      progress.at({ what: 'Queueing', share: null, detail: counted(decisions.length, 'dead letter') });
    };
    if (options.id !== undefined) {
      for (const id of new Set(options.id)) {
        const entry = await entryOf(queue, id);
        if (entry === null) decisions.push({ id, result: 'absent' });
        else await decide(entry);
      }
    } else {
      // Read before any is retried: a retry moves the pages behind it.
      const meant: Entry[] = [];
      for await (const entry of entries(queue)) {
        if (entry.letter.status !== 'waiting') continue;
        if (options.code === undefined || entry.letter.code === options.code) meant.push(entry);
      }
      for (const entry of meant) await decide(entry);
    }
    progress[Symbol.dispose]();
    io.out.write(
      options.json ? `${JSON.stringify({ v: 1, letters: decisions })}\n` : decisionText(decisions),
    );
    return decisions.some(({ result }) => result === 'absent') ? exitCodes.findings : exitCodes.ok;
  });
}

async function retry({ job, letter }: Entry): Promise<Decision['result']> {
  if (letter.status === 'under-way') return 'under-way';
  // Refused where somebody else retried it in this moment.
  return job.retry('failed').then(
    () => 'retried' as const,
    () => 'under-way' as const,
  );
}

async function* entries(queue: Queue): AsyncGenerator<Entry, void, undefined> {
  for (const state of ['failed', 'wait', 'active', 'delayed'] as const) {
    for (let start = 0; ; start += pageSize) {
      const jobs = (await queue.getJobs([state], start, start + pageSize - 1, true)) as (Job | undefined)[];
      for (const job of jobs) {
        const entry = job === undefined ? null : entryFrom(job, state === 'failed');
        if (entry !== null) yield entry;
      }
      if (jobs.length < pageSize) break;
    }
  }
}

async function entryOf(queue: Queue, id: string): Promise<Entry | null> {
  const job = (await queue.getJob(id)) as Job | undefined;
  if (job === undefined || (await job.isCompleted())) return null;
  return entryFrom(job, await job.isFailed());
}

/** `null` for what is no job of ours. */
function entryFrom(job: Job, failed: boolean): Entry | null {
  const data = archiveDeadLetterJob.safeParse(job.data).data;
  if (data === undefined) return null;
  const letter: Letter = {
    id: job.id ?? '',
    windowId: data.window.id,
    batch: data.batch,
    index: data.index,
    code: data.code,
    status: failed ? 'waiting' : 'under-way',
    deadLetteredAt: data.deadLetteredAt,
  };
  return { job, data, letter };
}

async function withQueue(
  io: CommandIo,
  config: Values<typeof archiveLetterSettings>,
  use: (queue: Queue, progress: Progress) => Promise<ExitCode>,
): Promise<ExitCode> {
  using progress = new Progress(io.err, io.now);
  await using redis = await openRedis(config.redis, progress);
  const queue = openQueue(config.process.deployment, ARCHIVE_DEAD_LETTER, redis);
  queue.on('error', () => {}); // the connection tells it
  try {
    return await use(queue, progress);
  } finally {
    await queue.close();
  }
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

function listText(letters: readonly Letter[], more: boolean): string {
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

const told: Record<Decision['result'], string> = {
  retried: 'run again',
  'under-way': 'under way already',
  absent: 'not there',
};

function decisionText(decisions: readonly Decision[]): string {
  const groups = Object.entries(Object.groupBy(decisions, ({ result }) => result)) as [
    Decision['result'],
    Decision[],
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
