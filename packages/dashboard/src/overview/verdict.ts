import { ARCHIVE_DEAD_LETTER, AUDIT_DEAD_LETTER, type Heartbeat, type QueueName } from '@trunkline/contracts';
import { archiveFindings } from './archive/archive-findings.ts';
import { auditInUse } from './audit-in-use.ts';
import type { OverviewState } from './feed.ts';
import { count, duration } from './figures.ts';
import { bad, type Finding, look } from './finding.ts';
import { lagMs } from './lag.ts';
import type { QueueDepth, Snapshot } from './snapshot.ts';

/** Indexing this far behind receiving is worth a look. */
const longLagMs = 5 * 60_000;

/** What is the matter, worst first; empty when all is well. */
export function findings({ snapshot, readable }: OverviewState): Finding[] {
  const found: Finding[] = [];
  if (!readable) {
    found.push(
      bad('Redis cannot be reached. Queued batches are safe in it; work goes on by itself when it is back.'),
    );
  }
  if (snapshot === null) return found;
  found.push(...missingKinds(snapshot), ...troubles(snapshot.processes), ...archiveFindings(snapshot));
  if (auditInUse(snapshot)) found.push(...snapshot.streams.flatMap((stream) => aboutStream(stream)));
  found.push(...snapshot.queues.flatMap((queue) => aboutQueue(queue)));
  return found.sort((a, b) => a.level.localeCompare(b.level));
}

function missingKinds(snapshot: Snapshot): Finding[] {
  const alive = new Set(snapshot.processes.map((process) => process.service));
  const missing: Finding[] = [];
  if (!alive.has('fetcher')) missing.push(bad('No fetcher is alive: no events are received. Start one.'));
  if (!alive.has('indexer') && auditInUse(snapshot)) {
    missing.push(bad('No indexer is alive: batches wait on the queue. Start one.'));
  }
  return missing;
}

/** Replicas with the same trouble are told of once. */
function troubles(processes: readonly Heartbeat[]): Finding[] {
  const instances = new Map<string, number>();
  for (const process of processes) {
    const problems = process.live
      ? process.problems
      : ['a step of its work does not end', ...process.problems];
    for (const problem of problems) {
      const text = `${process.service}: ${problem}`;
      instances.set(text, (instances.get(text) ?? 0) + 1);
    }
  }
  return [...instances].map(([text, number]) => bad(number === 1 ? text : `${text} (${number} processes)`));
}

function aboutStream({ id, stream }: Snapshot['streams'][number]): Finding[] {
  if (stream.state === null) return [look(`Stream ${id} has not started yet.`)];
  const lag = lagMs(stream.state);
  return lag !== null && lag > longLagMs
    ? [look(`Stream ${id}: what is indexed is ${duration(lag)} behind what is received.`)]
    : [];
}

function aboutQueue({ name, failed, paused }: QueueDepth): Finding[] {
  const found: Finding[] = [];
  if (paused)
    found.push(
      look(`Queue ${name} is paused: its jobs wait until somebody resumes it.`, `/queues/queue/${name}`),
    );
  if (failed > 0) {
    const what = failedText(name, failed);
    found.push(look(what, `/queues/queue/${name}?status=failed`));
  }
  return found;
}

function failedText(name: QueueName, failed: number): string {
  const jobs = count(failed);
  switch (name) {
    case AUDIT_DEAD_LETTER:
      return `${jobs} ${failed === 1 ? 'dead letter waits' : 'dead letters wait'} for a person.`;
    case ARCHIVE_DEAD_LETTER:
      return `${jobs} ${failed === 1 ? 'conversation that could not be redacted waits' : 'conversations that could not be redacted wait'} for a person.`;
    default:
      return `${jobs} ${failed === 1 ? 'job' : 'jobs'} of ${name} failed.`;
  }
}
