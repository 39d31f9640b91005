import { setTimeout as sleep } from 'node:timers/promises';
import { dayOf, type Manifests } from '@trunkline/archive-store';
import {
  ARCHIVE_FETCH,
  ARCHIVE_REDACT,
  ARCHIVE_UPLOAD,
  ARCHIVE_WINDOW,
  type ArchiveWindow,
  archiveWindow,
  errorKinds,
  type QueueName,
} from '@trunkline/contracts';
import { openQueue } from '@trunkline/service';
import type { Job, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { Progress } from '../terminal/progress.ts';
import { count, counted } from '../terminal/text.ts';

/** A window that stands failed: one of its jobs, until somebody retries it. */
export interface FailedWindow {
  windowId: string;
  queue: QueueName;
  jobId: string;
  /** A code of docs/errors.md; `null`: unforeseen. */
  code: string | null;
}

export interface WatchEnd {
  /** How many windows have their manifest. */
  complete: number;
  failed: FailedWindow[];
  /** Windows that are neither, in their order. */
  open: string[];
}

const windowQueues = [ARCHIVE_FETCH, ARCHIVE_REDACT, ARCHIVE_UPLOAD, ARCHIVE_WINDOW] as const;
const lookMs = 2_000;
/** Failed jobs that are looked at, of each queue. */
const failedLooks = 1_000;
const ofWindow = z.object({ window: archiveWindow });

/** Looks at windows until each has its manifest or stands failed. */
export class WindowWatch {
  readonly #manifests: Manifests;
  readonly #windows: readonly ArchiveWindow[];
  readonly #redis: Redis;
  readonly #deployment: string;
  readonly #complete = new Set<string>();

  constructor(parts: {
    redis: Redis;
    deployment: string;
    manifests: Manifests;
    windows: readonly ArchiveWindow[];
  }) {
    this.#redis = parts.redis;
    this.#deployment = parts.deployment;
    this.#manifests = parts.manifests;
    this.#windows = parts.windows;
  }

  async until(limit: { progress: Progress; now: () => number; until: number }): Promise<WatchEnd> {
    const queues = windowQueues.map((name) => openQueue(this.#deployment, name, this.#redis));
    for (const queue of queues) queue.on('error', () => {}); // the connection tells it
    try {
      for (;;) {
        const end = await this.#look(queues);
        if (end.open.length === 0 || limit.now() >= limit.until) return end;
        const failed = end.failed.length === 0 ? '' : `, ${count(end.failed.length)} failed`;
        limit.progress.at({
          what: 'Archiving',
          share: end.complete / this.#windows.length,
          detail: `${count(end.complete)} of ${counted(this.#windows.length, 'window')} complete${failed}`,
        });
        await sleep(lookMs);
      }
    } finally {
      await Promise.all(queues.map((queue) => queue.close()));
    }
  }

  async #look(queues: readonly Queue[]): Promise<WatchEnd> {
    // Failures first: a window that is completed in between is complete, not failed.
    const failed = (await Promise.all(queues.map(failedOf))).flat();
    await this.#lookForManifests();
    const byWindow = new Map<string, FailedWindow>();
    const wanted = new Set(this.#windows.map(({ id }) => id));
    for (const each of failed) {
      const isOurs = wanted.has(each.windowId) && !this.#complete.has(each.windowId);
      if (isOurs && !byWindow.has(each.windowId)) byWindow.set(each.windowId, each);
    }
    return {
      complete: this.#complete.size,
      failed: [...byWindow.values()],
      open: this.#windows.map(({ id }) => id).filter((id) => !this.#complete.has(id) && !byWindow.has(id)),
    };
  }

  /** One listing of the days from the first window that is not complete on. */
  async #lookForManifests(): Promise<void> {
    const missing = this.#windows.filter(({ id }) => !this.#complete.has(id));
    const [first, last] = [missing[0], missing.at(-1)];
    if (first === undefined || last === undefined) return;
    const wanted = new Set(missing.map(({ id }) => id));
    const days = { fromDay: dayOf(first.id), toDay: dayOf(last.id) };
    for await (const id of this.#manifests.list(days)) if (wanted.has(id)) this.#complete.add(id);
  }
}

async function failedOf(queue: Queue): Promise<FailedWindow[]> {
  const jobs = (await queue.getFailed(0, failedLooks - 1)) as (Job | undefined)[];
  return jobs.flatMap((job) => {
    const window = ofWindow.safeParse(job?.data).data?.window;
    if (job === undefined || window === undefined) return [];
    const [, code = ''] = /^([A-Z0-9_]+): /.exec(job.failedReason ?? '') ?? [];
    return [
      {
        windowId: window.id,
        queue: queue.name as QueueName,
        jobId: job.id ?? '',
        code: Object.hasOwn(errorKinds, code) ? code : null,
      },
    ];
  });
}
