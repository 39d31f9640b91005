import { type AuditDeadLetterJob, deadLetterJobId } from '@trunkline/contracts';
import type { DeadLetters, NewDeadLetter } from '@trunkline/elasticsearch-sink';
import type { Logger } from '@trunkline/service';
import type { Queue } from 'bullmq';
import type { IndexerMetrics } from './metrics.ts';

/**
 * Keeps dead letters: first in the index, where they are durable, then as pointers on the queue, where a person finds them. The
 * queue is only a worklist: it can be rebuilt from the index.
 */
export class DeadLetterDesk {
  readonly #letters: DeadLetters;
  readonly #queue: Queue;
  readonly #metrics: IndexerMetrics;
  readonly #log: Logger;

  constructor(parts: { letters: DeadLetters; queue: Queue; metrics: IndexerMetrics; log: Logger }) {
    this.#letters = parts.letters;
    this.#queue = parts.queue;
    this.#metrics = parts.metrics;
    this.#log = parts.log;
  }

  /**
   * Resolves when every one is on disk in the index and points from the queue. Keeping them again is harmless.
   * @throws TrunklineError with an ELASTICSEARCH_ code
   */
  async keep(
    letters: readonly NewDeadLetter[],
    job: { stream: string; jobId: string; traceId: string },
  ): Promise<void> {
    if (letters.length === 0) return;
    const ids = await this.#letters.put(letters);
    await this.#queue.addBulk(
      letters.map((letter, place) => ({
        name: 'dead-letter',
        data: pointer(letter, ids[place] as string, job.traceId),
        opts: { jobId: deadLetterJobId(ids[place] as string), attempts: 1, stackTraceLimit: 1, keepLogs: 20 },
      })),
    );
    const byCode = Object.groupBy(letters, ({ code }) => code);
    for (const [code, some] of Object.entries(byCode)) {
      this.#metrics.deadLetters.inc({ code }, some.length);
      const conflict = code === 'AUDIT_ID_CONFLICT';
      this.#log[conflict ? 'error' : 'warn'](
        {
          event: conflict ? 'id-conflict.found' : 'dead-letter.kept',
          stream: job.stream,
          jobId: job.jobId,
          traceId: job.traceId,
          errorCode: code,
          count: some.length,
          fields: [...new Set(some.map(({ field }) => field).filter((field) => field !== null))],
        },
        conflict
          ? 'Events came whose ids stand in Elasticsearch with another content: what stands there was not touched, a person has to decide'
          : 'Events that cannot be indexed were kept as dead letters',
      );
    }
  }
}

function pointer(letter: NewDeadLetter, deadLetterId: string, traceId: string): AuditDeadLetterJob {
  return {
    v: 1,
    kind: 'dead-letter',
    stream: letter.stream,
    deadLetterId,
    code: letter.code,
    field: letter.field,
    deadLetteredAt: letter.deadLetteredAt,
    traceId,
  };
}
