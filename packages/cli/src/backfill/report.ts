import { count, counted, printable, table } from '../terminal/text.ts';
import type { PlanEnd } from './plan-range.ts';
import type { FailedWindow } from './window-watch.ts';

/** What `backfill archive` prints. */
export interface BackfillReport {
  v: 1;
  plan: PlanEnd;
  /** Windows with a manifest; `null`: nobody waited for them. */
  complete: number | null;
  failed: FailedWindow[];
  /** Windows that were neither archived nor failed when patience ended. */
  open: string[];
}

export function reportText({ plan, complete, failed, open }: BackfillReport): string {
  const lines = [planText(plan)];
  if (complete !== null) lines.push(`${counted(complete, 'window')} archived`);
  if (failed.length > 0) {
    const rows = failed.map((each) => [
      each.windowId,
      each.queue,
      printable(each.jobId),
      each.code ?? 'unforeseen',
    ]);
    lines.push(
      `${counted(failed.length, 'window stands', 'windows stand')} failed, until their jobs are retried`,
      table([['WINDOW', 'QUEUE', 'JOB', 'CODE'], ...rows]),
    );
  }
  if (open.length > 0) {
    lines.push(
      `${counted(open.length, 'window is', 'windows are')} still under way; they go on by themselves`,
      ...open.map((id) => `  ${id}`),
    );
  }
  return `${lines.join('\n')}\n`;
}

function planText(plan: PlanEnd): string {
  switch (plan.kind) {
    case 'planned':
      return `${counted(plan.windows, 'window')}: ${count(plan.planned)} planned, ${count(plan.alreadyDone)} archived before, ${count(plan.underWay)} under way${plan.tooEarly === 0 ? '' : `, ${count(plan.tooEarly)} too early`}`;
    case 'failed':
      return `the planning stands failed: ${printable(plan.reason, 500)}`;
    case 'waiting':
      return `the range is not planned yet; job ${printable(plan.jobId)} of archive-plan goes on by itself`;
    case 'removed':
      return 'the range was not planned: somebody removed its job';
    default:
      return plan satisfies never;
  }
}
