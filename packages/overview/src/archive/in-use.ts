import { type QueueName, queuePipeline } from '@trunkline/contracts';
import type { Picture } from '../picture.ts';
import type { QueueDepth } from '../queue-depths.ts';

/**
 * Whether this deployment archives conversations: a redactor or uploader is alive, work stands on the archive's queues, or
 * something was archived before. The planner's schedule alone, which waits in `archive-plan`, does not make it so: fetchers
 * keep it by default.
 */
export function archiveInUse({ processes, queues, archive }: Picture): boolean {
  return (
    processes.some(({ service }) => service === 'redactor' || service === 'uploader') ||
    queues.some((queue) => isArchive(queue.name) && jobsOf(queue) > 0) ||
    archive.windows.length > 0 ||
    archive.failedSteps.length > 0 ||
    Object.values(archive.totals).some((total) => total > 0)
  );
}

function isArchive(name: QueueName): boolean {
  return queuePipeline[name] === 'archive';
}

function jobsOf({ name, waiting, active, delayed, failed, waitingForOthers }: QueueDepth): number {
  return waiting + active + failed + waitingForOthers + (name === 'archive-plan' ? 0 : delayed);
}
