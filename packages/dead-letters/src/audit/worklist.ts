/**
 * The entries of dead letters on the audit-dead-letter queue. The queue is only a worklist (rule 8): an entry that is gone is
 * made anew from the index, and one that stands failed is retried as Bull Board's Retry does.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AuditDeadLetterJob, auditDeadLetterJob, deadLetterJobId } from '@trunkline/contracts';
import type { DeadLetter } from '@trunkline/elasticsearch-sink';
import type { Job, Queue } from 'bullmq';

export type Requeued =
  /** Its failed entry runs again. */
  | 'retried'
  /** It had no entry, or one that nobody had looked at: an indexer takes it now. */
  | 'queued'
  /** Somebody asked before; an indexer is about it, or will be. */
  | 'under-way';

/** How often an entry is looked at that changes under the command's hands, and how long between two looks (ms). */
const looks = 50;
const lookMs = 100;

export class Worklist {
  readonly #queue: Queue;

  /** @param queue audit-dead-letter */
  constructor(queue: Queue) {
    this.#queue = queue;
  }

  /**
   * Has a dead letter indexed again. An entry that changes meanwhile is looked at again.
   * @param by who asks: `user@host`, or a user of the dashboard
   */
  async requeue(letter: DeadLetter, by: string): Promise<Requeued> {
    let asked = false;
    for (let look = 1; look <= looks; look++) {
      const next = await this.#try(letter, asked, by);
      if (next !== 'look-again' && next !== 'asked') return next;
      asked ||= next === 'asked';
      await sleep(lookMs);
    }
    return 'under-way';
  }

  /** Takes the entry away that waits for a person; one that an indexer has in hand ends by itself. */
  async remove(letterId: string): Promise<void> {
    const job = await this.#job(letterId);
    if (job !== null && !(await job.isActive())) await job.remove().catch(() => {});
  }

  /** @param asked whether its waiting entry was turned into one that a person asked for */
  async #try(letter: DeadLetter, asked: boolean, by: string): Promise<Requeued | 'look-again' | 'asked'> {
    const job = await this.#job(letter.id);
    if (job === null) return asked ? 'queued' : this.#add(letter, by);
    switch (await job.getState()) {
      case 'failed':
        // Refused where somebody else retried it in this moment.
        return job.retry('failed').then(
          () => 'retried',
          () => 'look-again',
        );
      case 'completed':
        if (asked) return 'queued';
        // Kept for people to see; it would keep its id from a new entry.
        await job.remove().catch(() => {});
        return 'look-again';
      case 'unknown':
        return 'look-again';
      case 'active':
        // A first run, begun before it was asked for, ends at once and leaves the entry failed.
        return isPersons(job) && !asked ? 'under-way' : 'look-again';
      default:
        if (isPersons(job)) return asked ? 'queued' : 'under-way';
        await job.updateData({ ...pointerOf(letter, job), requestedBy: by }).catch(() => {});
        return 'asked';
    }
  }

  async #job(letterId: string): Promise<Job | null> {
    return ((await this.#queue.getJob(deadLetterJobId(letterId))) as Job | undefined) ?? null;
  }

  async #add(letter: DeadLetter, by: string): Promise<Requeued> {
    const pointer: AuditDeadLetterJob = { ...pointerOf(letter, null), requestedBy: by };
    await this.#queue.add('dead-letter', pointer, {
      jobId: deadLetterJobId(letter.id),
      attempts: 1,
      stackTraceLimit: 1,
      keepLogs: 20,
    });
    return 'queued';
  }
}

/** Whether the next run of an entry is a person's: it failed before, or was asked for. */
function isPersons(job: Job): boolean {
  if (job.attemptsMade > 0 || (job.stacktrace?.length ?? 0) > 0) return true;
  return auditDeadLetterJob.safeParse(job.data).data?.requestedBy !== undefined;
}

/** @param job the entry that stands, whose trace id is kept */
function pointerOf(letter: DeadLetter, job: Job | null): AuditDeadLetterJob {
  const standing = job === null ? undefined : auditDeadLetterJob.safeParse(job.data).data;
  return {
    v: 1,
    kind: 'dead-letter',
    stream: letter.stream,
    deadLetterId: letter.id,
    code: letter.code,
    field: letter.field,
    deadLetteredAt: letter.deadLetteredAt,
    traceId: standing?.traceId ?? randomBytes(8).toString('hex'),
  };
}
