import type { QueueName } from '@trunkline/contracts';

/** What an operator may do with Bull Board. */
export type OperatorAction =
  | 'retry'
  | 'retry-all'
  | 'promote'
  | 'promote-all'
  | 'remove'
  | 'remove-all'
  | 'pause'
  | 'resume'
  | 'pause-all'
  | 'resume-all';

export interface OpenRoute {
  readonly action: OperatorAction;
  readonly method: 'put';
  /** As Bull Board names it. */
  readonly route: string;
}

/**
 * Every route of Bull Board 9.10.1 that changes something and is open, to operators only. All others are closed to
 * everybody: adding a job or editing its data would put into a queue what no fetcher saw; emptying or obliterating a queue
 * would lose batches; limits and schedules belong to the configuration.
 */
export const openRoutes: readonly OpenRoute[] = [
  { action: 'retry', method: 'put', route: '/api/queues/:queueName/:jobId/retry' },
  { action: 'retry-all', method: 'put', route: '/api/queues/:queueName/retry/:queueStatus' },
  { action: 'promote', method: 'put', route: '/api/queues/:queueName/:jobId/promote' },
  { action: 'promote-all', method: 'put', route: '/api/queues/:queueName/promote' },
  { action: 'remove', method: 'put', route: '/api/queues/:queueName/:jobId/clean' },
  { action: 'remove-all', method: 'put', route: '/api/queues/:queueName/clean/:queueStatus' },
  { action: 'pause', method: 'put', route: '/api/queues/:queueName/pause' },
  { action: 'resume', method: 'put', route: '/api/queues/:queueName/resume' },
  { action: 'pause-all', method: 'put', route: '/api/queues/pause' },
  { action: 'resume-all', method: 'put', route: '/api/queues/resume' },
];

/**
 * Whether removing a job of this queue loses nothing.
 *
 * `audit-index`: a job is a batch that is not indexed yet. A removed one is fetched again only while Genesys still replays
 * it (24 h), so it is retried, never removed. `audit-dead-letter`: a job points to a document of the dead-letter index,
 * which stays.
 */
const removable: Record<QueueName, boolean> = {
  'audit-index': false,
  'audit-dead-letter': true,
};

/** Why an action is refused to an operator, or `null` where it may be done. */
export function whyRefused(action: OperatorAction, queue: string | null): string | null {
  if (action !== 'remove' && action !== 'remove-all') return null;
  if (queue !== null && Object.hasOwn(removable, queue) && removable[queue as QueueName]) return null;
  return 'A job of this queue carries events that stand nowhere else yet: it can be retried, not removed.';
}
