import { ARCHIVE_DEAD_LETTER, AUDIT_DEAD_LETTER } from '@trunkline/contracts';
import { count } from './figures.ts';
import { type Finding, look } from './finding.ts';
import type { Picture } from './picture.ts';
import type { QueueDepth } from './queue-depths.ts';

/** What is the matter with a queue: it is paused, or jobs of it stand failed until a person acts. */
export function queueFindings(queue: QueueDepth, deadLetters: Picture['deadLetters']): Finding[] {
  const found: Finding[] = [];
  if (queue.paused) {
    found.push(
      look({
        title: `Queue ${queue.name} is paused`,
        remedy: 'Its jobs wait until somebody resumes it.',
        place: { kind: 'queue', queue: queue.name, status: null },
      }),
    );
  }
  const failed = failedFinding(queue, deadLetters);
  return failed === null ? found : [...found, failed];
}

function failedFinding({ name, failed }: QueueDepth, deadLetters: Picture['deadLetters']): Finding | null {
  switch (name) {
    case AUDIT_DEAD_LETTER: {
      // The index knows of those too whose entry is gone from the queue.
      const known = deadLetters.audit?.ofNewest === null ? sum(deadLetters.audit.counts) : 0;
      const waiting = Math.max(failed, known);
      if (waiting === 0) return null;
      return look({
        title: `${count(waiting)} ${waiting === 1 ? 'dead letter waits' : 'dead letters wait'} for a person`,
        detail: 'Events that could not be indexed; each is kept, whole and encrypted.',
        remedy: 'See why, mend the cause, then queue them again, or discard them.',
        place: { kind: 'dead-letters', pipeline: 'audit' },
      });
    }
    case ARCHIVE_DEAD_LETTER:
      if (failed === 0) return null;
      return look({
        title: `${count(failed)} ${failed === 1 ? 'conversation waits' : 'conversations wait'} for a person`,
        detail: 'They could not be redacted, so nothing of them was stored; each is kept, encrypted.',
        remedy: 'See why, then have them redacted again.',
        place: { kind: 'dead-letters', pipeline: 'archive' },
      });
    default:
      if (failed === 0) return null;
      return look({
        title: `${count(failed)} ${failed === 1 ? 'job' : 'jobs'} of ${name} failed`,
        remedy: 'Each says why; mend the cause, then retry.',
        place: { kind: 'queue', queue: name, status: 'failed' },
      });
  }
}

function sum(counts: readonly { readonly count: number }[]): number {
  return counts.reduce((all, { count: one }) => all + one, 0);
}
