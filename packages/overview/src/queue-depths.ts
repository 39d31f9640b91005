import { type QueueName, queueNames } from '@trunkline/contracts';
import type { Queue } from 'bullmq';

export interface QueueDepth {
  readonly name: QueueName;
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  readonly failed: number;
  /** Jobs that wait for jobs of other queues, as a window's for its batches. */
  readonly waitingForOthers: number;
  readonly paused: boolean;
}

/** None of the commands depends on how much is queued. */
export function readQueueDepths(queue: (name: QueueName) => Queue): Promise<QueueDepth[]> {
  return Promise.all(queueNames.map((name) => readDepth(name, queue(name))));
}

async function readDepth(name: QueueName, queue: Queue): Promise<QueueDepth> {
  const [counts, paused] = await Promise.all([
    queue.getJobCounts('wait', 'prioritized', 'active', 'delayed', 'failed', 'waiting-children'),
    queue.isPaused(),
  ]);
  const count = (state: string): number => counts[state] ?? 0;
  return {
    name,
    waiting: count('wait') + count('waiting') + count('prioritized'),
    active: count('active'),
    delayed: count('delayed'),
    failed: count('failed'),
    waitingForOthers: count('waiting-children'),
    paused,
  };
}
