/**
 * The audit-dead-letter worker. A job here is a pointer to a dead letter that waits for a person: its first run fails at once, so
 * that it stands among the failed jobs, where Bull Board's Retry finds it. A later run is a person's, and so is the first of an
 * entry that the command line made because a person asked: the event is indexed again.
 */
import {
  AUDIT_DEAD_LETTER,
  type AuditDeadLetterJob,
  auditDeadLetterJob,
  errorCodeOf,
  TrunklineError,
} from '@trunkline/contracts';
import {
  type Component,
  giveBack,
  HeldBack,
  openWorker,
  runWorker,
  type Tap,
  withoutForeignText,
} from '@trunkline/service';
import { type Job, UnrecoverableError, type Worker } from 'bullmq';
import type { Redrive } from './redrive.ts';
import type { IndexWorkerParts } from './worker.ts';

/** Kept in Redis as the job's return value, and shown. */
export interface DeadLetterOutcome {
  result: 'created' | 'duplicate' | 'requeued' | 'discarded';
}

type Parts = Pick<IndexWorkerParts, 'service' | 'config' | 'valve' | 'metrics'> & { redrive: Redrive };

export class DeadLetterWorker implements Component, Tap {
  readonly name = 'audit-dead-letter worker';
  readonly #parts: Parts;
  readonly #worker: Worker<unknown, DeadLetterOutcome>;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#worker = openWorker(parts, AUDIT_DEAD_LETTER, (job, token) => this.#run(job, token));
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

  async #run(job: Job<unknown>, token: string | undefined): Promise<DeadLetterOutcome> {
    const { valve, service, redrive } = this.#parts;
    const parsed = auditDeadLetterJob.safeParse(job.data);
    if (!parsed.success) {
      throw failure(
        new TrunklineError('JOB_INVALID', {
          message: 'The data of this job do not name a dead letter.',
          remedy: 'Remove the job: its dead letter stands in the dead-letter index.',
        }),
      );
    }
    const letter = parsed.data;
    if (!(await valve.check()) || service.stopping.aborted) return giveBack(job, token, null);
    try {
      if (!isRetried(job) && letter.requestedBy === undefined) {
        const status = await redrive.status(letter.deadLetterId);
        if (status === 'open') throw failure(awaits(letter));
        return { result: status };
      }
      const redriven = await redrive.run(letter.deadLetterId, letter.requestedBy ?? null);
      switch (redriven.kind) {
        case 'indexed':
          this.#tellIndexed(job, letter, redriven.as);
          return { result: redriven.as };
        case 'closed':
          return { result: redriven.status };
        case 'refused':
          throw failure(
            new TrunklineError(redriven.code, {
              message: `The event was refused again${named(redriven.errorType, redriven.field)}.`,
              remedy: 'Mend the cause and retry, or discard the dead letter with a reason.',
            }),
          );
        default:
          return redriven satisfies never;
      }
    } catch (error) {
      if (error instanceof HeldBack) {
        await valve.check();
        return giveBack(job, token, error.delayMs);
      }
      if (error instanceof UnrecoverableError) throw error;
      if (error instanceof TrunklineError && error.kind !== 'retriable') throw failure(error);
      service.log.error(
        { event: 'dead-letter.failed', jobId: job.id, errorCode: errorCodeOf(error), err: error },
        'A dead letter could not be dealt with; its job stands failed and can be retried',
      );
      throw withoutForeignText(error);
    }
  }

  #tellIndexed(job: Job<unknown>, letter: AuditDeadLetterJob, as: 'created' | 'duplicate'): void {
    const { service, metrics } = this.#parts;
    metrics.events.inc({ outcome: as });
    service.totals.add(as, 1);
    service.log.info(
      {
        event: 'dead-letter.requeued',
        jobId: job.id,
        stream: letter.stream,
        traceId: letter.traceId,
        result: as,
      },
      'A dead letter was indexed after all',
    );
  }
}

/** A job that has failed before runs again because a person wants it to. */
function isRetried(job: Job<unknown>): boolean {
  return job.attemptsMade > 0 || (job.stacktrace?.length ?? 0) > 0;
}

function awaits({ code, field }: AuditDeadLetterJob): TrunklineError {
  return new TrunklineError('DEAD_LETTER_AWAITS_PERSON', {
    message: `An event could not be indexed: ${code}${named(null, field)}.`,
    remedy: 'Mend the cause, then Retry; or discard it with a reason.',
  });
}

function named(errorType: string | null, field: string | null): string {
  const parts = [errorType, field === null ? null : `field ${field}`].filter((part) => part !== null);
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

function failure(error: TrunklineError): UnrecoverableError {
  return new UnrecoverableError(`${error.code}: ${error.message}`);
}
