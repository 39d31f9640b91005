import type { TotalName } from '@trunkline/contracts';
import { auditInUse, count } from '@trunkline/overview';
import { type Html, html } from '../../html/html.ts';
import type { OverviewState } from '../feed.ts';

/** What the pipeline had to put right by itself, since its first start. Each was logged as an error, with the stream. */
const recoveries: readonly [TotalName, string][] = [
  ['rewinds', 'went back to the watermark: a batch was missing from Redis'],
  ['recoveries', 'went on from the checkpoint in Elasticsearch: Redis held no state'],
  ['gapRecords', 'gap records: stretches that a reconcile has to judge'],
];

export function recoveriesSection({ picture }: OverviewState): Html {
  if (picture === null || !auditInUse(picture)) return html`<section id="recoveries" hidden></section>`;
  return html`<section id="recoveries" class="card" aria-labelledby="recoveries-title"><h2 id="recoveries-title">Recoveries</h2><table class="prose">
<tbody>${recoveries.map(([name, meaning]) => html`<tr><td class="number">${count(picture.totals[name] ?? 0)}</td><td>${meaning}</td></tr>`)}</tbody></table></section>`;
}
