import { type Html, html } from '../html/html.ts';
import { count, duration, known, moment } from './figures.ts';
import { lagMs } from './lag.ts';
import type { QueueDepth, Snapshot } from './snapshot.ts';

export function streamTable({ streams, takenAt }: Snapshot): Html {
  return html`<section class="card"><h2>Streams</h2><div class="scroll" role="region" aria-label="Streams" tabindex="0"><table>
<thead><tr><th scope="col">Stream</th><th scope="col">Side</th><th scope="col" class="number">Page</th><th scope="col">Reaches to (UTC)</th><th scope="col">Lag</th><th scope="col" class="number">In flight</th><th scope="col">Polled by</th></tr></thead>
<tbody>${streams.map((stream) => streamRows(stream, takenAt))}</tbody></table></div></section>`;
}

function streamRows({ id, stream }: Snapshot['streams'][number], now: number): Html {
  const { state } = stream;
  if (state === null) {
    return html`<tr><th scope="row">${id}</th><td colspan="6" class="quiet">not started yet</td></tr>`;
  }
  return html`<tr><th scope="rowgroup" rowspan="2">${id}</th><td>received</td><td class="number">${count(state.received.seq)}</td><td>${timeOf(state.received.at, now)}</td>
<td rowspan="2">${known(lagMs(state), (ms) => (ms === 0 ? 'none' : duration(ms)))}</td><td rowspan="2" class="number">${count(stream.inFlightCount)}</td><td rowspan="2" class="id">${known(stream.leaseHolder, (holder) => holder)}</td></tr>
<tr><td>indexed</td><td class="number">${count(state.indexed.seq)}</td><td>${timeOf(state.indexed.at, now)}</td></tr>`;
}

function timeOf(at: number | null, now: number): Html | string {
  return at === null ? known(null, String) : moment(at, now);
}

export function queueTable({ queues }: Snapshot): Html {
  return html`<section class="card"><h2>Queues</h2><div class="scroll" role="region" aria-label="Queues" tabindex="0"><table class="queues">
<thead><tr><th scope="col">Queue</th><th scope="col" class="number">Waiting</th><th scope="col" class="number">In hand</th><th scope="col" class="number">Delayed</th><th scope="col" class="number">Failed</th></tr></thead>
<tbody>${queues.map(queueRow)}</tbody></table></div></section>`;
}

function queueRow(queue: QueueDepth): Html {
  const paused = queue.paused ? html` <span class="pill look">paused</span>` : null;
  return html`<tr><th scope="row"><a href="/queues/queue/${queue.name}">${queue.name}</a>${paused}</th>
${cell(queue, 'waiting', queue.waiting)}${cell(queue, 'active', queue.active)}${cell(queue, 'delayed', queue.delayed)}${cell(queue, 'failed', queue.failed)}</tr>`;
}

/** Each number leads to its jobs. */
function cell(queue: QueueDepth, status: string, jobs: number): Html {
  const tone = status === 'failed' && jobs > 0 ? 'look' : '';
  return html`<td class="number"><a class="${tone}" href="/queues/queue/${queue.name}?status=${status}" aria-label="${count(jobs)} ${status} in ${queue.name}">${count(jobs)}</a></td>`;
}
