import type { Heartbeat } from '@trunkline/contracts';
import { type Html, html } from '../html/html.ts';
import { count } from './figures.ts';
import type { QueueDepth } from './snapshot.ts';

export type Tone = 'good' | 'look' | 'bad' | 'plain';

/** One station of the data's way: its name, what it is doing, how well. */
export function station(name: string, text: string, tone: Tone, href: string | null = null): Html {
  const title = href === null ? name : html`<a href="${href}">${name}</a>`;
  return html`<li class="station ${tone}"><span class="name">${title}</span><span class="state">${text}</span></li>`;
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

function isWell(process: Heartbeat): boolean {
  return process.live && process.ready;
}

export function depthText(queue: QueueDepth | undefined): string {
  if (queue === undefined) return 'not known';
  return `${count(queue.waiting + queue.delayed)} waiting, ${count(queue.active)} in hand`;
}

export function queueTone(queue: QueueDepth | undefined): Tone {
  if (queue === undefined) return 'plain';
  return queue.failed > 0 || queue.paused ? 'look' : 'good';
}

const order: readonly Tone[] = ['plain', 'good', 'look', 'bad'];

/** The tone of a station that is both. */
export function worse(one: Tone, other: Tone): Tone {
  return order.indexOf(one) > order.indexOf(other) ? one : other;
}
