/** The audit-index worker: one job in, its outcome out. With `dead-letter-worker.ts` the only place that knows BullMQ's rules. */
import {
  AUDIT_INDEX,
  type AuditBatchJob,
  type AuditBatchOutcome,
  type AuditRepairJob,
  auditBatchJob,
  auditRepairJob,
  type ErrorCode,
  errorCodeOf,
  TrunklineError,
} from '@trunkline/contracts';
import {
  type Component,
  giveBack,
  HeldBack,
  openWorker,
  runWorker,
  type Service,
  type Tap,
  type Valve,
  withoutForeignText,
} from '@trunkline/service';
import { payloadKeyOf } from '@trunkline/stream-state';
import { type Job, UnrecoverableError, type Worker } from 'bullmq';
import type { BatchProcessing, ProcessedBatch } from './batch-processing.ts';
import type { IndexerConfig } from './config.ts';
import type { IndexerMetrics } from './metrics.ts';

/** What a person has to give this process, by the matter that `/readyz` names: the batch waits for it. */
const lacking: Partial<Record<ErrorCode, string>> = {
  PAYLOAD_KEY_UNKNOWN: 'payload key',
  ORGANISATION_UNKNOWN: 'organisations',
};
/** How long it is left alone meanwhile (ms). */
const lackingDelayMs = 300_000;
/** Longer than any run of a batch that makes progress. */
const longestRunMs = 600_000;

export interface IndexWorkerParts {
  service: Service;
  config: IndexerConfig['worker'];
  pipelinePrefix: string;
  processing: BatchProcessing;
  valve: Valve;
  metrics: IndexerMetrics;
}

/** What of a process's work is shown to people, since its start. */
export interface IndexFacts {
  created: number;
  duplicates: number;
  deadLettered: number;
  batchesInHand: number;
}

export class IndexWorker implements Component, Tap {
  readonly name = 'audit-index worker';
  readonly facts: IndexFacts = { created: 0, duplicates: 0, deadLettered: 0, batchesInHand: 0 };
  readonly #parts: IndexWorkerParts;
  readonly #worker: Worker<unknown, AuditBatchOutcome | null>;
  /** Takes back what `/readyz` tells, by its matter. */
  readonly #lacking = new Map<string, NodeJS.Timeout>();

  constructor(parts: IndexWorkerParts) {
    this.#parts = parts;
    this.#worker = openWorker(parts, AUDIT_INDEX, (job, token) => this.#run(job, token));
  }

  async start(): Promise<void> {
    this.#parts.valve.attach(this);
    if (!this.#worker.isPaused()) runWorker(this.#worker, this.#parts.service);
  }

  async stop(): Promise<void> {
    await this.#worker.close();
  }

  pause(): void {
    void this.#worker.pause(true);
  }

  resume(): void {
    void this.#worker.resume();
  }

  async #run(job: Job<unknown>, token: string | undefined): Promise<AuditBatchOutcome | null> {
    const { service, valve, metrics } = this.#parts;
    if (!(await valve.check()) || service.stopping.aborted) return giveBack(job, token, null);
    const batch = this.#validated(job);
    this.facts.batchesInHand++;
    metrics.inHand.inc();
    const startedAt = performance.now();
    try {
      const processed = await service.health.step('index a batch', longestRunMs, () =>
        this.#parts.processing.process(batch.jobId, batch.data, lastAttempt(job)),
      );
      return this.#tell(job, batch.data, processed, performance.now() - startedAt);
    } catch (error) {
      return await this.#afterError(job, token, batch.data, error);
    } finally {
      this.facts.batchesInHand--;
      metrics.inHand.dec();
    }
  }

  /**
   * @throws UnrecoverableError where somebody edited the job: it stands failed, its payload stays, and nothing is settled by it.
   *   Removing the job makes the batch count as missing, so that it is fetched again.
   */
  #validated(job: Job<unknown>): { jobId: string; data: IndexJob } {
    const jobId = job.id ?? '';
    const data = indexJobOf(job.data);
    const sound =
      data !== null &&
      jobId.startsWith(
        data.kind === 'repair' ? `${data.stream}-repair-` : `${data.stream}-${data.epoch}-${data.seq}-`,
      ) &&
      data.payloadKey === payloadKeyOf(this.#parts.pipelinePrefix, jobId);
    if (sound) return { jobId, data };
    this.#parts.metrics.batches.inc({ result: 'failed' });
    const error = new TrunklineError('JOB_INVALID', {
      message: 'The data of this job are not those of an audit batch, or not those it was made with.',
      remedy:
        'Nothing is lost: remove the job, and its batch is found missing and fetched again (a repair: by reconcile).',
    });
    this.#parts.service.log.error({ event: 'job.invalid', queue: AUDIT_INDEX, jobId, err: error });
    throw new UnrecoverableError(`${error.code}: ${error.message}`);
  }

