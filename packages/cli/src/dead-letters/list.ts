import { AuditLetterDesk } from '@trunkline/dead-letters';
import { type DeadLetter, type DeadLetters, Elasticsearch } from '@trunkline/elasticsearch-sink';
import { loadSettings } from '@trunkline/service';
import { checkElasticsearch, letterSettings } from '../config.ts';
import { type ExitCode, exitCodes, UsageError } from '../frame/exit-codes.ts';
import type { CommandIo } from '../frame/io.ts';
import { count, counted, printable, table } from '../terminal/text.ts';

export interface ListOptions {
  status: string;
  code?: string;
  field?: string;
  stream?: string;
  limit: string;
  json: boolean;
}

const statuses = ['open', 'requeued', 'discarded'] as const;
type Status = (typeof statuses)[number];

/** Lists from the index, which holds every dead letter, whatever stands on the queue. */
export async function listLetters(io: CommandIo, options: ListOptions): Promise<ExitCode> {
  const status = statusOf(options.status);
  const limit = limitOf(options.limit);
  const config = loadSettings(letterSettings, io.env, checkElasticsearch);
  await using elasticsearch = new Elasticsearch(config.elasticsearch);
  const desk = new AuditLetterDesk(elasticsearch, config.elasticsearch, null);
  await desk.refresh();
  const { letters } = desk;
  const { found, more } = await find(letters, status, options, limit);
  if (options.json) {
    io.out.write(`${JSON.stringify({ v: 1, letters: found, more })}\n`);
    return exitCodes.ok;
  }
  const openByCode = await letters.countsByCode('open');
  io.out.write(textOf(found, more, openByCode));
  return exitCodes.ok;
}

async function find(
  letters: DeadLetters,
  status: Status | null,
  { code, field, stream }: ListOptions,
  limit: number,
): Promise<{ found: DeadLetter[]; more: boolean }> {
  const filter = {
    ...(status === null ? {} : { status }),
    ...(code === undefined ? {} : { code }),
    ...(stream === undefined ? {} : { stream }),
  };
  const found: DeadLetter[] = [];
  for (let after: unknown[] | null = null; ; ) {
    const page = await letters.list(filter, after, 500);
    for (const letter of page.letters) {
      if (field !== undefined && letter.field !== field) continue;
      if (found.length === limit) return { found, more: true };
      found.push(letter);
    }
    if (page.next === null) return { found, more: false };
    after = page.next;
  }
}

function textOf(found: readonly DeadLetter[], more: boolean, openByCode: Record<string, number>): string {
  const rows = found.map((letter) => [
    printable(letter.id),
    letter.code,
    letter.field ?? '-',
    letter.status,
    letter.deadLetteredAt,
    String(letter.attempts),
  ]);
  const head = ['ID', 'CODE', 'FIELD', 'STATUS', 'SINCE', 'ATTEMPTS'];
  const open = Object.entries(openByCode).map(([code, number]) => `${count(number)} ${code}`);
  return [
    ...(rows.length === 0 ? [] : [table([head, ...rows])]),
    `${counted(found.length, 'dead letter')}${more ? ' shown, there are more (--limit)' : ''}; open: ${open.join(', ') || 'none'}`,
    '',
  ].join('\n');
}

function statusOf(text: string): Status | null {
  if (text === 'all') return null;
  const status = statuses.find((each) => each === text);
  if (status === undefined) throw new UsageError('--status must be open, requeued, discarded or all.');
  return status;
}

function limitOf(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new UsageError('--limit must be a whole number.');
  return Number(text) === 0 ? Number.POSITIVE_INFINITY : Number(text);
}
