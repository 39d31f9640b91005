import type { TotalName } from '@trunkline/contracts';
import { type Html, html } from '../html/html.ts';
import { count } from './figures.ts';
import type { Snapshot } from './snapshot.ts';

/** What the pipeline had to put right by itself, since its first start. Each was logged as an error, with the stream. */
const recoveries: readonly [TotalName, string][] = [
  ['rewinds', 'went back to the watermark: a batch was missing from Redis'],
  ['recoveries', 'went on from the checkpoint in Elasticsearch: Redis held no state'],
  ['gapRecords', 'gap records: stretches that a reconcile has to judge'],
];

export function recoveryTable({ totals }: Snapshot): Html {
  return html`<section class="card"><h2>Recoveries</h2><table class="prose">
<tbody>${recoveries.map(([name, meaning]) => html`<tr><td class="number">${count(totals[name] ?? 0)}</td><td>${meaning}</td></tr>`)}</tbody></table></section>`;
}
