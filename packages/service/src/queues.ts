import {
  type ArchiveComplianceJob,
  archiveComplianceJobId,
  pipelinePrefix,
  type QueueName,
  queuePipeline,
} from '@trunkline/contracts';
import { type ConnectionOptions, Queue, type QueueOptions } from 'bullmq';
import type { Redis } from 'ioredis';

/** ioredis 6 and bullmq 6 describe one client in types that differ in names only. */
export function bullConnection(redis: Redis): ConnectionOptions {
  return redis as ConnectionOptions;
}

/** BullMQ's key prefix of a queue: queues of one pipeline share a hash tag. */
export function queuePrefix(deployment: string, name: QueueName): string {
  return pipelinePrefix(deployment, queuePipeline[name]);
}

/** A queue to add to and to look into. Its events stream is kept short: the dashboard reads the queue itself. */
export function openQueue(
  deployment: string,
  name: QueueName,
  redis: Redis,
  options: Omit<QueueOptions, 'connection' | 'prefix'> = {},
): Queue {
  return new Queue(name, {
    streams: { events: { maxLen: 1_000 } },
    ...options,
    connection: bullConnection(redis),
    prefix: queuePrefix(deployment, name),
  });
}

/**
 * Options of every job: attempts for unforeseen failures only (an outage gives the job back and burns none), up to five
 * minutes apart; stack traces and logs short, because they fill Redis and bypass the dashboard's formatters.
 */
export function jobOptions(attempts: number): {
  attempts: number;
  backoff: { type: 'custom' };
  stackTraceLimit: number;
  keepLogs: number;
} {
  return { attempts, backoff: { type: 'custom' }, stackTraceLimit: 2, keepLogs: 20 };
}

/** Puts a record on its way into the compliance chain; the same record told again is one job. @param queue archive-compliance */
export async function addComplianceRecord(
  queue: Queue,
  record: ArchiveComplianceJob,
  attempts: number,
): Promise<void> {
  await queue.add('record', record, {
    ...jobOptions(attempts),
    jobId: archiveComplianceJobId(record.recordId),
  });
}

/** BullMQ's `settings.backoffStrategy`: 1 s, 2 s, 4 s ... 5 min, each with up to a quarter more or less. */
export function retryDelayMs(attemptsMade: number, random: () => number = Math.random): number {
  const delay = Math.min(1_000 * 2 ** (attemptsMade - 1), 300_000);
  return Math.round(delay * (0.75 + random() / 2));
}
