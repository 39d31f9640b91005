import {
  ARCHIVE_FETCH,
  ARCHIVE_REDACT,
  ARCHIVE_UPLOAD,
  ARCHIVE_WINDOW,
  type ArchivedWindow,
  archivedWindow,
  archivedWindowsKept,
  archivedWindowsKey,
  archiveWindow,
  type ErrorCode,
  errorKinds,
  type QueueName,
} from '@trunkline/contracts';
import { readTotals } from '@trunkline/service';
import type { Job, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { z } from 'zod';

/** A job of a window that stands failed, until a person retries it. */
export interface FailedStep {
  readonly windowId: string;
  readonly queue: QueueName;
  readonly jobId: string;
  /** `null`: an unforeseen error. */
  readonly code: ErrorCode | null;
  /** ms since 1970; `null` where the job does not tell. */
  readonly failedAt: number | null;
}

/** What Redis tells of the archive beside the depths of its queues. */
export interface ArchiveSnapshot {
  readonly totals: Readonly<Record<string, number>>;
  /** The newest first, each window once. */
  readonly windows: readonly ArchivedWindow[];
  /** The newest of each queue. */
  readonly failedSteps: readonly FailedStep[];
}

/** The queues whose jobs are of one window, in the order of its way. */
const windowQueues = [ARCHIVE_FETCH, ARCHIVE_REDACT, ARCHIVE_UPLOAD, ARCHIVE_WINDOW] as const;

const failedShown = 5;

export async function readArchive(source: {
  readonly redis: Redis;
  readonly deployment: string;
  readonly queue: (name: QueueName) => Queue;
}): Promise<ArchiveSnapshot> {
  const { redis, deployment } = source;
  const [totals, lines, failed] = await Promise.all([
    readTotals(redis, deployment, 'archive'),
    redis.lrange(archivedWindowsKey(deployment), 0, archivedWindowsKept - 1),
    Promise.all(windowQueues.map((name) => readFailed(name, source.queue(name)))),
  ]);
  return { totals, windows: windowsOf(lines), failedSteps: failed.flat() };
}

/** The windows of the list, each by its newest line; what is no line of ours is left out. */
export function windowsOf(lines: readonly string[]): ArchivedWindow[] {
  const windows = new Map<string, ArchivedWindow>();
  for (const line of lines) {
    const window = archivedWindow.safeParse(parsed(line)).data;
    if (window !== undefined && !windows.has(window.windowId)) windows.set(window.windowId, window);
  }
  return [...windows.values()];
}

async function readFailed(name: QueueName, queue: Queue): Promise<FailedStep[]> {
  const jobs = await queue.getFailed(0, failedShown - 1);
  // A job may be gone between its place in the list and its reading.
  return jobs.flatMap((job) => (job?.id === undefined ? [] : [failedStepOf(name, job.id, job)]));
}

const ofWindow = z.object({ window: archiveWindow });

export function failedStepOf(
  queue: QueueName,
  jobId: string,
  job: Pick<Job, 'data' | 'failedReason' | 'finishedOn'>,
): FailedStep {
  const window = ofWindow.safeParse(job.data).data?.window;
  const [, code = ''] = /^([A-Z0-9_]+): /.exec(job.failedReason ?? '') ?? [];
  return {
    windowId: window?.id ?? 'not known',
    queue,
    jobId,
    code: Object.hasOwn(errorKinds, code) ? (code as ErrorCode) : null,
    failedAt: job.finishedOn ?? null,
  };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
