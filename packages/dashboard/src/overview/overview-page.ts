import type { Range, Sample } from '@trunkline/overview';
import type { Visitor } from '../access/sessions.ts';
import { type Html, html } from '../html/html.ts';
import { page } from '../html/layout.ts';
import type { OverviewState } from './feed.ts';
import { archiveWaySection } from './sections/archive-way.ts';
import { auditWaySection } from './sections/audit-way.ts';
import { chartsSection } from './sections/charts.ts';
import { deadLettersSection } from './sections/dead-letters.ts';
import { processesSection } from './sections/processes.ts';
import { queuesSection } from './sections/queues.ts';
import { recoveriesSection } from './sections/recoveries.ts';
import { safeguardsSection } from './sections/safeguards.ts';
import { streamsSection } from './sections/streams.ts';
import { asOf, pageTitle, verdictSection } from './sections/verdict.ts';
import { vitalsSection } from './sections/vitals.ts';
import { windowsSection } from './sections/windows.ts';

/** What the page shows, and what of it each browser has chosen. */
export interface OverviewView {
  readonly state: OverviewState;
  readonly samples: readonly Sample[];
  readonly range: Range;
}

/** The parts of the page that change while one looks, by their id; each is sent again when it has changed. */
export function overviewParts({ state, samples, range }: OverviewView): Record<string, Html> {
  return {
    'as-of': asOf(state),
    verdict: verdictSection(state),
    vitals: vitalsSection(state),
    audit: auditWaySection(state),
    charts: chartsSection(state, samples, range),
    streams: streamsSection(state),
    safeguards: safeguardsSection(state),
    'dead-letters': deadLettersSection(state),
    recoveries: recoveriesSection(state),
    archive: archiveWaySection(state),
    windows: windowsSection(state),
    queues: queuesSection(state),
    processes: processesSection(state),
  };
}

export function overviewPage(view: OverviewView, visitor: Visitor): string {
  const parts = overviewParts(view);
  const part = (id: string): Html | null => parts[id] ?? null;
  return page({
    title: pageTitle(view.state),
    visitor,
    current: 'overview',
    main: html`${visitor.name === null ? openNotice() : null}<main id="main" class="overview">
<div class="row top"><p class="crumb">Overview</p>${part('as-of')}</div>
${['verdict', 'vitals', 'audit', 'charts', 'streams'].map(part)}
<div class="grid three">${['safeguards', 'dead-letters', 'recoveries'].map(part)}</div>
${['archive', 'windows'].map(part)}
<div class="grid lower">${['queues', 'processes'].map(part)}</div>
</main>`,
    script: 'overview.js',
  });
}

function openNotice(): Html {
  return html`<p class="notice">This dashboard has no users: everybody on this machine may look, nobody may act. To retry failed jobs here, set <code>DASHBOARD_USERS</code> with an operator.</p>`;
}
