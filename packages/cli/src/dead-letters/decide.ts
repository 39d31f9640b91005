/** What a person decides about dead letters: to have them indexed again, or that they are not to be. */
import { AUDIT_DEAD_LETTER } from '@trunkline/contracts';
import { type DeadLetter, DeadLetters, Elasticsearch, refresh } from '@trunkline/elasticsearch-sink';
import { loadSettings, openQueue } from '@trunkline/service';
import { checkElasticsearch, worklistSettings } from '../config.ts';
import { openRedis } from '../frame/connect-redis.ts';
import { type ExitCode, exitCodes, UsageError } from '../frame/exit-codes.ts';
import type { CommandIo } from '../frame/io.ts';
import { Progress } from '../terminal/progress.ts';
import { count, counted, printable } from '../terminal/text.ts';
import { blindSealer } from './blind-sealer.ts';
import { checkSelection, type Selection, selected } from './selection.ts';
import { type Requeued, Worklist } from './worklist.ts';

interface Decision {
  id: string;
  /** `absent`: no such dead letter; `closed`: indexed or discarded before. */
  result: Requeued | 'discarded' | 'absent' | 'closed';
}

export async function requeueLetters(
  io: CommandIo,
  options: Selection & { json: boolean },
): Promise<ExitCode> {
  checkSelection(options, '--id, --code or --all');
  return decide(io, options, 'Queueing', ({ worklist }, letter) => worklist.requeue(letter));
}

export async function discardLetters(
  io: CommandIo,
  options: Selection & { json: boolean; reason: string },
): Promise<ExitCode> {
  checkSelection(options, '--id or --code');
  const reason = options.reason.trim();
  if (reason === '') throw new UsageError('--reason must say why.');
  return decide(io, options, 'Discarding', async ({ worklist, letters }, { id }) => {
    await letters.discard(id, reason, new Date(io.now()).toISOString(), io.user);
    await worklist.remove(id);
    return 'discarded';
  });
}

interface Desk {
  letters: DeadLetters;
  worklist: Worklist;
}

async function decide(
  io: CommandIo,
  options: Selection & { json: boolean },
  what: string,
  about: (desk: Desk, letter: DeadLetter) => Promise<Decision['result']>,
): Promise<ExitCode> {
  const config = loadSettings(worklistSettings, io.env, checkElasticsearch);
  using progress = new Progress(io.err, io.now);
  await using redis = await openRedis(config.redis, progress);
  await using elasticsearch = new Elasticsearch(config.elasticsearch);
  const letters = new DeadLetters(elasticsearch, config.elasticsearch, blindSealer);
  const queue = openQueue(config.process.deployment, AUDIT_DEAD_LETTER, redis);
  queue.on('error', () => {}); // the connection tells it
  const decisions: Decision[] = [];
  try {
    const desk = { letters, worklist: new Worklist(queue, io.user) };
    await refresh(elasticsearch, config.elasticsearch.deadLetterIndex);
    for await (const each of selected(letters, options)) {
      if (each.kind === 'absent') decisions.push({ id: each.id, result: 'absent' });
      else if (each.letter.status !== 'open') decisions.push({ id: each.letter.id, result: 'closed' });
      else decisions.push({ id: each.letter.id, result: await about(desk, each.letter) });
      progress.at({ what, share: null, detail: counted(decisions.length, 'dead letter') });
    }
  } finally {
    await queue.close();
  }
  progress[Symbol.dispose]();
  io.out.write(options.json ? `${JSON.stringify({ v: 1, letters: decisions })}\n` : textOf(decisions));
  const undone = decisions.some(({ result }) => result === 'absent' || result === 'closed');
  return undone ? exitCodes.findings : exitCodes.ok;
}

const told: Record<Decision['result'], string> = {
  retried: 'their failed entries run again',
  queued: 'queued for an indexer',
  'under-way': 'under way already',
  discarded: 'discarded',
  absent: 'not there',
  closed: 'dealt with before',
};

function textOf(decisions: readonly Decision[]): string {
  const groups = Object.entries(Object.groupBy(decisions, ({ result }) => result)) as [
    Decision['result'],
    Decision[],
  ][];
  const lines = groups.flatMap(([result, some]) => [
    `${count(some.length)} ${told[result]}`,
    ...(result === 'absent' || result === 'closed' ? some.map(({ id }) => `  ${printable(id)}`) : []),
  ]);
  return `${lines.length === 0 ? 'no open dead letter is meant' : lines.join('\n')}\n`;
}
