import { AUDIT_DEAD_LETTER, AUDIT_INDEX } from '@trunkline/contracts';
import { type Html, html } from '../html/html.ts';
import { count } from './figures.ts';
import type { Snapshot } from './snapshot.ts';
import { depthText, queueTone, replicas, station, toneOf } from './stations.ts';

/** The way of audit events from left to right (on a phone from top to bottom), with how each station is doing. */
export function picture(snapshot: Snapshot): Html {
  const depth = (name: string) => snapshot.queues.find((queue) => queue.name === name);
  const waiting = depth(AUDIT_INDEX);
  const deadLetters = depth(AUDIT_DEAD_LETTER)?.failed ?? 0;
  const fetchers = snapshot.processes.filter((process) => process.service === 'fetcher');
  const indexers = snapshot.processes.filter((process) => process.service === 'indexer');
  return html`<section class="card way" aria-labelledby="audit"><h2 id="audit">Audit events</h2><ol>
${station('Genesys Cloud', 'audit event stream', 'plain')}
${station('Fetchers', replicas(fetchers), toneOf(fetchers))}
${station('Queue', depthText(waiting), queueTone(waiting), `/queues/queue/${AUDIT_INDEX}`)}
${station('Indexers', replicas(indexers), toneOf(indexers))}
${station('Elasticsearch', deadLetters === 0 ? 'no dead letters' : `${count(deadLetters)} dead ${deadLetters === 1 ? 'letter' : 'letters'}`, deadLetters === 0 ? 'plain' : 'look')}
</ol></section>`;
}
