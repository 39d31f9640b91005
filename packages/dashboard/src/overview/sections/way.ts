import type { Heartbeat } from '@trunkline/contracts';
import { count, type QueueDepth } from '@trunkline/overview';
import { type Html, html } from '../../html/html.ts';
import { type Icon, icon } from '../../html/icons.ts';
import type { Tone } from '../../html/tone.ts';

/** One station of the data's way. */
export interface Station {
  readonly name: string;
  readonly icon: Icon;
  /** What it is doing, a line each. */
  readonly says: readonly (Html | string)[];
  readonly tone: Tone;
  readonly href: string | null;
  /** What flows on to the next station. */
  readonly flow: Flow | null;
}

export interface Flow {
  /** With its unit; `null`: not known. */
  readonly text: string | null;
  readonly moves: boolean;
}

const toneWords: Record<Tone, string> = { plain: '', good: 'well', look: 'have a look', bad: 'wrong' };

/** Stations from left to right, on a phone from top to bottom; between them what flows. */
export function way(stations: readonly Station[]): Html {
  return html`<ol class="way">${stations.map(station)}</ol>`;
}

function station({ name, icon: sign, says, tone, href, flow }: Station): Html {
  const title = href === null ? name : html`<a href="${href}">${name}</a>`;
  const told = toneWords[tone] === '' ? null : html`<span class="hidden">${toneWords[tone]}:</span> `;
  return html`<li class="station ${tone}"><span class="dot">${icon(sign)}</span>${flow === null ? null : html`<span class="flow${flow.moves ? ' moves' : ''}"><span class="rate">${flow.text ?? ''}</span></span>`}
<div class="about"><p class="name">${title}</p>${says.map((line, place) => html`<p class="state">${place === 0 ? told : null}${line}</p>`)}</div></li>`;
}

export function replicas(processes: readonly Heartbeat[]): string {
  if (processes.length === 0) return 'none alive';
  const ready = processes.filter(isWell).length;
  return ready === processes.length ? `${ready} ready` : `${ready} of ${processes.length} ready`;
}

export function toneOf(processes: readonly Heartbeat[]): Tone {
  if (!processes.some(isWell)) return 'bad';
  return processes.every(isWell) ? 'good' : 'look';
}

function isWell({ live, ready }: Heartbeat): boolean {
  return live && ready;
}

export function depthLines(queue: QueueDepth | undefined): string[] {
  if (queue === undefined) return ['not known'];
  const { waiting, delayed, active, failed, paused } = queue;
  return [
    ...(paused ? ['paused'] : []),
    `${count(waiting + delayed)} waiting, ${count(active)} in hand`,
    ...(failed > 0 ? [`${count(failed)} failed`] : []),
  ];
}

export function queueTone(queue: QueueDepth | undefined): Tone {
  if (queue === undefined) return 'plain';
  return queue.failed > 0 || queue.paused ? 'look' : 'good';
}
