import {
  ARCHIVE_COMPLIANCE,
  ARCHIVE_NOTIFY,
  ARCHIVE_REDACT,
  ARCHIVE_UPLOAD,
  ARCHIVE_WINDOW,
  type QueueName,
} from '@trunkline/contracts';
import { bad, type Finding, look } from '../finding.ts';
import type { Snapshot } from '../snapshot.ts';
import { archiveInUse } from './in-use.ts';

/** Who works for which queues, and what its absence means. */
const kinds: readonly { service: string; queues: readonly QueueName[]; means: string }[] = [
  { service: 'redactor', queues: [ARCHIVE_REDACT], means: 'batches of conversations wait in the stage' },
  {
    service: 'uploader',
    queues: [ARCHIVE_UPLOAD, ARCHIVE_WINDOW, ARCHIVE_COMPLIANCE, ARCHIVE_NOTIFY],
    means: 'nothing reaches the bucket',
  },
];

/** What is the matter with the archive alone; nothing where this deployment has none. */
export function archiveFindings(snapshot: Snapshot): Finding[] {
  if (!archiveInUse(snapshot)) return [];
  return kinds
    .filter(({ service }) => !snapshot.processes.some((process) => process.service === service))
    .map(({ service, queues, means }) =>
      waits(snapshot, queues)
        ? bad(`No ${service} is alive: ${means}. Start one.`)
        : look(`No ${service} is alive: nothing waits for it yet. Start one before the next window is due.`),
    );
}

function waits({ queues }: Snapshot, names: readonly QueueName[]): boolean {
  return queues.some(
    ({ name, waiting, active, delayed }) => names.includes(name) && waiting + active + delayed > 0,
  );
}
