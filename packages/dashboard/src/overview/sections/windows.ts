import type { HeldBackWindow } from '@trunkline/contracts';
import {
  archiveInUse,
  bytes,
  count,
  dollars,
  type FailedStep,
  type WindowPicture,
} from '@trunkline/overview';
import { type Html, html } from '../../html/html.ts';
import { known, moment } from '../../html/shown.ts';
import { pill } from '../../html/tone.ts';
import type { OverviewState } from '../feed.ts';
import { queueLink, windowLink } from '../links.ts';
import { table } from '../table.ts';

/** What stands failed of windows, and the last windows: how they ended, how much, and what is on record. */
export function windowsSection({ picture }: OverviewState): Html {
  if (picture === null || !archiveInUse(picture)) return html`<section id="windows" hidden></section>`;
  const { archive, takenAt } = picture;
  return html`<section id="windows" class="card" aria-labelledby="windows-title">
${archive.heldBack.length === 0 ? null : html`<h2>Windows that are held back</h2>${heldBackTable(archive.heldBack, takenAt)}`}
${archive.failedSteps.length === 0 ? null : html`<h2>Windows that stand failed</h2>${failedTable(archive.failedSteps, takenAt)}`}
<h2 id="windows-title">Last windows</h2>
${table(
  'Last windows',
  [
    ['Window', ''],
    ['Ended', ''],
    ['Conversations', 'number'],
    ['Missing texts', 'number'],
    ['Stored', 'number'],
    ['Cost a month', 'number'],
    ['Digest', ''],
    ['Compliance record', ''],
    ['At (UTC)', ''],
  ],
  archive.windows.map((window) => windowRow(window, takenAt)),
  'No window has ended yet.',
)}</section>`;
}

function windowRow(window: WindowPicture, now: number): Html {
  const ended = window.status === 'SUCCESS' ? pill('good', 'archived') : pill('bad', 'failed');
  return html`<tr><th scope="row">${window.windowId}</th><td data-label="Ended">${ended}</td>
<td data-label="Conversations" class="number">${known(window.conversations, count)}</td><td data-label="Missing texts" class="number">${missingTexts(window)}</td><td data-label="Stored" class="number">${known(window.bytes, bytes)}</td>
<td data-label="Cost a month" class="number">${known(window.cost, dollars)}</td><td data-label="Digest">${window.integrity === null ? known(null, String) : digest(window.integrity)}</td>
<td data-label="Compliance record">${record(window)}</td><td data-label="At">${moment(Date.parse(window.at), now)}</td></tr>`;
}

/** None is the rule, and quiet. */
function missingTexts({ windowId, missingTexts: missing }: WindowPicture): Html | string {
  if (missing === null || missing === 0) return known(missing, count);
  return html`<a href="${windowLink(windowId)}">${pill('look', count(missing))}</a>`;
}

function digest(integrity: NonNullable<WindowPicture['integrity']>): Html | string {
  return integrity === 'verified'
    ? 'verified'
    : html`<span title="Genesys stated no digest for it">length only</span>`;
}

function record({ record: state }: WindowPicture): Html | string {
  switch (state) {
    case 'recorded':
      return 'in the chain';
    case 'waiting':
      return pill('plain', 'on its way');
    case 'failed':
      return html`<a href="${queueLink('archive-compliance', 'failed')}">${pill('bad', 'failed')}</a>`;
    case null:
      return html`<span class="quiet">failure told</span>`;
    default:
      return state satisfies never;
  }
}

function heldBackTable(windows: readonly HeldBackWindow[], now: number): Html {
  return table(
    'Windows that are held back',
    [
      ['Window', ''],
      ['Genesys', ''],
      ['Since (UTC)', ''],
      ['Looked at again', ''],
    ],
    windows.map(
      ({ windowId, why, since, until }) =>
        html`<tr><th scope="row"><a href="${windowLink(windowId)}">${windowId}</a></th><td data-label="Genesys">${why}</td><td data-label="Since">${moment(Date.parse(since), now)}</td><td data-label="Looked at again">${moment(Date.parse(until), now)}</td></tr>`,
    ),
    '',
  );
}

function failedTable(steps: readonly FailedStep[], now: number): Html {
  return table(
    'Windows that stand failed',
    [
      ['Window', ''],
      ['Job', ''],
      ['Error', ''],
      ['At (UTC)', ''],
    ],
    steps.map(({ windowId, queue, jobId, code, failedAt }) => {
      const href = `${queueLink(queue)}/${encodeURIComponent(jobId)}`;
      return html`<tr><th scope="row">${windowId}</th><td data-label="Job"><a href="${href}">${queue}</a></td><td data-label="Error">${code === null ? 'unforeseen error' : html`<code>${code}</code>`}</td><td data-label="At">${failedAt === null ? known(null, String) : moment(failedAt, now)}</td></tr>`;
    }),
    '',
  );
}
