import { randomBytes } from 'node:crypto';
import type { RedisPayloads } from '@trunkline/claim-check';
import { type AuditRepairJob, encodeBatch, repairJobId } from '@trunkline/contracts';
import type { EventReader } from '@trunkline/elasticsearch-sink';
import { jobOptions } from '@trunkline/service';
import { pageFingerprint, payloadKeyOf } from '@trunkline/stream-state';
import type { Queue } from 'bullmq';
import type { Progress } from '../terminal/progress.ts';
import { counted } from '../terminal/text.ts';
import type { Reconciled } from './reconcile.ts';
import type { RepairReport } from './report.ts';

export interface RepairParts {
  reader: EventReader;
  /** audit-index. */
  queue: Queue;
  payloads: RedisPayloads;
  pipelinePrefix: string;
  stream: string;
  attempts: number;
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
  {
    report: { missing },
    missingAgain,
    mayChangeShape,
  }: Pick<Reconciled, 'report' | 'missingAgain' | 'mayChangeShape'>,
): Promise<RepairReport> {
  const report: RepairReport = { events: 0, jobs: 0, alreadyQueued: 0, gone: [] };
  if (missing.length === 0) return report;
  const wanted = new Map(missing.map(({ id, digest }) => [mayChangeShape ? id : digest, id]));
  let texts: string[] = [];
  for await (const { page, share } of missingAgain()) {
    for (const text of page.eventTexts) {
      if (!wanted.delete(keyOf(parts.reader, text, mayChangeShape))) continue;
      texts.push(text);
      if (texts.length === eventsPerJob) {
        await queueTexts(parts, texts, report);
        texts = [];
      }
    }
    parts.progress.at({
      what: 'Queueing what is missing',
      share,
      detail: counted(report.events + texts.length, 'event'),
    });
  }
  report.gone.push(...wanted.values());
  if (texts.length > 0) await queueTexts(parts, texts, report);
  parts.progress[Symbol.dispose]();
  return report;
}

/** By what a missing event is known again: its content, or its id alone where the content may come in another shape. */
function keyOf(reader: EventReader, text: string, byId: boolean): string {
  const read = reader.read(text);
  if (read.kind === 'malformed') return read.digest;
  return byId ? read.event.id : read.event.digest;
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
