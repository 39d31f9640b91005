import type { Pipeline, QueueName } from '@trunkline/contracts';
import type { Place } from '@trunkline/overview';

/** The jobs of a queue in Bull Board. @param status a state of BullMQ as Bull Board names it */
export function queueLink(queue: QueueName, status: string | null = null): string {
  return `/queues/queue/${queue}${status === null ? '' : `?status=${status}`}`;
}

/** Dead letters of a pipeline that wait; those of a code where one is given. */
export function deadLettersLink(pipeline: Pipeline, code: string | null = null): string {
  return `/dead-letters/${pipeline}${code === null ? '' : `?code=${encodeURIComponent(code)}`}`;
}

/** What is known of a window, and what may be done about it. */
export function windowLink(windowId: string): string {
  return `/windows/${encodeURIComponent(windowId)}`;
}

/** Where a finding leads, with the words of the link. */
export function linkOf(place: Place): { href: string; label: string } {
  switch (place.kind) {
    case 'queue':
      return {
        href: queueLink(place.queue, place.status),
        label: place.status === 'failed' ? 'See the failed jobs' : 'See the queue',
      };
    case 'dead-letters':
      return { href: deadLettersLink(place.pipeline), label: 'See the dead letters' };
    case 'window':
      return { href: windowLink(place.windowId), label: 'See the window' };
    case 'processes':
      return { href: '#processes', label: 'See the processes' };
    default:
      return place satisfies never;
  }
}
