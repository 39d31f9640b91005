import type { ArchivedWindow } from '@trunkline/contracts';
import { type Html, html } from '../../html/html.ts';
import { bytes, count, dollars, known, moment } from '../figures.ts';
import type { Snapshot } from '../snapshot.ts';
import type { FailedStep } from './archive-snapshot.ts';

const windowsShown = 14;

/** The last windows: how they ended, how much, and whether Genesys had stated a digest. */
export function windowTable({ archive, takenAt }: Snapshot): Html {
  const rows = archive.windows.slice(0, windowsShown).map((window) => windowRow(window, takenAt));
  const none = html`<tr><td colspan="7" class="quiet">no window has ended yet</td></tr>`;
  return html`<section class="card"><h2>Last windows</h2><div class="scroll" role="region" aria-label="Last windows" tabindex="0"><table>
<thead><tr><th scope="col">Window</th><th scope="col">Ended</th><th scope="col" class="number">Conversations</th><th scope="col" class="number">Stored</th><th scope="col" class="number">Cost a month</th><th scope="col">Digest</th><th scope="col">At (UTC)</th></tr></thead>
<tbody>${rows.length === 0 ? none : rows}</tbody></table></div></section>`;
}

function windowRow(window: ArchivedWindow, now: number): Html {
  const ended =
    window.status === 'SUCCESS'
      ? html`<span class="pill good">archived</span>`
      : html`<span class="pill bad">failed</span>`;
  return html`<tr><th scope="row">${window.windowId}</th><td>${ended}</td>
<td class="number">${known(window.conversations, count)}</td><td class="number">${known(window.bytes, bytes)}</td><td class="number">${known(window.cost, dollars)}</td>
<td>${window.integrity === null ? known(null, String) : digest(window.integrity)}</td><td>${moment(Date.parse(window.at), now)}</td></tr>`;
}

function digest(integrity: NonNullable<ArchivedWindow['integrity']>): Html | string {
  return integrity === 'verified'
    ? 'verified'
    : html`<span title="Genesys stated no digest for it">length only</span>`;
}

/** What stands failed of windows, each with its job; nothing where nothing does. */
export function failedStepTable({ archive, takenAt }: Snapshot): Html | null {
  if (archive.failedSteps.length === 0) return null;
  return html`<section class="card"><h2>Windows that stand failed</h2><div class="scroll" role="region" aria-label="Windows that stand failed" tabindex="0"><table>
<thead><tr><th scope="col">Window</th><th scope="col">Job</th><th scope="col">Error</th><th scope="col">At (UTC)</th></tr></thead>
<tbody>${archive.failedSteps.map((step) => failedRow(step, takenAt))}</tbody></table></div></section>`;
}

function failedRow({ windowId, queue, jobId, code, failedAt }: FailedStep, now: number): Html {
  const href = `/queues/queue/${queue}/${encodeURIComponent(jobId)}`;
  return html`<tr><th scope="row">${windowId}</th><td><a href="${href}">${queue}</a></td><td>${code ?? 'unforeseen error'}</td><td>${failedAt === null ? known(null, String) : moment(failedAt, now)}</td></tr>`;
}
