/** The archive-redact worker: one batch in, its redacted form, index and counts out. */
import { randomBytes } from 'node:crypto';
import { type Stage, stagePlaces } from '@trunkline/claim-check/stage';
import {
  ARCHIVE_COMPLIANCE,
  ARCHIVE_REDACT,
  type ArchiveRedactJob,
  type ArchiveRedactOutcome,
  archiveRedactJob,
  archiveRedactOutcome,
  errorCodeOf,
  failureRecord,
  TrunklineError,
} from '@trunkline/contracts';
import { ENGINE_VERSION } from '@trunkline/redaction';
import {
  addComplianceRecord,
  type JobRun,
  type Organisations,
  QueueWorker,
  type Service,
  type Valve,
  type WorkerConfig,
} from '@trunkline/service';
import type { BatchRedaction } from './batch-redaction.ts';
import type { DeadLetterDesk } from './dead-letter-desk.ts';
import type { StageWatch } from './stage-watch.ts';
import type { Told, ToldIds } from './told.ts';

/** Longer than the redaction of a group of conversations, retried one by one, may take. */
export const longestRunMs = 3_600_000;

/** What the job returns: its outcome, or that there is nothing to do any more. */
export type RedactResult = ArchiveRedactOutcome | { windowIsComplete: true };

/** What of the engine differs from organisation to organisation. */
interface OrganisationEngine {
  /** Country of conversations that name none. */
  readonly region: string;
  /** See `engineFingerprint`. */
  readonly fingerprint: string;
}

export interface RedactWorkerParts {
  readonly service: Service;
  readonly config: WorkerConfig;
  readonly attempts: number;
  readonly valve: Valve;
  readonly stage: Stage;
  readonly watch: StageWatch;
  readonly redaction: BatchRedaction;
  readonly desk: DeadLetterDesk;
  readonly told: Told;
  readonly organisations: Organisations<OrganisationEngine>;
  readonly keyId: string | null;
}

export function redactWorker(parts: RedactWorkerParts): QueueWorker<ArchiveRedactJob, RedactResult> {
  const { service, config, valve } = parts;
  return new QueueWorker({
    service,
    queue: ARCHIVE_REDACT,
    config,
    schema: archiveRedactJob,
    valve,
    longestRunMs,
    run: async (run) => {
      parts.told.inHand(1);
      try {
        return await parts.watch.heldBack(() => redact(run, parts));
      } finally {
        parts.told.inHand(-1);
      }
    },
    onFailed: (run, error) => recordFailure(run, error, parts),
  });
}

/**
 * Redacts a batch once: a note in the stage says that it was done, by which engine with which settings. Each run writes to a place
 * of its own, so that a stalled one that wakes can spoil nothing; the first note wins.
 */
async function redact(
  { data, jobId, signal, extend }: JobRun<ArchiveRedactJob>,
  { stage, redaction, desk, told, organisations, keyId }: RedactWorkerParts,
): Promise<RedactResult> {
  const { window, flow, batch, traceId, source } = data;
  const { region, fingerprint } = organisations.ofWindow(window);
  const ids: ToldIds = { jobId, windowId: window.id, batch, traceId };
  const place = stagePlaces.redacted(window.id, flow, batch);
  const note = `${place}done-${fingerprint}`;
  const before = await outcomeOf(stage, note);
  if (before !== null) {
    told.found(ids);
    return before;
  }
  if (!(await stage.has(source))) return withoutSource(stage, data);
  const startedAt = performance.now();
  const redacted = await redaction.run({
    source,
    place: `${place}${randomBytes(6).toString('hex')}/`,
    region,
    deadLettered: await desk.setAsideBefore(data),
    setAside: async (refused) => {
      told.deadLettered(ids, refused.index, refused.code, await desk.setAside(data, refused));
    },
    progress: () => extend(Date.now()),
    signal,
  });
  const outcome: ArchiveRedactOutcome = { ...redacted, engineVersion: ENGINE_VERSION, keyId };
  if ((await stage.putNote(note, outcome)) === 'exists') {
    const first = await outcomeOf(stage, note);
    if (first !== null) return first;
  }
  told.redacted(ids, outcome, source.bytes, performance.now() - startedAt);
  return outcome;
}

/** @returns what an earlier run noted, where all that it wrote is still there */
async function outcomeOf(stage: Stage, note: string): Promise<ArchiveRedactOutcome | null> {
  const { data } = archiveRedactOutcome.safeParse(await stage.getNote(note));
  if (data === undefined) return null;
  return (await stage.has(data.redacted)) && (await stage.has(data.index)) ? data : null;
}

/** A window that is complete has no files in the stage: a job of it that is run again has nothing to do. */
async function withoutSource(
  stage: Stage,
  { window, batch, source }: ArchiveRedactJob,
): Promise<RedactResult> {
  // Failing would keep the jobs above it from being done again, too: BullMQ has taken its earlier outcome away.
  if ((await stage.getNote(stagePlaces.completed(window.id))) !== null) return { windowIsComplete: true };
  throw new TrunklineError('STAGE_BLOB_MISSING', {
    message: `The source of batch ${batch} of ${window.id} is not in the stage (${source.name}).`,
    remedy: `Retry archive-fetch of ${window.id}.`,
  });
}

async function recordFailure(
  { data, job, jobId }: JobRun<ArchiveRedactJob>,
  error: unknown,
  { service, attempts }: RedactWorkerParts,
): Promise<void> {
  const record = failureRecord(
    data.window,
    { queue: ARCHIVE_REDACT, id: jobId, attempt: job.attemptsMade + 1, traceId: data.traceId },
    { errorCode: errorCodeOf(error), checksum: null },
    new Date(),
  );
  await addComplianceRecord(service.queue(ARCHIVE_COMPLIANCE), record, attempts);
}
