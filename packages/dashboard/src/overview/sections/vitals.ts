import { AUDIT_DEAD_LETTER, AUDIT_INDEX } from '@trunkline/contracts';
import { auditInUse, count, duration, longestLagSeconds, type Picture, rate } from '@trunkline/overview';
import { type Html, html } from '../../html/html.ts';
import { known } from '../../html/shown.ts';
import type { Tone } from '../../html/tone.ts';
import type { OverviewState } from '../feed.ts';
import { deadLettersLink, queueLink } from '../links.ts';
import { rateNow } from '../rate-now.ts';

interface Vital {
  name: string;
  figure: Html | string;
  unit: string;
  note: Html | string;
  tone: Tone;
  href: string | null;
}

/** Six figures of the audit pipeline. */
export function vitalsSection(state: OverviewState): Html {
  const { picture } = state;
  const inUse = picture !== null && auditInUse(picture);
  return html`<section id="vitals" class="vitals" aria-label="Figures of audit events"${inUse ? null : html` hidden`}>${inUse ? vitals(state, picture).map(vital) : null}</section>`;
}

function vitals(state: OverviewState, picture: Picture): Vital[] {
  const depth = picture.queues.find(({ name }) => name === AUDIT_INDEX);
  const waiting = depth && depth.waiting + depth.delayed;
  const dead = picture.queues.find(({ name }) => name === AUDIT_DEAD_LETTER)?.failed ?? null;
  const lag = longestLagSeconds(picture);
  const [lagFigure = '', lagUnit = ''] = (lag === null ? '' : duration(lag * 1_000)).split(' ');
  const closing = closingFirst(picture);
  return [
    {
      name: 'Received',
      figure: known(rateNow(state, 'received'), rate),
      unit: '/s',
      note: html`${total(picture, 'received')} in all`,
      tone: 'plain',
      href: null,
    },
    {
      name: 'Indexed',
      figure: known(rateNow(state, 'created'), rate),
      unit: '/s',
      note: html`${total(picture, 'created')} in all, ${total(picture, 'duplicate')} duplicates`,
      tone: 'plain',
      href: null,
    },
    {
      name: 'Lag',
      figure: known(lag, () => lagFigure),
      unit: lagUnit,
      note: 'from Genesys to Elasticsearch',
      tone: lag !== null && lag > 300 ? 'look' : 'plain',
      href: '#streams',
    },
    {
      name: 'Waiting',
      figure: known(waiting, count),
      unit: '',
      note: html`batches; ${known(depth?.active, count)} in hand`,
      tone: 'plain',
      href: queueLink(AUDIT_INDEX, 'waiting'),
    },
    {
      name: 'Replay window',
      figure: closing === null ? known(null, String) : (closing.split(' ')[0] ?? ''),
      unit: closing?.split(' ')[1] ?? '',
      note: 'left to fetch what is new',
      tone: 'plain',
      href: '#streams',
    },
    {
      name: 'Dead letters',
      figure: known(dead, count),
      unit: '',
      note: dead === 0 ? 'nothing waits for a person' : 'wait for a person',
      tone: dead !== null && dead > 0 ? 'look' : 'plain',
      href: deadLettersLink('audit'),
    },
  ];
}

function vital({ name, figure, unit, note, tone, href }: Vital): Html {
  const title = href === null ? name : html`<a href="${href}">${name}</a>`;
  return html`<div class="card vital ${tone}"><h2>${title}</h2><p class="figure">${figure}<span class="unit">${unit}</span></p><p class="note">${note}</p></div>`;
}

function total({ totals }: Picture, name: keyof Picture['totals']): string {
  return count(totals[name] ?? 0);
}

/** The shortest time that is left of the streams' replay windows, in words. */
function closingFirst({ streams, takenAt }: Picture): string | null {
  const left = streams.flatMap(({ replayClosesAt }) =>
    replayClosesAt === null ? [] : [replayClosesAt - takenAt],
  );
  return left.length === 0 ? null : duration(Math.max(0, Math.min(...left)));
}
