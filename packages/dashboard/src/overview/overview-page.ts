import type { Visitor } from '../access/sessions.ts';
import { type Html, html } from '../html/html.ts';
import { page } from '../html/layout.ts';
import { archiveSection } from './archive/archive-section.ts';
import { auditInUse } from './audit-in-use.ts';
import type { OverviewState } from './feed.ts';
import { moment } from './figures.ts';
import type { Finding } from './finding.ts';
import { picture } from './picture.ts';
import { processCards } from './processes.ts';
import { recoveryTable } from './recoveries.ts';
import type { Snapshot } from './snapshot.ts';
import { queueTable, streamTable } from './tables.ts';
import { tiles } from './tiles.ts';
import { findings } from './verdict.ts';

export function overviewPage(state: OverviewState, visitor: Visitor): string {
  const [worst] = findings(state);
  return page({
    title: `${worst === undefined ? 'All is well' : worst.level === 'bad' ? 'Trouble' : 'Have a look'} · Trunkline`,
    visitor,
    main: html`${visitor.name === null ? openNotice() : null}<main id="main">${overview(state)}</main>`,
    script: 'overview.js',
  });
}

/** What changes while one looks: sent again each second. */
export function overview(state: OverviewState): Html {
  const { snapshot } = state;
  return html`${verdict(findings(state), state)}
${
  snapshot === null
    ? null
    : html`${auditSection(state, snapshot)}
${archiveSection(snapshot)}
<div class="pair"><div class="column">${auditInUse(snapshot) ? [streamTable(snapshot), recoveryTable(snapshot)] : null}</div>${queueTable(snapshot)}</div>
${processCards(snapshot)}`
}`;
}

/** The audit pipeline, or a quiet line where this deployment has none. */
function auditSection(state: OverviewState, snapshot: Snapshot): Html {
  if (auditInUse(snapshot)) return html`${picture(snapshot)}\n${tiles(state)}`;
  return html`<p class="quiet">This deployment indexes no audit events: its fetchers work for the archive alone, and no indexer is alive.</p>`;
}

function verdict(found: readonly Finding[], { snapshot }: OverviewState): Html {
  const worst = found[0]?.level ?? 'good';
  const title = { good: 'All is well', look: 'Running; something to look at', bad: 'Something is wrong' }[
    worst
  ];
  const asOf =
    snapshot === null
      ? null
      : html`<p class="as-of">as of ${moment(snapshot.takenAt, snapshot.takenAt)} UTC</p>`;
  const list = html`<ul>${found.map(({ level, text, href }) => html`<li class="${level}">${href === null ? text : html`<a href="${href}">${text}</a>`}</li>`)}</ul>`;
  return html`<section class="verdict ${worst}" aria-labelledby="verdict"><div><h1 id="verdict">${title}</h1>${asOf}</div>${found.length === 0 ? null : list}</section>`;
}

function openNotice(): Html {
  return html`<p class="notice">This dashboard has no users: everybody on this machine may look, nobody may act. To retry failed jobs here, set <code>DASHBOARD_USERS</code> with an operator.</p>`;
}
