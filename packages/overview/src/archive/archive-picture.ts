import {
  ARCHIVE_COMPLIANCE,
  ARCHIVE_FETCH,
  ARCHIVE_REDACT,
  ARCHIVE_UPLOAD,
  ARCHIVE_WINDOW,
  type ArchivedWindow,
  archiveComplianceJobId,
  archivedWindow,
  archivedWindowsKept,
  archivedWindowsKey,
  archiveSuccessRecordId,
  archiveWindow,
  type ErrorCode,
  errorKinds,
  type HeldBackWindow,
  heldBackWindow,
  heldBackWindowsKey,
  type QueueName,
  type TotalName,
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

/**
 * Where the compliance record of a window that was archived is: in the chain, on its way there, or its job stands failed.
 * `null`: of a window that failed; each of its failures has a record of its own.
 */
export type RecordState = 'recorded' | 'waiting' | 'failed' | null;

export type WindowPicture = ArchivedWindow & { readonly record: RecordState };

/** What Redis tells of the archive beside the depths of its queues. */
export interface ArchivePicture {
  readonly totals: Partial<Record<TotalName, number>>;
  /** The newest first, each window once. */
  readonly windows: readonly WindowPicture[];
  /** The newest of each queue. */
  readonly failedSteps: readonly FailedStep[];
  /** The one that waits longest first. */
  readonly heldBack: readonly HeldBackWindow[];
}

/** The queues whose jobs are of one window, in the order of its way. */
const windowQueues = [ARCHIVE_FETCH, ARCHIVE_REDACT, ARCHIVE_UPLOAD, ARCHIVE_WINDOW] as const;

const failedShown = 5;

/** More are in the list, for whoever wants them; so many are looked at. */
const windowsLookedAt = 14;

export async function readArchive(source: {
  readonly redis: Redis;
  readonly deployment: string;
  readonly queue: (name: QueueName) => Queue;
}): Promise<ArchivePicture> {
  const { redis, deployment } = source;
  const [totals, lines, failed, heldBack] = await Promise.all([
    readTotals(redis, deployment, 'archive'),
    redis.lrange(archivedWindowsKey(deployment), 0, archivedWindowsKept - 1),
    Promise.all(windowQueues.map((name) => readFailed(name, source.queue(name)))),
    redis.hgetall(heldBackWindowsKey(deployment)),
  ]);
  const windows = windowsOf(lines).slice(0, windowsLookedAt);
  const records = await readRecords(redis, source.queue(ARCHIVE_COMPLIANCE), windows);
  return {
    totals,
    windows: windows.map((window, place) => ({ ...window, record: records[place] ?? null })),
    failedSteps: failed.flat(),
    heldBack: heldBackOf(Object.values(heldBack)),
  };
}

/** A record's job is gone some time after it was done, and is never removed before: a job that is not there is done. */
async function readRecords(
  redis: Redis,
  queue: Queue,
  windows: readonly ArchivedWindow[],
): Promise<RecordState[]> {
  return Promise.all(
    windows.map(async ({ windowId, status }) => {
      if (status === 'FAILURE') return null;
      const id = archiveComplianceJobId(archiveSuccessRecordId(windowId));
      const [failed, completed, exists] = await Promise.all([
        redis.zscore(queue.toKey('failed'), id),
        redis.zscore(queue.toKey('completed'), id),
        redis.exists(queue.toKey(id)),
      ]);
      if (failed !== null) return 'failed';
      return completed !== null || exists === 0 ? 'recorded' : 'waiting';
    }),
  );
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

function heldBackOf(lines: readonly string[]): HeldBackWindow[] {
  return lines
    .flatMap((line) => heldBackWindow.safeParse(parsed(line)).data ?? [])
    .sort((one, other) => one.since.localeCompare(other.since));
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
