import { auditInUse, count, duration, type Picture, type StreamPicture } from '@trunkline/overview';
import { type Html, html } from '../../html/html.ts';
import { known, moment } from '../../html/shown.ts';
import { pill } from '../../html/tone.ts';
import type { OverviewState } from '../feed.ts';
import { table } from '../table.ts';

/** Each stream: how far it is received and indexed, how far behind, and how long there is. */
export function streamsSection({ picture }: OverviewState): Html {
  if (picture === null || !auditInUse(picture)) return html`<section id="streams" hidden></section>`;
  return html`<section id="streams" class="card" aria-labelledby="streams-title"><h2 id="streams-title">Streams</h2>
${table(
  'Streams',
  [
    ['Stream', ''],
    ['Received up to (UTC)', ''],
    ['Indexed up to (UTC)', ''],
    ['Lag', 'number'],
    ['Replay window', 'number'],
    ['In flight', 'number'],
    ['Next batch to', ''],
    ['Polled by', ''],
  ],
  picture.streams.map((stream) => streamRow(stream, picture)),
  'No stream is known.',
)}</section>`;
}

function streamRow(stream: StreamPicture, { takenAt }: Picture): Html {
  const { id, kind, received, indexed, inFlight, leaseHolder, readsBy } = stream;
  const way = readsBy === null ? null : html` <span class="quiet">reads by ${readsBy}</span>`;
  const name = html`<th scope="row">${id}${kind === 'live' ? null : html` <span class="tag">${kind}</span>`}${way}</th>`;
  if (received === null || indexed === null) {
    return html`<tr>${name}<td colspan="7" class="quiet">not started yet</td></tr>`;
  }
  return html`<tr>${name}<td data-label="Received up to">${reached(received, takenAt)}</td><td data-label="Indexed up to">${reached(indexed, takenAt)}</td>
<td data-label="Lag" class="number">${known(stream.lagSeconds, (seconds) => (seconds === 0 ? 'none' : duration(seconds * 1_000)))}</td>
<td data-label="Replay window" class="number">${closing(stream, takenAt)}</td><td data-label="In flight" class="number">${count(inFlight)}</td>
<td data-label="Next batch to">${outlet(stream, takenAt)}</td><td data-label="Polled by" class="id">${leaseHolder === null ? pill('look', 'nobody') : leaseHolder}</td></tr>`;
}

function reached({ seq, at }: NonNullable<StreamPicture['received']>, now: number): Html {
  return html`${at === null ? known(null, String) : moment(at, now)} <span class="quiet">page ${count(seq)}</span>`;
}

function closing({ replayClosesAt, replayWindowMs }: StreamPicture, now: number): Html | string {
  if (replayClosesAt === null || replayWindowMs === null) return known(null, String);
  const left = replayClosesAt - now;
  if (left <= 0) return pill('bad', 'has closed');
  return left < replayWindowMs / 4 ? pill('bad', `closes in ${duration(left)}`) : duration(left);
}

function outlet({ kind, outlet: way, pausedUntil, spoolBatches }: StreamPicture, now: number): Html | string {
  if (pausedUntil !== null && pausedUntil > now) {
    return html`${pill('look', 'paused by Genesys')} <span class="quiet">until ${moment(pausedUntil, now)}</span>`;
  }
  switch (way) {
    case 'queue':
      return 'queue';
    case 'spool':
      return html`${pill('look', 'spool')} <span class="quiet">${known(spoolBatches, count)} batches</span>`;
    case 'none':
      return kind === 'live' ? pill('bad', 'nowhere: both full') : 'waits for room on the queue';
    case null:
      return known(null, String);
    default:
      return way satisfies never;
  }
}
