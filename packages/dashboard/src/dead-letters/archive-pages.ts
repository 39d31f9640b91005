import type { ArchiveLetter } from '@trunkline/dead-letters';
import { bytes } from '@trunkline/overview';
import type { Visitor } from '../access/sessions.ts';
import { type Html, html } from '../html/html.ts';
import { moment } from '../html/shown.ts';
import { pill } from '../html/tone.ts';
import { table } from '../overview/table.ts';
import { letterPage } from './letter-page.ts';
import { chooser } from './list-page.ts';

/** @param canChoose whether somebody may decide about them here */
export function archiveRows(letters: readonly ArchiveLetter[], canChoose: boolean, now: number): Html | null {
  if (letters.length === 0) return null;
  return table(
    'Dead letters',
    [
      ...(canChoose ? ([['Choose', '']] as const) : []),
      ['Dead letter', ''],
      ['Reason', ''],
      ['Window', ''],
      ['Batch', ''],
      ['Size', 'number'],
      ['Since (UTC)', ''],
      ['Status', ''],
    ],
    letters.map((letter) => row(letter, canChoose, now)),
    '',
  );
}

function row(letter: ArchiveLetter, canChoose: boolean, now: number): Html {
  const { id, code, windowId, batch, index, deadLetteredAt, status } = letter;
  return html`<tr>${canChoose ? html`<td class="choose">${status === 'waiting' ? chooser(id) : null}</td>` : null}<th scope="row" class="id"><a href="/dead-letters/archive/${encodeURIComponent(id)}">${id}</a></th>
<td data-label="Reason"><code>${code}</code></td><td data-label="Window">${windowId}</td><td data-label="Batch">${batch}, place ${index}</td><td data-label="Size" class="number">${bytes(letter.bytes)}</td>
<td data-label="Since">${moment(Date.parse(deadLetteredAt), now)}</td><td data-label="Status">${statusPill(letter)}</td></tr>`;
}

function statusPill({ status }: ArchiveLetter): Html {
  return status === 'waiting' ? pill('look', 'waiting') : pill('plain', 'under way');
}

/** @param hasStage whether this dashboard is told where the stage is */
export function archiveLetterPage(
  letter: ArchiveLetter,
  visitor: Visitor,
  now: number,
  hasStage: boolean,
  revealed: string | null = null,
): string {
  const { id, code, windowId, batch, index, deadLetteredAt, sha256, status } = letter;
  const sealed = html`<p class="none">A conversation that is not redacted; nothing of it is shown${hasStage ? null : ', and STAGE_URL is not set for this dashboard'}.</p>`;
  return letterPage({
    pipeline: 'archive',
    id,
    visitor,
    code,
    status: statusPill(letter),
    isOpen: status === 'waiting',
    facts: [
      ['Reason', html`<code>${code}</code>`],
      ['Window', windowId],
      ['Batch', `${batch}, place ${index}`],
      ['Since', html`${moment(Date.parse(deadLetteredAt), now)} UTC`],
      ['Size', bytes(letter.bytes)],
      ['Digest', html`<code>${sha256}</code>`],
    ],
    what: 'conversation',
    shape: sealed,
    revealed,
    canReveal: hasStage,
    canDiscard: hasStage,
  });
}
