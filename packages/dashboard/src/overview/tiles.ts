import { AUDIT_DEAD_LETTER, AUDIT_INDEX } from '@trunkline/contracts';
import { type Html, html } from '../html/html.ts';
import { chart } from './chart.ts';
import type { OverviewState } from './feed.ts';
import { count, duration, known, rate } from './figures.ts';
import { lagMs } from './lag.ts';
import { ratePerSecond, rates } from './rates.ts';

/** The six figures of the pipeline. */
export function tiles({ snapshot, history }: OverviewState): Html {
  const queue = (name: string) => snapshot?.queues.find((depth) => depth.name === name);
  const batches = queue(AUDIT_INDEX);
  const lags = (snapshot?.streams ?? []).map(({ stream }) =>
    stream.state === null ? null : lagMs(stream.state),
  );
  const lag = lags.length === 0 || lags.includes(null) ? null : Math.max(...(lags as number[]));
  const total = (name: string) => known(snapshot?.totals[name], count);
  return html`<section aria-label="Figures" class="tiles">
${tile('Received', perSecond(ratePerSecond(history, 'received')), html`${total('received')} events in all`, rates(history, 'received'))}
${tile('Indexed', perSecond(ratePerSecond(history, 'created')), html`${total('created')} events in all`, rates(history, 'created'))}
${tile(
  'Lag',
  known(lag, (ms) => (ms === 0 ? 'none' : duration(ms))),
  'from received to indexed',
)}
${tile('Waiting', known(batches && batches.waiting + batches.delayed, count), html`batches; ${known(batches?.active, count)} in hand`)}
${tile('Duplicates', total('duplicate'), 'discarded, as they should be')}
${tile('Dead letters', known(queue(AUDIT_DEAD_LETTER)?.failed, count), 'wait for a person', null, `/queues/queue/${AUDIT_DEAD_LETTER}?status=failed`)}
</section>`;
}

function tile(
  label: string,
  figure: Html | string,
  note: Html | string,
  points: readonly (number | null)[] | null = null,
  href: string | null = null,
): Html {
  const title = href === null ? label : html`<a href="${href}">${label}</a>`;
  return html`<div class="card tile"><h2>${title}</h2><p class="figure">${figure}</p><p class="note">${note}</p>${points === null ? null : chart(points)}</div>`;
}

function perSecond(value: number | null): Html {
  return html`${known(value, rate)}<span class="unit">/s</span>`;
}
