import { ARCHIVE_COMPLIANCE, AUDIT_INDEX, type QueueName } from '@trunkline/contracts';
import { DelayedError, type Job, WaitingError, Worker } from 'bullmq';
import { withoutForeignText } from './describe-error.ts';
import { bullConnection, queuePrefix, retryDelayMs } from './queues.ts';
import type { Service } from './service.ts';
import type { queueWorkerSettings } from './settings/queue-worker.ts';
import type { Values } from './settings/setting.ts';

/** What BullMQ has to know of a worker; how many attempts a job has is said where the job is added. */
export type WorkerConfig = Omit<Values<typeof queueWorkerSettings>, 'attempts'>;

/** How long completed jobs are kept for people to see: none of a queue with thousands a minute. */
function retentionOf(queue: QueueName): { age?: number; count: number } {
  return queue === AUDIT_INDEX ? { count: 0 } : { age: 3_600, count: 1_000 };
}

/**
 * A worker that does not run yet, on a connection of its own.
 * @param run gets the job and the token of its lock
 */
export function openWorker<Result>(
  { service, config }: { service: Service; config: WorkerConfig },
  queue: QueueName,
  run: (job: Job<unknown>, token: string | undefined) => Promise<Result>,
): Worker<unknown, Result> {
  const worker = new Worker<unknown, Result>(queue, run, {
    autorun: false,
    ...service.traced,
    connection: bullConnection(service.connection(queue)),
    prefix: queuePrefix(service.deployment, queue),
    // The chain of compliance records has one writer.
    concurrency: queue === ARCHIVE_COMPLIANCE ? 1 : config.concurrency,
    lockDuration: config.lockDurationMs,
    stalledInterval: config.stalledIntervalMs,
    // A worker that is killed again and again is dealt with by counting starts; BullMQ's own limit would fail the job.
    maxStalledCount: 1_000,
    settings: { backoffStrategy: (attemptsMade: number) => retryDelayMs(attemptsMade) },
    removeOnComplete: retentionOf(queue),
  });
  service.watchQueue(queue, () => worker.isPaused());
  let quietUntil = 0;
  worker.on('error', (err) => {
    if (Date.now() < quietUntil) return;
    quietUntil = Date.now() + 10_000;
    service.log.warn(
      { event: 'worker.error', queue, err: withoutForeignText(err) },
      'The queue worker met an error',
    );
  });
  worker.on('stalled', (jobId) =>
    service.log.warn(
      { event: 'job.stalled', queue, jobId },
      'A job came back because the worker that had it is gone',
    ),
  );
  return worker;
}

/** Lets a worker run; where that ends unforeseen, the process ends too: a worker that does not work must not look alive. */
export function runWorker(worker: { run(): Promise<void> }, service: Service): void {
  worker.run().catch((err: unknown) => {
    service.log.fatal({ event: 'worker.ended', err }, 'The queue worker ended unforeseen');
    service.stop();
  });
}

/**
 * Puts a job back where it came from, no attempt burned: to the head of the queue, or aside for a while.
 * Always throws what tells BullMQ that the job is not in our hands any more.
 */
export async function giveBack(
  job: Job<unknown>,
  token: string | undefined,
  delayMs: number | null,
): Promise<never> {
  if (delayMs === null) {
    await job.moveToWait(token);
    throw new WaitingError();
  }
  await job.moveToDelayed(Date.now() + delayMs, token);
  throw new DelayedError();
}
