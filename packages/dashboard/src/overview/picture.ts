import { AUDIT_DEAD_LETTER, AUDIT_INDEX, type Heartbeat } from '@trunkline/contracts';
import { type Html, html } from '../html/html.ts';
import { count } from './figures.ts';
import type { Snapshot } from './snapshot.ts';

type Tone = 'good' | 'look' | 'bad' | 'plain';

/** The data's way from left to right (on a phone from top to bottom), with how each station is doing. */
export function picture(snapshot: Snapshot): Html {
  const depth = (name: string) => snapshot.queues.find((queue) => queue.name === name);
  const waiting = depth(AUDIT_INDEX);
  const deadLetters = depth(AUDIT_DEAD_LETTER)?.failed ?? 0;
  const fetchers = snapshot.processes.filter((process) => process.service === 'fetcher');
  const indexers = snapshot.processes.filter((process) => process.service === 'indexer');
  return html`<section class="card way" aria-label="The data's way"><ol>
${station('Genesys Cloud', 'audit event stream', 'plain')}
${station('Fetchers', replicas(fetchers), toneOf(fetchers))}
${station('Queue', waiting === undefined ? 'not known' : `${count(waiting.waiting + waiting.delayed)} waiting, ${count(waiting.active)} in hand`, queueTone(waiting), `/queues/queue/${AUDIT_INDEX}`)}
${station('Indexers', replicas(indexers), toneOf(indexers))}
${station('Elasticsearch', deadLetters === 0 ? 'no dead letters' : `${count(deadLetters)} dead ${deadLetters === 1 ? 'letter' : 'letters'}`, deadLetters === 0 ? 'plain' : 'look')}
</ol></section>`;
}

function station(name: string, text: string, tone: Tone, href: string | null = null): Html {
  const title = href === null ? name : html`<a href="${href}">${name}</a>`;
  return html`<li class="station ${tone}"><span class="name">${title}</span><span class="state">${text}</span></li>`;
}

function replicas(processes: readonly Heartbeat[]): string {
  if (processes.length === 0) return 'none alive';
  const ready = processes.filter(isWell).length;
  return ready === processes.length ? `${ready} ready` : `${ready} of ${processes.length} ready`;
}

function toneOf(processes: readonly Heartbeat[]): Tone {
  if (!processes.some(isWell)) return 'bad';
  return processes.every(isWell) ? 'good' : 'look';
}

function isWell(process: Heartbeat): boolean {
  return process.live && process.ready;
}

function queueTone(queue: { failed: number; paused: boolean } | undefined): Tone {
  if (queue === undefined) return 'plain';
  return queue.failed > 0 || queue.paused ? 'look' : 'good';
}