  #tell(
    job: Job<unknown>,
    data: IndexJob,
    processed: ProcessedBatch,
    durationMs: number,
  ): AuditBatchOutcome | null {
    const { service, metrics } = this.#parts;
    const ids = idsOf(job, data);
    if (processed.kind === 'missing') {
      metrics.batches.inc({ result: 'missing' });
      service.log.warn(
        { event: 'batch.payload-missing', ...ids, why: processed.why },
        data.kind === 'repair'
          ? 'A repair had no payload that opens: its job ends, and its events are still missing; run reconcile again'
          : 'A batch had no payload that opens: its job ends without settling it, and the batch is fetched again',
      );
      return null;
    }
    const { outcome, settle, setAside } = processed;
    metrics.batches.inc({ result: settle });
    metrics.events.inc({ outcome: 'created' }, outcome.created);
    metrics.events.inc({ outcome: 'duplicate' }, outcome.duplicate);
    metrics.events.inc({ outcome: 'dead-lettered' }, outcome.deadLettered);
    if (setAside > 0) metrics.setAside.inc(setAside);
    service.totals.add('created', outcome.created);
    service.totals.add('duplicate', outcome.duplicate);
    service.totals.add('deadLettered', outcome.deadLettered);
    this.facts.created += outcome.created;
    this.facts.duplicates += outcome.duplicate;
    this.facts.deadLettered += outcome.deadLettered;
    service.log.debug({
      event: 'batch.settled',
      ...ids,
      settle,
      ...outcome,
      setAside,
      durationMs: Math.round(durationMs),
    });
    return outcome;
  }

  async #afterError(
    job: Job<unknown>,
    token: string | undefined,
    data: IndexJob,
    error: unknown,
  ): Promise<never> {
    const { service, metrics, valve } = this.#parts;
    const ids = idsOf(job, data);
    if (error instanceof HeldBack) {
      metrics.batches.inc({ result: 'held-back' });
      service.log.debug({ event: 'batch.held-back', ...ids, why: error.message });
      await valve.check(); // pauses this worker before the job can come back to it
      return giveBack(job, token, error.delayMs);
    }
    const code = errorCodeOf(error);
    const matter = code === null ? undefined : lacking[code];
    if (error instanceof TrunklineError && matter !== undefined) {
      metrics.batches.inc({ result: 'held-back' });
      this.#reportLacking(matter, error.message);
      service.log.error({ event: 'batch.waits', ...ids, errorCode: code, err: error }, error.message);
      return giveBack(job, token, lackingDelayMs);
    }
    metrics.batches.inc({ result: 'failed' });
    service.log.error(
      {
        event: 'batch.failed',
        ...ids,
        attempt: job.attemptsMade + 1,
        errorCode: errorCodeOf(error),
        err: error,
      },
      'A batch failed unforeseen; it is tried again, and stands failed after the last attempt',
    );
    throw withoutForeignText(error);
  }

  /** Such a batch comes again after its delay; when none has come for twice as long, it is there or the batch is gone. */
  #reportLacking(matter: string, message: string): void {
    const { health } = this.#parts.service;
    health.report(matter, message);
    clearTimeout(this.#lacking.get(matter));
    const forget = setTimeout(() => health.report(matter, null), 2 * lackingDelayMs).unref();
    this.#lacking.set(matter, forget);
  }
}

type IndexJob = AuditBatchJob | AuditRepairJob;

function indexJobOf(data: unknown): IndexJob | null {
  return auditBatchJob.safeParse(data).data ?? auditRepairJob.safeParse(data).data ?? null;
}

function idsOf(job: Job<unknown>, data: IndexJob) {
  const seq = data.kind === 'batch' ? data.seq : null;
  return { jobId: job.id, stream: data.stream, seq, traceId: data.traceId };
}

function lastAttempt(job: Job<unknown>): boolean {
  return job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
}
