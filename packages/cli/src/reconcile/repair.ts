import { randomBytes } from 'node:crypto';
import type { RedisPayloads } from '@trunkline/claim-check';
import { type AuditRepairJob, encodeBatch, errorCodeOf, repairJobId } from '@trunkline/contracts';
import type { EventReader } from '@trunkline/elasticsearch-sink';
import type { AuditSource } from '@trunkline/genesys';
import { jobOptions } from '@trunkline/service';
import { pageFingerprint, payloadKeyOf } from '@trunkline/stream-state';
import type { Queue } from 'bullmq';
import type { Progress } from '../terminal/progress.ts';
import { counted } from '../terminal/text.ts';
import type { Reconciled } from './reconcile.ts';
import type { RepairReport } from './report.ts';
import { pageInTime } from './source-window.ts';

export interface RepairParts {
  source: AuditSource;
  reader: EventReader;
  /** audit-index. */
  queue: Queue;
  payloads: RedisPayloads;
  pipelinePrefix: string;
  stream: string;
  attempts: number;
  patienceMs: number;
  progress: Progress;
  now: () => number;
  user: string;
}

const eventsPerJob = 100;

/**
 * Queues missing events again, outside of the stream's sequence: their pages are read once more, and what was missing is sealed
 * and put on audit-index as jobs that no settlement belongs to. Doing so twice queues them once.
 */
export async function repair(
  parts: RepairParts,
  { missingByPage, pageCursors }: Pick<Reconciled, 'missingByPage' | 'pageCursors'>,
): Promise<RepairReport> {
  const report: RepairReport = { events: 0, jobs: 0, alreadyQueued: 0, gone: [] };
  let texts: string[] = [];
  let pages = 0;
  for (const [page, missing] of missingByPage) {
    const wanted = new Set(missing.map(({ digest }) => digest));
    for (const { text, digest } of await readAgain(parts, pageCursors[page] ?? null)) {
      if (!wanted.delete(digest)) continue;
      texts.push(text);
      if (texts.length === eventsPerJob) {
        await queueTexts(parts, texts, report);
        texts = [];
      }
    }
    report.gone.push(...missing.filter(({ digest }) => wanted.has(digest)).map(({ id }) => id));
    pages++;
    parts.progress.at({
      what: 'Queueing what is missing',
      share: pages / missingByPage.size,
      detail: counted(report.events + texts.length, 'event'),
    });
  }
  if (texts.length > 0) await queueTexts(parts, texts, report);
  parts.progress[Symbol.dispose]();
  return report;
}

async function readAgain(
  { source, reader, patienceMs }: RepairParts,
  cursor: string | null,
): Promise<{ text: string; digest: string }[]> {
  try {
    const { eventTexts } = await pageInTime(source, cursor, patienceMs);
    return eventTexts.map((text) => {
      const read = reader.read(text);
      return { text, digest: read.kind === 'event' ? read.event.digest : read.digest };
    });
  } catch (error) {
    if (errorCodeOf(error) === 'GENESYS_CURSOR_EXPIRED') return [];
    throw error;
  }
}

/** The payload first, then the job that names it. */
async function queueTexts(parts: RepairParts, texts: readonly string[], report: RepairReport): Promise<void> {
  const { queue, payloads, pipelinePrefix, stream, attempts, user, now } = parts;
  const jobId = repairJobId(stream, pageFingerprint(texts));
  if ((await queue.getJobState(jobId)) !== 'unknown') {
    report.alreadyQueued += texts.length;
    return;
  }
  const payload = encodeBatch(texts);
  const payloadKey = payloadKeyOf(pipelinePrefix, jobId);
  const job: AuditRepairJob = {
    v: 1,
    kind: 'repair',
    stream,
    payloadKey,
    eventCount: texts.length,
    payloadBytes: payload.length,
    queuedAt: new Date(now()).toISOString(),
    requestedBy: user,
    traceId: randomBytes(8).toString('hex'),
  };
  await payloads.put(payloadKey, payload);
  await queue.add('repair', job, { ...jobOptions(attempts), jobId, removeOnComplete: true });
  report.events += texts.length;
  report.jobs++;
}
