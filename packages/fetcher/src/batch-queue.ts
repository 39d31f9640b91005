import type { RedisPayloads } from '@trunkline/claim-check';
import type { AuditBatchJob } from '@trunkline/contracts';
import { jobOptions } from '@trunkline/service';
import { Job, type Queue, SpanKind } from 'bullmq';

/** States in which a job will be worked on, or waits for a person: its batch is not missing (rule 7). */
const presentStates = new Set(['waiting', 'delayed', 'active', 'prioritized', 'failed']);

/** States that count as the queue's depth: what workers still have before them. */
const depthStates = ['waiting', 'delayed', 'active', 'prioritized'] as const;

/** The audit-index queue with its payloads: always the payload first, then the job that names it. */
export class BatchQueue {
  readonly #queue: Queue;
  readonly #payloads: RedisPayloads;
  readonly #attempts: number;

  constructor(queue: Queue, payloads: RedisPayloads, attempts: number) {
    this.#queue = queue;
    this.#payloads = payloads;
    this.#attempts = attempts;
  }

  /**
   * Puts a batch on the queue, its payload sealed under its key; one that is there already stays as it is. Both are sent without
   * waiting in between: Redis executes the commands of a connection in their order, so the payload is there before the job that
   * names it. Not as a pipeline, which is made anew with all of BullMQ's commands each time.
   */
  async addSealed(jobId: string, job: AuditBatchJob, sealed: Buffer): Promise<void> {
    // A kept completed job would count as present although its settle may be lost (rule 7).
    const options = { ...jobOptions(this.#attempts), jobId, removeOnComplete: true };
    const client = await this.#queue.backend.client;
    await this.#queue.trace(SpanKind.PRODUCER, 'add', this.#queue.name, async (_span, metadata) => {
      const traced = metadata === undefined ? options : { ...options, telemetry: { metadata } };
      const written = client.runCommand('set', [job.payloadKey, sealed]);
      await Promise.all([written, new Job(this.#queue, 'batch', job, traced, jobId).addJob(client)]);
    });
  }

  /** Batches that workers still have before them; failed ones wait for a person and do not count. */
  async depth(): Promise<number> {
    const counts = await this.#queue.getJobCounts(...depthStates);
    return Object.values(counts).reduce((sum, count) => sum + count, 0);
  }

  /** Whether a batch is in safe hands: its job will run (or waits for a person) and its payload exists. */
  async holds(jobId: string, payloadKey: string): Promise<boolean> {
    return (await this.hasJob(jobId)) && (await this.#payloads.exists(payloadKey));
  }

  async hasJob(jobId: string): Promise<boolean> {
    return presentStates.has(await this.#queue.getJobState(jobId));
  }
}
