import { setTimeout as sleep } from 'node:timers/promises';
import {
  ARCHIVE_PLAN,
  type ArchivePlanJob,
  type ArchivePlanOutcome,
  archivePlanOutcome,
  archivePlanProgress,
} from '@trunkline/contracts';
import { jobOptions, readHeartbeats } from '@trunkline/service';
import type { Job, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { withQueueOn } from '../frame/with-queue.ts';
import type { Progress } from '../terminal/progress.ts';
import { counted, printable } from '../terminal/text.ts';

/** How the planning of a range ended. */
export type PlanEnd =
  | ({ kind: 'planned'; jobId: string } & ArchivePlanOutcome)
  /** The job stands failed; its reason begins with an error code where it is one of ours. */
  | { kind: 'failed'; jobId: string; reason: string }
  /** Not done within the command's patience; it goes on by itself. */
  | { kind: 'waiting'; jobId: string }
  /** Somebody removed the job. */
  | { kind: 'removed'; jobId: string };

export interface PlanParts {
  readonly redis: Redis;
  readonly deployment: string;
  readonly attempts: number;
  readonly progress: Progress;
  readonly now: () => number;
  /** Who asks, as `user@host`. */
  readonly user: string;
  /** ms since 1970: no wait is longer. */
  readonly until: number;
}

const lookMs = 300;
/** How long nobody may take the job before the command looks whether anybody can (ms). */
const quietMs = 5_000;

/** Has the planner look at every window that a range touches, and follows it. */
export async function planRange(
  parts: PlanParts,
  range: { from: number; to: number; mediaTypes: readonly string[]; organisation: string | null },
): Promise<PlanEnd> {
  const data: ArchivePlanJob = {
    v: 1,
    range: {
      from: new Date(range.from).toISOString(),
      to: new Date(range.to).toISOString(),
      mediaTypes: [...range.mediaTypes],
      requestedBy: parts.user,
      ...(range.organisation === null ? {} : { organisation: range.organisation }),
    },
  };
  const { jobId, end } = await askPlanner(parts, 'range', data);
  if (end.kind !== 'done') return { ...end, jobId };
  return { kind: 'planned', jobId, ...archivePlanOutcome.parse(end.outcome) };
}

/** How a job of the planner ended. */
export type PlannerEnd =
  /** As the job returned it. */
  | { kind: 'done'; outcome: unknown }
  | { kind: 'failed'; reason: string }
  | { kind: 'waiting' }
  | { kind: 'removed' };

/** Puts a job on the planner's queue, and follows it. */
export async function askPlanner(
  parts: PlanParts,
  name: string,
  data: ArchivePlanJob,
): Promise<{ jobId: string; end: PlannerEnd }> {
  return withQueueOn(parts.redis, parts.deployment, ARCHIVE_PLAN, async (queue) => {
    const { id: jobId = '' } = await queue.add(name, data, jobOptions(parts.attempts));
    return { jobId, end: await follow(queue, jobId, parts) };
  });
}

async function follow(queue: Queue, jobId: string, parts: PlanParts): Promise<PlannerEnd> {
  const { progress, now } = parts;
  const asksAt = now() + quietMs;
  let asked = false;
  let attempts = 0;
  for (;;) {
    const job = (await queue.getJob(jobId)) as Job | undefined;
    if (job === undefined) return { kind: 'removed' };
    const state = await job.getState();
    if (state === 'completed') return { kind: 'done', outcome: await outcomeOf(queue, jobId) };
    if (state === 'failed') return { kind: 'failed', reason: await reasonOf(queue, jobId) };
    if (state === 'waiting' && !asked && now() >= asksAt) {
      asked = true;
      if (await nobodyPlans(parts)) progress.note('No fetcher is alive: the request waits until one is.');
    }
    if (now() >= parts.until) return { kind: 'waiting' };
    if (state === 'delayed' && job.attemptsMade > attempts) {
      attempts = job.attemptsMade;
      progress.note(
        `The planning failed and is tried again: ${printable(job.failedReason ?? 'unforeseen', 500)}`,
      );
    }
    tell(job, state, progress);
    await sleep(lookMs);
  }
}

/** Read anew: what was read before the state may be from before the end. */
async function outcomeOf(queue: Queue, jobId: string): Promise<unknown> {
  const job = (await queue.getJob(jobId)) as Job | undefined;
  return job?.returnvalue;
}

async function reasonOf(queue: Queue, jobId: string): Promise<string> {
  const job = (await queue.getJob(jobId)) as Job | undefined;
  return job?.failedReason ?? 'unforeseen';
}

function tell(job: Job, state: string, progress: Progress): void {
  const at = archivePlanProgress.safeParse(job.progress).data;
  if (at === undefined) {
    const detail = state === 'active' ? 'a fetcher is at it' : 'waiting for a fetcher';
    progress.at({ what: 'Planning', share: null, detail });
  } else {
    const share = at.total === 0 ? 1 : at.done / at.total;
    progress.at({ what: 'Planning', share, detail: `${counted(at.planned, 'window')} planned` });
  }
}

async function nobodyPlans({ redis, deployment }: PlanParts): Promise<boolean> {
  const beats = await readHeartbeats(redis, deployment);
  return !beats.some(({ service }) => service === 'fetcher');
}
