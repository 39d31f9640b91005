import { closedText, type ShownLetter } from '@trunkline/dead-letters';
import type { DeadLetter, DeadLetterStatus } from '@trunkline/elasticsearch-sink';
import type { Visitor } from '../access/sessions.ts';
import { type Html, html } from '../html/html.ts';
import { known, moment } from '../html/shown.ts';
import { pill, type Tone } from '../html/tone.ts';
import { table } from '../overview/table.ts';
import { letterPage } from './letter-page.ts';
import { chooser } from './list-page.ts';

export const letterStatuses = [
  'open',
  'requeued',
  'discarded',
] as const satisfies readonly DeadLetterStatus[];

const tones: Record<DeadLetterStatus, Tone> = { open: 'look', requeued: 'good', discarded: 'plain' };

/** @param canChoose whether somebody may decide about them here */
export function auditRows(letters: readonly DeadLetter[], canChoose: boolean, now: number): Html | null {
  if (letters.length === 0) return null;
  return table(
    'Dead letters',
    [
      ...(canChoose ? ([[choice, '']] as const) : []),
      ['Dead letter', ''],
      ['Reason', ''],
      ['Field', ''],
      ['Stream', ''],
      ['Since (UTC)', ''],
      ['Tried again', 'number'],
      ['Status', ''],
    ],
    letters.map((letter) => row(letter, canChoose, now)),
    '',
  );
}

const choice = 'Choose';

function row(letter: DeadLetter, canChoose: boolean, now: number): Html {
  const { id, code, field, stream, deadLetteredAt, attempts, status } = letter;
  return html`<tr>${canChoose ? html`<td class="choose">${status === 'open' ? chooser(id) : null}</td>` : null}<th scope="row" class="id"><a href="/dead-letters/audit/${encodeURIComponent(id)}">${id}</a></th>
<td data-label="Reason"><code>${code}</code></td><td data-label="Field">${known(field, (name) => name)}</td><td data-label="Stream">${stream}</td>
<td data-label="Since">${moment(Date.parse(deadLetteredAt), now)}</td><td data-label="Tried again" class="number">${attempts}</td><td data-label="Status">${pill(tones[status], status)}</td></tr>`;
}

export function auditLetterPage(
  { letter, fields, closed }: ShownLetter,
  visitor: Visitor,
  now: number,
  revealed: string | null = null,
): string {
  const { id, code, errorType, field, eventId, stream, digest, status } = letter;
  return letterPage({
    pipeline: 'audit',
    id,
    visitor,
    code,
    status: pill(tones[status], status),
    isOpen: status === 'open',
    facts: [
      [
        'Reason',
        html`<code>${code}</code>${errorType === null ? null : html` <span class="quiet">${errorType}</span>`}`,
      ],
      ['Field', known(field, (name) => name)],
      ['Event', known(eventId, (name) => name)],
      ['Stream', stream],
      ['Since', html`${moment(Date.parse(letter.deadLetteredAt), now)} UTC`],
      ['Tried again', `${letter.attempts} times`],
      ...decided(letter, now),
      ['Digest', html`<code>${digest}</code>`],
    ],
    what: 'event',
    shape:
      fields === null
        ? html`<p class="none">Its fields are not shown: ${closedText(closed)}.</p>`
        : shape(fields),
    revealed,
    canReveal: closed === null || closed === 'not-an-object',
    canDiscard: true,
  });
}

function decided(
  { changedAt, by, discardReason }: DeadLetter,
  now: number,
): (readonly [string, Html | string])[] {
  return [
    ...(changedAt === null
      ? []
      : [
          [
            'Last changed',
            html`${moment(Date.parse(changedAt), now)} UTC${by === null ? null : ` by ${by}`}`,
          ] as const,
        ]),
    ...(discardReason === null ? [] : [['Discarded because', discardReason] as const]),
  ];
}

function shape(fields: NonNullable<ShownLetter['fields']>): Html {
  return table(
    'Fields',
    [
      ['Field', ''],
      ['Holds', ''],
    ],
    fields.map(
      ({ name, shape: holds }) =>
        html`<tr><th scope="row" class="id">${name}</th><td data-label="Holds">${holds}</td></tr>`,
    ),
    'It has no fields.',
    'figures',
  );
}
