import { count, type QueueDepth } from '@trunkline/overview';
import { type Html, html } from '../../html/html.ts';
import { pill } from '../../html/tone.ts';
import type { OverviewState } from '../feed.ts';
import { queueLink } from '../links.ts';
import { table } from '../table.ts';

export function queuesSection({ picture }: OverviewState): Html {
  return html`<section id="queues" class="card" aria-labelledby="queues-title"${picture === null ? html` hidden` : null}><h2 id="queues-title"><a href="/queues">Queues</a></h2>
${table(
  'Queues',
  [
    ['Queue', ''],
    ['Waiting', 'number'],
    ['In hand', 'number'],
    ['Delayed', 'number'],
    ['Failed', 'number'],
  ],
  (picture?.queues ?? []).map(queueRow),
  '',
  'figures',
)}</section>`;
}

function queueRow(queue: QueueDepth): Html {
  const paused = queue.paused ? html` ${pill('look', 'paused')}` : null;
  return html`<tr><th scope="row"><a href="${queueLink(queue.name)}">${queue.name}</a>${paused}</th>
${cell(queue, 'waiting', 'Waiting', queue.waiting)}${cell(queue, 'active', 'In hand', queue.active)}${cell(queue, 'delayed', 'Delayed', queue.delayed)}${cell(queue, 'failed', 'Failed', queue.failed)}</tr>`;
}

/** Each number leads to its jobs. */
function cell(queue: QueueDepth, status: string, label: string, jobs: number): Html {
  const tone = status === 'failed' && jobs > 0 ? 'look' : jobs === 0 ? 'nought' : '';
  return html`<td data-label="${label}" class="number"><a class="${tone}" href="${queueLink(queue.name, status)}" aria-label="${count(jobs)} ${status} in ${queue.name}">${count(jobs)}</a></td>`;
}
