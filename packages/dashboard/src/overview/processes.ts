import type { Heartbeat } from '@trunkline/contracts';
import { type Html, html } from '../html/html.ts';
import { count, duration, known, moment } from './figures.ts';
import type { Snapshot } from './snapshot.ts';

/** Every process that is alive: kind, version, last beat, what it says of itself, what is wrong. */
export function processCards({ processes, takenAt }: Snapshot): Html {
  return html`<section aria-labelledby="processes"><h2 id="processes">Processes <span class="quiet">${processes.length} alive</span></h2>
<ul class="processes">${processes.map((process) => card(process, takenAt))}</ul></section>`;
}

function card(process: Heartbeat, now: number): Html {
  const [tone, word] = stateOf(process);
  const facts = Object.entries(process.facts);
  return html`<li class="card process" id="${process.instance}">
<h3>${process.service} <span class="pill ${tone}">${word}</span></h3>
<p class="quiet id">${process.host} · pid ${process.pid} · ${process.version}</p>
<p class="quiet">up ${duration(now - Date.parse(process.startedAt))}, heard ${duration(Math.max(0, now - Date.parse(process.beatAt)))} ago</p>
${process.problems.map((problem) => html`<p class="problem">${problem}</p>`)}
${facts.length === 0 ? null : html`<dl>${facts.map(([name, value]) => fact(name, value, now))}</dl>`}
</li>`;
}

function stateOf(process: Heartbeat): ['good' | 'look' | 'bad', string] {
  if (!process.live) return ['bad', 'stuck'];
  return process.ready ? ['good', 'ready'] : ['bad', 'not ready'];
}

function fact(name: string, value: Heartbeat['facts'][string], now: number): Html {
  return html`<div><dt>${words(name)}</dt><dd>${shown(value, now)}</dd></div>`;
}

function shown(value: Heartbeat['facts'][string], now: number): Html | string {
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value))
    return moment(Date.parse(value), now);
  return known(value, (some) => {
    if (typeof some === 'number') return count(some);
    return typeof some === 'boolean' ? (some ? 'yes' : 'no') : some;
  });
}

/** `lagSeconds` → `lag seconds` */
function words(name: string): string {
  return name.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
}
