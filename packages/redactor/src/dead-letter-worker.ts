/**
 * The archive-dead-letter worker. A job here names a conversation that lies sealed in the stage and waits for a person: its first
 * run fails at once, so that it stands among the failed jobs, where Bull Board's Retry finds it. A later run is a person's: the
 * conversation is redacted again, and where that succeeds it is uploaded as a batch of its own.
 */
import { randomBytes } from 'node:crypto';
import { type Stage, stagePlaces } from '@trunkline/claim-check/stage';
import {
  ARCHIVE_DEAD_LETTER,
  ARCHIVE_UPLOAD,
  type ArchiveDeadLetterJob,
  type ArchiveUploadJob,
  archiveBatchJobId,
  archiveDeadLetterBatch,
  archiveDeadLetterJob,
  TrunklineError,
} from '@trunkline/contracts';
import { ENGINE_VERSION } from '@trunkline/redaction';
import { type JobRun, jobOptions, QueueWorker } from '@trunkline/service';
import type { BatchRedaction } from './batch-redaction.ts';
import type { RefusalCode } from './redact-lines.ts';
import { longestRunMs, type RedactWorkerParts } from './redact-worker.ts';

type Parts = Pick<
  RedactWorkerParts,
  | 'service'
  | 'config'
  | 'attempts'
  | 'valve'
  | 'stage'
  | 'watch'
  | 'redaction'
  | 'told'
  | 'keyId'
  | 'organisations'
>;

/** Kept in Redis as the job's return value, and shown. */
export interface DeadLetterOutcome {
  /** The upload job that it became. */
  readonly uploadJobId: string;
}

export function deadLetterWorker(parts: Parts): QueueWorker<ArchiveDeadLetterJob, DeadLetterOutcome> {
  const { service, config, valve, watch } = parts;
  return new QueueWorker({
    service,
    queue: ARCHIVE_DEAD_LETTER,
    config,
    schema: archiveDeadLetterJob,
    valve,
    longestRunMs,
    run: (run) => watch.heldBack(() => dealWith(run, parts)),
  });
}

async function dealWith(run: JobRun<ArchiveDeadLetterJob>, parts: Parts): Promise<DeadLetterOutcome> {
  const { data: letter, jobId } = run;
  if (!run.isRetried) throw awaits(letter);
  const { v, window, flow, traceId, source, storageClass, index } = letter;
  const batch = archiveDeadLetterBatch(window.id, flow, letter.batch, index);
  const uploadJobId = archiveBatchJobId(window.id, flow, batch);
  const uploads = parts.service.queue(ARCHIVE_UPLOAD);
  // A retry of what was redacted before: its upload is under way, done, or stands failed for reasons of its own.
  if ((await uploads.getJob(uploadJobId)) !== undefined) return { uploadJobId };
  await requireSource(parts.stage, letter);
  const place = `${stagePlaces.deadLetter(window.id, flow, letter.batch, index)}/redacted/${randomBytes(6).toString('hex')}/`;
  const startedAt = performance.now();
  const { region } = parts.organisations.ofWindow(window);
  const redacted = await redactAlone(parts.redaction, run, place, region);
  const redaction = { ...redacted, engineVersion: ENGINE_VERSION, keyId: parts.keyId };
  const upload: ArchiveUploadJob = { v, window, flow, batch, traceId, source, storageClass, redaction };
  await uploads.add('upload', upload, { ...jobOptions(parts.attempts), jobId: uploadJobId });
  const ids = { jobId, windowId: window.id, batch, traceId };
  parts.told.redacted(ids, redaction, source.bytes, performance.now() - startedAt);
  parts.told.recovered(ids, index);
  return { uploadJobId };
}

async function redactAlone(
  redaction: BatchRedaction,
  { data: letter, signal, extend }: JobRun<ArchiveDeadLetterJob>,
  place: string,
  region: string,
) {
  let refusal: RefusalCode | null = null;
  const redacted = await redaction.run({
    source: letter.source,
    place,
    region,
    deadLettered: new Set(),
    setAside: async ({ code }) => {
      refusal = code;
    },
    progress: () => extend(Date.now()),
    signal,
  });
  if (refusal === null) return redacted;
  throw new TrunklineError(refusal, {
    message: `Conversation ${letter.index} of batch ${letter.batch} of ${letter.window.id} was refused again.`,
    remedy: 'Mend the cause and retry; or remove this job to give the conversation up.',
  });
}

async function requireSource(stage: Stage, { source, window }: ArchiveDeadLetterJob): Promise<void> {
  if (await stage.has(source)) return;
  throw new TrunklineError('DEAD_LETTER_MISSING', {
    message: `The conversation of this dead letter of ${window.id} is not in the stage.`,
    remedy: 'It was stored, or its files were removed: see the manifest of the window, then remove this job.',
  });
}

function awaits({ code, batch, index, window }: ArchiveDeadLetterJob): TrunklineError {
  return new TrunklineError('DEAD_LETTER_AWAITS_PERSON', {
    message: `Conversation ${index} of batch ${batch} of ${window.id} could not be redacted: ${code}.`,
    remedy: 'Mend the cause, then Retry; or remove this job to give the conversation up.',
  });
}
