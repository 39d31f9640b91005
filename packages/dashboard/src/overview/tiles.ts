import { AUDIT_DEAD_LETTER, AUDIT_INDEX } from '@trunkline/contracts';
import { type Html, html } from '../html/html.ts';
import { chart } from './chart.ts';
import type { OverviewState } from './feed.ts';
import { count, duration, known, rate } from './figures.ts';
import { lagMs } from './lag.ts';
import { rates } from './rates.ts';
import type { Snapshot } from './snapshot.ts';
import { tile, total } from './tile.ts';

/** The six figures of the audit pipeline. */
export function tiles(state: OverviewState): Html {
  const { snapshot } = state;
  const depth = (name: string) => snapshot?.queues.find((queue) => queue.name === name);
  const batches = depth(AUDIT_INDEX);
  const waiting = batches && batches.waiting + batches.delayed;
  const lag = snapshot === null ? null : longestLagMs(snapshot);
  return html`<section aria-label="Figures of audit events" class="tiles">
${movingTile('Received', state, 'received')}
${movingTile('Indexed', state, 'created')}
${tile('Lag', known(lag, lagText), 'from received to indexed')}
${tile('Waiting', known(waiting, count), html`batches; ${known(batches?.active, count)} in hand`)}
${tile('Duplicates', total(snapshot?.totals, 'duplicate'), 'discarded, as they should be')}
${tile(deadLetterLink, known(depth(AUDIT_DEAD_LETTER)?.failed, count), 'wait for a person')}
</section>`;
}

const deadLetterLink = html`<a href="/queues/queue/${AUDIT_DEAD_LETTER}?status=failed">Dead letters</a>`;

/** A total with its rate and the shape of its last two minutes. */
function movingTile(label: string, { snapshot, history }: OverviewState, name: string): Html {
  const points = rates(history, name);
  const figure = html`${known(points.at(-1)?.perSecond, rate)}<span class="unit">/s</span>`;
  return tile(label, figure, html`${total(snapshot?.totals, name)} in all`, chart(points));
}

function longestLagMs({ streams }: Snapshot): number | null {
  const lags = streams.map(({ stream }) => (stream.state === null ? null : lagMs(stream.state)));
  return lags.reduce((longest, lag) => (longest === null || lag === null ? null : Math.max(longest, lag)), 0);
}

function lagText(ms: number): string {
  return ms === 0 ? 'none' : duration(ms);
}
