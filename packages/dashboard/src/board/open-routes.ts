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
 * Why a job of this queue is not removed, or `null` where removing it loses nothing.
 *
 * - `audit-index`: a job is a batch that is not indexed yet. A removed one is fetched again only while Genesys still replays
 *   it (24 h), so it is retried, never removed. `audit-dead-letter`: a job points to a document of the dead-letter index,
 *   which stays.
 * - `archive-plan`, `archive-fetch`: a window without a manifest is planned again. `archive-redact`, `archive-upload`: BullMQ
 *   would count the batch as done, and the window's manifest would name no conversation of it. `archive-window`: what is
 *   stored would stand in no manifest. `archive-compliance`, `archive-notify`: the job is all there is of the record and of
 *   the event. `archive-dead-letter`: the conversation lies in the stage alone, and nobody would look for it there.
 */
const whyKept: Record<QueueName, string | null> = {
  'audit-index':
    'A job of this queue carries events that stand nowhere else yet: it can be retried, not removed.',
  'audit-dead-letter': null,
  'archive-plan': null,
  'archive-fetch': null,
  'archive-redact':
    'Without this job its batch would be left out of the archive: it can be retried, not removed.',
  'archive-upload':
    'Without this job its batch would be left out of the archive: it can be retried, not removed.',
  'archive-window':
    'Without this job what is stored of its window stands in no manifest: it can be retried, not removed.',
  'archive-compliance': 'This job is the only copy of a compliance record: it can be retried, not removed.',
  'archive-notify': 'This job is the only copy of a completion event: it can be retried, not removed.',
  'archive-dead-letter':
    'This job is the only pointer to a conversation that is not archived yet: it can be retried, not removed.',
};

/** Why an action is refused to an operator, or `null` where it may be done. */
export function whyRefused(action: OperatorAction, queue: string | null): string | null {
  if (action !== 'remove' && action !== 'remove-all') return null;
  if (queue !== null && Object.hasOwn(whyKept, queue)) return whyKept[queue as QueueName];
  return 'There is no such queue.';
}
