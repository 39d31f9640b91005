import { type ArchiveDecision, type AuditDecision, isActedOn } from '@trunkline/dead-letters';
import type { Redis } from 'ioredis';
import type { CommandIo } from '../frame/io.ts';
import { type Act, onRecord } from '../frame/on-record.ts';
import type { Progress } from '../terminal/progress.ts';
import { count, counted, printable } from '../terminal/text.ts';

/** Follows a decision about dead letters to its end, on record. @returns what became of each */
export async function follow<Decision extends AuditDecision | ArchiveDecision>(
  { io, redis, progress }: { io: CommandIo; redis: Redis; progress: Progress },
  act: Act,
  results: AsyncIterable<Decision>,
): Promise<Decision[]> {
  const what = act.action === 'requeue' ? 'Queueing' : 'Discarding';
  const decisions: Decision[] = [];
  await onRecord(io, redis, act, progress, async (done) => {
    let acted = 0;
    for await (const decision of results) {
      decisions.push(decision);
      if (isActedOn(decision)) done(++acted);
      progress.at({ what, share: null, detail: counted(decisions.length, 'dead letter') });
    }
  });
  progress[Symbol.dispose]();
  return decisions;
}

/** How many came to which end, with the ids of those that nothing could be done about. @param none says that none was meant */
export function decisionsText<Result extends string>(
  decisions: readonly { readonly id: string; readonly result: Result }[],
  told: Readonly<Record<Result, string>>,
  none: string,
): string {
  const groups = Object.entries(Object.groupBy(decisions, ({ result }) => result)) as [
    Result,
    (typeof decisions)[number][],
  ][];
  const lines = groups.flatMap(([result, some]) => [
    `${count(some.length)} ${told[result]}`,
    ...(result === 'absent' || result === 'closed' ? some.map(({ id }) => `  ${printable(id)}`) : []),
  ]);
  return `${lines.length === 0 ? none : lines.join('\n')}\n`;
}
