/** Pure: from a picture to what is wrong and what to do about it. */
import { archiveFindings, missingTextFindings } from './archive/archive-findings.ts';
import { auditInUse } from './audit-in-use.ts';
import { bad, type Finding } from './finding.ts';
import type { Picture } from './picture.ts';
import { queueFindings } from './queue-findings.ts';
import { streamFindings } from './stream-findings.ts';
import { troubles } from './troubles.ts';

export interface Verdict {
  /** `good`: nothing is the matter; else the worst of the findings. */
  readonly level: 'good' | Finding['level'];
  /** The worst first; within a level what stops records comes before what waits for a person. */
  readonly findings: readonly Finding[];
}

/** @param readable whether Redis answered just now; the picture then is the last that is known, `null`: none is */
export function judge(picture: Picture | null, readable = true): Verdict {
  const findings = [...(readable ? [] : [redisAway]), ...(picture === null ? [] : findingsOf(picture))];
  const sorted = findings.toSorted((a, b) => a.level.localeCompare(b.level));
  return { level: sorted[0]?.level ?? 'good', findings: sorted };
}

const redisAway = bad({
  title: 'Redis cannot be reached',
  detail: 'Queued batches are safe in it; work goes on by itself when it is back.',
  remedy: 'Check the server and REDIS_URL.',
});

function findingsOf(picture: Picture): Finding[] {
  const { processes, streams, queues, deadLetters, takenAt } = picture;
  const fetchers = processes.filter(({ service }) => service === 'fetcher').length;
  return [
    ...missingKinds(picture),
    ...troubles(processes, takenAt),
    ...archiveFindings(picture),
    ...(auditInUse(picture) ? streams.flatMap((stream) => streamFindings(stream, fetchers, takenAt)) : []),
    ...queues.flatMap((queue) => queueFindings(queue, deadLetters)),
    ...missingTextFindings(picture),
  ];
}

function missingKinds(picture: Picture): Finding[] {
  const alive = new Set(picture.processes.map(({ service }) => service));
  const missing: Finding[] = [];
  if (!alive.has('fetcher')) {
    missing.push(
      bad({ title: 'No fetcher is alive', detail: 'No events are received.', remedy: 'Start one.' }),
    );
  }
  if (!alive.has('indexer') && auditInUse(picture)) {
    missing.push(
      bad({ title: 'No indexer is alive', detail: 'Batches wait on the queue.', remedy: 'Start one.' }),
    );
  }
  return missing;
}
