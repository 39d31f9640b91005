import type { DeadLetterPlace, WindowState } from '@trunkline/claim-check/stage';
import {
  ARCHIVE_DEAD_LETTER,
  ARCHIVE_FETCH,
  ARCHIVE_REDACT,
  ARCHIVE_UPLOAD,
  ARCHIVE_WINDOW,
  archiveBatchJobId,
  archiveDeadLetterJob,
  archiveDeadLetterJobId,
  type QueueName,
} from '@trunkline/contracts';
import { jobOptions } from '@trunkline/service';
import type { JobType, Queue } from 'bullmq';

/** States in which a job will be worked on without anybody doing anything. A parent that waits is as its children are. */
const runningStates: JobType[] = ['waiting', 'active', 'delayed', 'prioritized'];

const flowQueues = [ARCHIVE_REDACT, ARCHIVE_UPLOAD, ARCHIVE_WINDOW] as const;

/** What the queues tell the sweeper of the stage. */
export class WindowJobs {
  readonly #queue: (name: QueueName) => Queue;
  readonly #attempts: number;

  /** @param attempts WORKER_ATTEMPTS, of jobs that are made anew */
  constructor(queue: (name: QueueName) => Queue, attempts: number) {
    this.#queue = queue;
    this.#attempts = attempts;
  }

  /** Whether jobs of a window are under way, stand failed, or there are none that need its files. */
  async stateOf(windowId: string): Promise<WindowState> {
    const fetch = await this.#queue(ARCHIVE_FETCH).getJobState(windowId);
    if (runningStates.some((state) => state === fetch)) return 'running';
    let failed = fetch === 'failed';
    for (const name of flowQueues) {
      if (await this.#has(name, runningStates, `${windowId}-`)) return 'running';
      failed ||= await this.#has(name, ['failed'], `${windowId}-`);
    }
    return failed ? 'failed' : 'none';
  }

  /** Whether a dead letter waits for its person, or what became of it is not stored yet. */
  async isDeadLetterNamed({ windowId, flow, batch, index }: DeadLetterPlace): Promise<boolean> {
    const id = archiveDeadLetterJobId(windowId, flow, batch, index);
    if ((await this.#queue(ARCHIVE_DEAD_LETTER).getJob(id)) !== undefined) return true;
    const uploads = archiveBatchJobId(windowId, flow, 'd-');
    return this.#has(ARCHIVE_UPLOAD, [...runningStates, 'failed'], uploads);
  }

  /** Adds a dead letter's job anew, from what was noted beside it. @returns `false` where the note is none */
  async restoreDeadLetter(
    { windowId, flow, batch, index }: DeadLetterPlace,
    note: unknown,
  ): Promise<boolean> {
    const letter = archiveDeadLetterJob.safeParse(note);
    if (!letter.success) return false;
    const jobId = archiveDeadLetterJobId(windowId, flow, batch, index);
    await this.#queue(ARCHIVE_DEAD_LETTER).add('dead-letter', letter.data, {
      ...jobOptions(this.#attempts),
      jobId,
    });
    return true;
  }

  async #has(name: QueueName, states: JobType[], start: string): Promise<boolean> {
    const ids = await this.#queue(name).getRanges(states, 0, -1);
    return ids.some((id) => id.startsWith(start));
  }
}
