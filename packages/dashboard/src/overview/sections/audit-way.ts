import { AUDIT_DEAD_LETTER, AUDIT_INDEX } from '@trunkline/contracts';
import { auditInUse, count, type IndexGate, indexGate, type Picture, rate } from '@trunkline/overview';
import { type Html, html } from '../../html/html.ts';
import { moment } from '../../html/shown.ts';
import type { Tone } from '../../html/tone.ts';
import type { OverviewState } from '../feed.ts';
import { deadLettersLink, queueLink } from '../links.ts';
import { rateNow } from '../rate-now.ts';
import { depthLines, type Flow, queueTone, replicas, type Station, toneOf, way } from './way.ts';

/** The way of audit events, or a quiet line where this deployment has none. */
export function auditWaySection(state: OverviewState): Html {
  const { picture } = state;
  if (picture === null) return html`<section id="audit" hidden></section>`;
  if (!auditInUse(picture)) {
    return html`<section id="audit" class="none"><p>This deployment indexes no audit events: its fetchers work for the archive alone, and no indexer is alive.</p></section>`;
  }
  return html`<section id="audit" class="card" aria-labelledby="audit-title"><h2 id="audit-title">Audit events</h2>${way(stations(state, picture))}</section>`;
}

function stations(state: OverviewState, picture: Picture): Station[] {
  const kind = (service: string) => picture.processes.filter((process) => process.service === service);
  const [fetchers, indexers] = [kind('fetcher'), kind('indexer')];
  const queue = picture.queues.find(({ name }) => name === AUDIT_INDEX);
  const received = flowOf(rateNow(state, 'received'));
  const [created, duplicate] = [rateNow(state, 'created'), rateNow(state, 'duplicate')];
  const taken = flowOf(created === null || duplicate === null ? null : created + duplicate);
  const gate = indexGate(picture.processes);
  const dead = picture.queues.find(({ name }) => name === AUDIT_DEAD_LETTER)?.failed ?? 0;
  const pausedUntil = latestPause(picture);
  return [
    {
      name: 'Genesys Cloud',
      icon: 'cloud',
      says: [
        pausedUntil === null ? 'audit events' : html`paused until ${moment(pausedUntil, picture.takenAt)}`,
      ],
      tone: pausedUntil === null ? 'plain' : 'look',
      href: null,
      flow: received,
    },
    {
      name: 'Fetchers',
      icon: 'fetch',
      says: [replicas(fetchers), ...spoolLines(picture)],
      tone: toneOf(fetchers),
      href: '#processes',
      flow: received,
    },
    {
      name: 'Queue',
      icon: 'queue',
      says: depthLines(queue),
      tone: queueTone(queue),
      href: queueLink(AUDIT_INDEX, queue !== undefined && queue.failed > 0 ? 'failed' : null),
      flow: taken,
    },
    {
      name: 'Indexers',
      icon: 'work',
      says: [replicas(indexers)],
      tone: toneOf(indexers),
      href: '#processes',
      flow: taken,
    },
    {
      name: 'Gate',
      icon: gate?.isOpen === false ? 'gateShut' : 'gate',
      says: gateLines(gate),
      tone: gateTone(gate),
      href: null,
      flow: flowOf(created),
    },
    {
      name: 'Elasticsearch',
      icon: 'search',
      says: [
        `${count(picture.totals.created ?? 0)} events`,
        dead === 0 ? 'no dead letters' : `${count(dead)} dead ${dead === 1 ? 'letter' : 'letters'}`,
      ],
      tone: dead === 0 ? 'plain' : 'look',
      href: deadLettersLink('audit'),
      flow: null,
    },
  ];
}

function flowOf(perSecond: number | null): Flow {
  return {
    text: perSecond === null ? null : `${rate(perSecond)}/s`,
    moves: perSecond !== null && perSecond > 0,
  };
}

function latestPause({ streams, takenAt }: Picture): number | null {
  const until = streams.flatMap(({ pausedUntil }) =>
    pausedUntil !== null && pausedUntil > takenAt ? [pausedUntil] : [],
  );
  return until.length === 0 ? null : Math.max(...until);
}

function spoolLines({ streams }: Picture): string[] {
  const batches = streams.flatMap(({ spoolBatches }) => (spoolBatches === null ? [] : [spoolBatches]));
  if (batches.length === 0) return [];
  const all = batches.reduce((sum, one) => sum + one, 0);
  return [all === 0 ? 'spool empty' : `${count(all)} batches in the spool`];
}

function gateLines(gate: IndexGate | null): string[] {
  if (gate === null || gate.isOpen === null) return ['not known'];
  const breaker =
    gate.breaker === null || gate.breaker === 'closed' ? [] : [`circuit breaker ${gate.breaker}`];
  return [gate.isOpen ? 'open' : `shut${gate.reason === null ? '' : ` (${gate.reason})`}`, ...breaker];
}

function gateTone(gate: IndexGate | null): Tone {
  if (gate === null || gate.isOpen === null) return 'plain';
  if (!gate.isOpen || gate.breaker === 'open') return 'bad';
  return gate.breaker === 'half-open' ? 'look' : 'good';
}
