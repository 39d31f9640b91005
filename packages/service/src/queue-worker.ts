import { type QueueName, TrunklineError } from '@trunkline/contracts';
import { type Job, UnrecoverableError, type Worker } from 'bullmq';
import type { z } from 'zod';
import { giveBack, openWorker, runWorker, type WorkerConfig } from './bull-worker.ts';
import { describeError, withoutForeignText } from './describe-error.ts';
import { HeldBack } from './held-back.ts';
import type { Component, Service } from './service.ts';
import type { Tap, Valve } from './valve.ts';

/** One run of a job. */
export interface JobRun<Data> {
  readonly jobId: string;
  readonly data: Data;
  /** BullMQ's own job, for progress and for the values of its children. */
  readonly job: Job<Data>;
  /** Aborted when the process has been told to stop: the work ends soon, by itself or by throwing. */
  readonly signal: AbortSignal;
  /** Says that a wait with a known end is under way (ms since 1970), so that it does not look like a wedged worker. */
  readonly extend: (untilMs: number) => void;
  /** Has run and failed before: by itself, or because a person retried it. */
  readonly isRetried: boolean;
}

export interface QueueWorkerParts<Data, Result> {
  service: Service;
  queue: QueueName;
  config: WorkerConfig;
  schema: z.ZodType<Data>;
  /** One job in, its outcome out. The result is kept in Redis: counts and references only. */
  run: (run: JobRun<Data>) => Promise<Result>;
  /** Longer than any run that makes progress (ms): beyond it `/livez` fails. */
  longestRunMs: number;
  /** Shut: jobs wait, none is taken and no attempt is burned. */
  valve?: Valve;
  /**
   * Told once a job stands failed, until a person retries it: after its last attempt, or at once where the error is permanent.
   * Called before the job is moved: what it does must be harmless when done twice.
   */
  onFailed?: (run: JobRun<Data>, error: unknown) => Promise<void>;
}

/** How long a job is left alone that waits for a person to set or to grant something (ms). */
const configurationDelayMs = 300_000;

/**
 * The frame of a worker: turns what a run throws into what BullMQ understands, so that a worker's own file holds its work only.
 *
 * - `HeldBack`, a shut valve, a process that stops: the job goes back, no attempt is burned.
 * - a configuration error: `/readyz` tells it, the job is tried again every five minutes, no attempt is burned.
 * - a permanent error: the job stands failed at once. A retriable or unforeseen one burns an attempt, and the last one leaves
 *   the job failed, until a person retries it.
 */
export class QueueWorker<Data, Result> implements Component, Tap {
  readonly name: string;
  readonly #parts: QueueWorkerParts<Data, Result>;
  readonly #worker: Worker<unknown, Result>;
  #inHand = 0;
  #configurationTimer: NodeJS.Timeout | undefined;

  constructor(parts: QueueWorkerParts<Data, Result>) {
    this.name = `${parts.queue} worker`;
    this.#parts = parts;
    this.#worker = openWorker(parts, parts.queue, (job, token) => this.#run(job, token));
  }

  /** Jobs under way in this process. */
  get inHand(): number {
    return this.#inHand;
  }

  async start(): Promise<void> {
    this.#parts.valve?.attach(this);
    if (!this.#worker.isPaused()) runWorker(this.#worker, this.#parts.service);
  }

  async stop(): Promise<void> {
    clearTimeout(this.#configurationTimer);
    await this.#worker.close();
  }

  pause(): void {
    void this.#worker.pause(true);
  }

  resume(): void {
    void this.#worker.resume();
  }

  async #run(job: Job<unknown>, token: string | undefined): Promise<Result> {
    const { service, queue, schema, valve } = this.#parts;
    if (service.stopping.aborted || (valve !== undefined && !(await valve.check()))) {
      return giveBack(job, token, null);
    }
    const parsed = schema.safeParse(job.data);
    if (!parsed.success) {
      const error = new TrunklineError('JOB_INVALID', {
        message: `The data of this job are not those of the queue ${queue}.`,
        remedy: 'Remove the job; what it stood for is planned or queued again.',
      });
      service.log.error({ event: 'job.invalid', queue, jobId: job.id, err: error }, error.message);
      throw new UnrecoverableError(`${error.code}: ${error.message}`);
    }
    this.#inHand++;
    try {
      return await service.health.step(`${queue} job`, this.#parts.longestRunMs, async (extend) => {
        const run: JobRun<Data> = {
          jobId: job.id ?? '',
          data: parsed.data,
          job: job as Job<Data>,
          signal: service.stopping,
          extend,
          isRetried: job.attemptsMade > 0 || (job.stacktrace?.length ?? 0) > 0,
        };
        try {
          return await this.#parts.run(run);
        } catch (error) {
          return await this.#afterError(run, token, error);
        }
      });
    } finally {
      this.#inHand--;
    }
  }

  async #afterError(run: JobRun<Data>, token: string | undefined, error: unknown): Promise<never> {
    const { service, queue, valve } = this.#parts;
    const { job, jobId } = run;
    if (error instanceof HeldBack) {
      service.log.debug({ event: 'job.held-back', queue, jobId, why: error.message });
      await valve?.check(); // pauses this worker before the job can come back to it
      return giveBack(job, token, error.delayMs);
    }
    if (service.stopping.aborted && !(error instanceof TrunklineError && error.kind === 'permanent')) {
      return giveBack(job, token, null);
    }
    const told = describeError(error);
    const facts = { queue, jobId, attempt: job.attemptsMade + 1, errorCode: told.code ?? null, err: error };
    if (error instanceof TrunklineError && error.kind === 'configuration') {
      this.#reportConfiguration(error.message);
      service.log.error({ event: 'job.waits', ...facts }, error.message);
      return giveBack(job, token, configurationDelayMs);
    }
    const permanent = error instanceof TrunklineError && error.kind === 'permanent';
    const last = permanent || job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
    service.log.error(
      { event: last ? 'job.failed' : 'job.attempt-failed', ...facts },
      last ? 'A job stands failed, until it is retried' : 'A job failed and is tried again',
    );
    if (last) await this.#parts.onFailed?.(run, error);
    if (permanent) throw new UnrecoverableError(`${error.code}: ${error.message}`);
    throw withoutForeignText(error);
  }

  /** Such a job comes again after its delay; when none has come for twice as long, the cause is mended or the job is gone. */
  #reportConfiguration(message: string): void {
    const { service, queue } = this.#parts;
    service.health.report(queue, message);
    clearTimeout(this.#configurationTimer);
    this.#configurationTimer = setTimeout(
      () => service.health.report(queue, null),
      2 * configurationDelayMs,
    ).unref();
  }
}
