/** What a person decides about dead letters: to have them indexed again, or that they are not to be. */
import { AUDIT_DEAD_LETTER } from '@trunkline/contracts';
import { type AuditDecision, AuditLetterDesk, Worklist } from '@trunkline/dead-letters';
import { Elasticsearch } from '@trunkline/elasticsearch-sink';
import { loadSettings } from '@trunkline/service';
import { checkElasticsearch, worklistSettings } from '../config.ts';
import { openRedis } from '../frame/connect-redis.ts';
import { type ExitCode, exitCodes } from '../frame/exit-codes.ts';
import type { CommandIo } from '../frame/io.ts';
import type { Act } from '../frame/on-record.ts';
import { reasonOf } from '../frame/reason.ts';
import { withQueueOn } from '../frame/with-queue.ts';
import { Progress } from '../terminal/progress.ts';
import { decisionsText, follow } from './follow.ts';
import { lettersAct } from './letters-act.ts';
import { type SelectionOptions, selectionOf } from './selection.ts';

export async function requeueLetters(
  io: CommandIo,
  options: SelectionOptions & { json: boolean },
): Promise<ExitCode> {
  const selection = selectionOf(options, '--id, --code or --all');
  const act = lettersAct('audit', 'requeue', options);
  return decide(io, options, act, (desk, worklist) => desk.requeue(worklist, selection, io.user));
}

export async function discardLetters(
  io: CommandIo,
  options: SelectionOptions & { json: boolean; reason: string },
): Promise<ExitCode> {
  const selection = selectionOf(options, '--id or --code');
  const reason = reasonOf(options);
  return decide(io, options, { ...lettersAct('audit', 'discard', options), reason }, (desk, worklist) =>
    desk.discard(worklist, selection, { reason, by: io.user, at: new Date(io.now()).toISOString() }),
  );
}

async function decide(
  io: CommandIo,
  options: { json: boolean },
  act: Act,
  about: (desk: AuditLetterDesk, worklist: Worklist) => AsyncIterable<AuditDecision>,
): Promise<ExitCode> {
  const config = loadSettings(worklistSettings, io.env, checkElasticsearch);
  using progress = new Progress(io.err, io.now);
  await using redis = await openRedis(config.redis, progress);
  await using elasticsearch = new Elasticsearch(config.elasticsearch);
  const desk = new AuditLetterDesk(elasticsearch, config.elasticsearch, null);
  const decisions = await withQueueOn(redis, config.process.deployment, AUDIT_DEAD_LETTER, (queue) =>
    follow({ io, redis, progress }, act, about(desk, new Worklist(queue))),
  );
  io.out.write(
    options.json
      ? `${JSON.stringify({ v: 1, letters: decisions })}\n`
      : decisionsText(decisions, told, 'no open dead letter is meant'),
  );
  const undone = decisions.some(({ result }) => result === 'absent' || result === 'closed');
  return undone ? exitCodes.findings : exitCodes.ok;
}

const told: Record<AuditDecision['result'], string> = {
  retried: 'their failed entries run again',
  queued: 'queued for an indexer',
  'under-way': 'under way already',
  discarded: 'discarded',
  absent: 'not there',
  closed: 'dealt with before',
};
