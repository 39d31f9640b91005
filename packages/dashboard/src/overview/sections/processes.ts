import type { Heartbeat } from '@trunkline/contracts';
import { count, duration, type Picture, streamsOf } from '@trunkline/overview';
import { type Html, html } from '../../html/html.ts';
import { known, moment } from '../../html/shown.ts';
import { pill, type Tone } from '../../html/tone.ts';
import type { OverviewState } from '../feed.ts';
import { table } from '../table.ts';

/** Heard this long ago is as it should be (ms): said so, because a number that changes each second draws the eye for nothing. */
const freshMs = 6_500;

/** Every process that is alive, by kind: version, last heartbeat, what it says of itself. */
export function processesSection({ picture }: OverviewState): Html {
  const processes = picture?.processes ?? [];
  const versions = new Set(processes.map(({ version }) => version));
  return html`<section id="processes" class="card" aria-labelledby="processes-title"${picture === null ? html` hidden` : null}>
<h2 id="processes-title">Processes <span class="quiet">${processes.length} alive${versions.size > 1 ? `, of ${versions.size} versions` : ''}</span></h2>
${table(
  'Processes',
  [
    ['Kind', ''],
    ['State', ''],
    ['Instance', ''],
    ['Version', ''],
    ['Up', 'number'],
    ['Heard', 'number'],
    ['Says of itself', ''],
  ],
  picture === null ? [] : processes.map((process) => processRow(process, picture)),
  'No process is alive.',
)}</section>`;
}

function processRow(process: Heartbeat, { takenAt }: Picture): Html {
  const [tone, word] = stateOf(process);
  const { service, instance, host, pid, version, startedAt, beatAt, problems, facts } = process;
  const heardMs = Math.max(0, takenAt - Date.parse(beatAt));
  const streams = Object.entries(streamsOf(process)).map(
    ([id, { lease }]) => [`stream ${id}`, lease ?? null] as const,
  );
  const says = [...streams, ...Object.entries(facts).filter(([name]) => name !== 'stream')];
  return html`<tr id="${instance}"><th scope="row">${service}</th><td data-label="State">${pill(tone, word)}</td><td data-label="Instance" class="id">${host} · pid ${pid}</td>
<td data-label="Version">${version}</td><td data-label="Up" class="number">${duration(takenAt - Date.parse(startedAt))}</td><td data-label="Heard" class="number">${heardMs < freshMs ? 'just now' : `${duration(heardMs)} ago`}</td>
<td data-label="Says of itself" class="says">${problems.map((problem) => html`<p class="problem">${problem}</p>`)}${says.length === 0 ? null : html`<dl>${says.map(([name, value]) => fact(name, value, takenAt))}</dl>`}</td></tr>`;
}

function stateOf(process: Heartbeat): [Tone, string] {
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
