import {
  archivePausedUntil,
  auditInUse,
  count,
  duration,
  indexGate,
  type Picture,
} from '@trunkline/overview';
import { type Html, html } from '../../html/html.ts';
import { moment } from '../../html/shown.ts';
import { pill, type Tone } from '../../html/tone.ts';
import type { OverviewState } from '../feed.ts';

/** What holds the pipeline back, and whether it does: gate, breaker, pauses of Genesys, lease, spool. */
export function safeguardsSection({ picture }: OverviewState): Html {
  if (picture === null || !auditInUse(picture)) return html`<section id="safeguards" hidden></section>`;
  return html`<section id="safeguards" class="card" aria-labelledby="safeguards-title"><h2 id="safeguards-title">Safeguards</h2>
<dl class="facts">${[gate(picture), breaker(picture), throttle(picture), lease(picture), spool(picture)]}</dl></section>`;
}

function fact(name: string, state: Html, told: Html | string): Html {
  return html`<div><dt>${name}</dt><dd>${state} <span class="quiet">${told}</span></dd></div>`;
}

const unknown = pill('plain', 'not known');

function gate({ processes }: Picture): Html {
  const state = indexGate(processes);
  if (state === null || state.isOpen === null)
    return fact('Gate', unknown, 'no indexer has asked Elasticsearch yet');
  return state.isOpen
    ? fact('Gate', pill('good', 'open'), 'Elasticsearch takes writes')
    : fact('Gate', pill('bad', 'shut'), html`${state.reason ?? 'no reason told'}; batches wait on the queue`);
}

const breakerTones: Record<'closed' | 'half-open' | 'open', readonly [Tone, string]> = {
  closed: ['good', 'bulk requests succeed'],
  'half-open': ['look', 'one bulk request is tried'],
  open: ['bad', 'one bulk request after another failed'],
};

function breaker({ processes }: Picture): Html {
  const state = indexGate(processes)?.breaker ?? null;
  if (state === null) return fact('Circuit breaker', unknown, 'no indexer tells');
  const [tone, told] = breakerTones[state];
  return fact('Circuit breaker', pill(tone, state), told);
}

function throttle({ streams, processes, takenAt }: Picture): Html {
  const archive = archivePausedUntil(processes, takenAt);
  const paused = [
    ...streams.flatMap(({ id, pausedUntil }) =>
      pausedUntil !== null && pausedUntil > takenAt ? [{ what: id, until: pausedUntil }] : [],
    ),
    ...(archive === null ? [] : [{ what: 'archives', until: archive }]),
  ];
  if (paused.length === 0) return fact('Genesys', pill('good', 'answers'), 'no pause was asked for');
  const told = paused.map(
    ({ what, until }, place) => html`${place === 0 ? '' : ', '}${what} until ${moment(until, takenAt)}`,
  );
  return fact('Genesys', pill('look', 'paused'), html`${told}`);
}

function lease({ streams, takenAt }: Picture): Html {
  const started = streams.filter(({ received, kind }) => received !== null && kind === 'live');
  const held = started.filter(({ leaseHolder }) => leaseHolder !== null);
  const last = Math.max(...started.map(({ lastPollAt }) => lastPollAt ?? 0));
  const polled = last > 0 ? `last poll ${duration(Math.max(0, takenAt - last))} ago` : 'no poll is known';
  if (started.length === 0) return fact('Lease', unknown, 'no stream has started');
  return held.length === started.length
    ? fact('Lease', pill('good', 'held'), polled)
    : fact(
        'Lease',
        pill('look', 'free'),
        `${count(started.length - held.length)} of ${count(started.length)} streams polled by nobody`,
      );
}

function spool({ streams }: Picture): Html {
  const known = streams.flatMap(({ spoolBatches }) => (spoolBatches === null ? [] : [spoolBatches]));
  if (known.length === 0) return fact('Spool', unknown, 'no fetcher tells');
  const batches = known.reduce((sum, one) => sum + one, 0);
  if (streams.some(({ outlet }) => outlet === 'none'))
    return fact('Spool', pill('bad', 'full'), 'fetching stands');
  return batches === 0
    ? fact('Spool', pill('good', 'empty'), 'batches go to the queue')
    : fact('Spool', pill('look', 'in use'), `${count(batches)} batches on disk`);
}
