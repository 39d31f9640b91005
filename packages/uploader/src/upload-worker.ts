/**
 * The archive-upload worker: one redacted batch in, its object out.
 *
 * A batch whose window is complete has nothing left in the stage: the outcome is then the one that the manifest tells, so that a
 * retry by hand in any state ends with the same objects.
 */
import type { BucketGate, ManifestObject, Manifests } from '@trunkline/archive-store';
import {
  ARCHIVE_UPLOAD,
  type ArchiveRedactOutcome,
  type ArchiveUploadJob,
  type ArchiveUploadOutcome,
  archiveRedactOutcome,
  archiveUploadJob,
  errorCodeOf,
  TrunklineError,
} from '@trunkline/contracts';
import {
  type JobRun,
  type Organisations,
  QueueWorker,
  type Service,
  type Valve,
  type WorkerConfig,
} from '@trunkline/service';
import type { ArchivePlace } from './archive-place.ts';
import type { FailedWindows } from './failed-windows.ts';
import { gated } from './gated.ts';
import type { UploaderMetrics } from './metrics.ts';

export interface UploadWorkerParts {
  service: Service;
  config: WorkerConfig;
  valve: Valve;
  gate: BucketGate;
  places: Organisations<ArchivePlace>;
  failures: FailedWindows;
  /** ARCHIVE_LAYOUT=guide: the window's job writes all of it. */
  leavesToWindow: boolean;
  metrics: UploaderMetrics;
}

/** What the job returns: its outcome, or that there is nothing to do any more. */
export type UploadResult = ArchiveUploadOutcome | { windowIsComplete: true };

/** A batch of 16 MiB over a slow line, twice. */
const longestRunMs = 900_000;

export function uploadWorker(parts: UploadWorkerParts): QueueWorker<ArchiveUploadJob, UploadResult> {
  const { service, gate, metrics, failures } = parts;
  return new QueueWorker({
    ...parts,
    queue: ARCHIVE_UPLOAD,
    schema: archiveUploadJob,
    run: (run) => gated(gate, () => upload(parts, run)),
    longestRunMs,
    onFailed: async (run, error) => {
      metrics.uploads.inc({ result: 'failed' });
      const { window, flow, traceId } = run.data;
      const job = { queue: ARCHIVE_UPLOAD, id: run.jobId, attempt: run.job.attemptsMade + 1, traceId };
      await failures.tell({ window, flow, job, errorCode: errorCodeOf(error), checksum: null });
      service.log.debug({ event: 'upload.failed', jobId: run.jobId, windowId: window.id });
    },
  });
}

async function upload(
  { service, places, leavesToWindow, metrics }: UploadWorkerParts,
  { data, job, jobId, signal }: JobRun<ArchiveUploadJob>,
): Promise<UploadResult> {
  const { storage, manifests, addendum } = places.ofWindow(data.window);
  const redaction = data.redaction ?? (await redactionOf(job));
  if (redaction === null) {
    // A redact job that was retried by hand has taken its outcome back.
    if (await manifests.exists(data.window, signal)) return { windowIsComplete: true };
    throw withoutRedaction();
  }
  const outcome = { batch: data.batch, sourceSha256: data.source.sha256, redaction };
  const startedAt = performance.now();
  const isAddendum = data.redaction !== undefined;
  if (redaction.conversations === 0 || (leavesToWindow && !isAddendum)) {
    metrics.uploads.inc({ result: 'none' });
    return { ...outcome, object: null, durationMs: 0 };
  }
  let stored: ManifestObject | ArchiveUploadOutcome['object'];
  try {
    stored = isAddendum
      ? await addendum.add(data, redaction, signal)
      : await storage.store(
          {
            windowId: data.window.id,
            batch: data.batch,
            sourceSha256: data.source.sha256,
            redaction,
            storageClass: data.storageClass,
          },
          signal,
        );
  } catch (error) {
    if (isAddendum || errorCodeOf(error) !== 'STAGE_BLOB_MISSING') throw error;
    const known = await fromManifest(manifests, data, signal);
    if (known === null) throw sourceGone(data, error);
    metrics.uploads.inc({ result: 'known' });
    return { ...outcome, object: known.object, durationMs: 0 };
  }
  const durationMs = Math.round(performance.now() - startedAt);
  metrics.uploads.inc({ result: 'stored' });
  metrics.uploadedBytes.inc(stored?.bytes ?? 0);
  metrics.uploadSeconds.observe(durationMs / 1_000);
  const object = stored === null ? null : plain(stored);
  service.log.info(
    {
      event: 'batch.stored',
      queue: ARCHIVE_UPLOAD,
      jobId,
      windowId: data.window.id,
      traceId: data.traceId,
      key: object?.key,
      generation: object?.generation,
      bytes: object?.bytes,
      count: redaction.conversations,
      durationMs,
    },
    'A batch of conversations is stored',
  );
  return { ...outcome, object, durationMs };
}

/** @returns `null`: its redact job is gone, or returned something else */
async function redactionOf(job: JobRun<ArchiveUploadJob>['job']): Promise<ArchiveRedactOutcome | null> {
  const [value] = Object.values(await job.getChildrenValues());
  return archiveRedactOutcome.safeParse(value).data ?? null;
}

function withoutRedaction(): TrunklineError {
  return new TrunklineError('JOB_INVALID', {
    message: 'This upload has no redaction to store: its redact job is gone, or returned something else.',
    remedy: 'Retry archive-fetch of the window, which makes its jobs anew.',
  });
}

/** @returns `null` where the window is not complete; its object is `null` where another flow completed it */
async function fromManifest(
  manifests: Manifests,
  data: ArchiveUploadJob,
  signal: AbortSignal,
): Promise<{ object: ArchiveUploadOutcome['object'] } | null> {
  const stored = await manifests.read(data.window.id, signal);
  if (stored === null) return null;
  const found = stored.manifest.objects.find(
    ({ batch, sourceSha256 }) => batch === data.batch && sourceSha256 === data.source.sha256,
  );
  return { object: found === undefined ? null : plain(found) };
}

function plain(object: NonNullable<ArchiveUploadOutcome['object']>): ArchiveUploadOutcome['object'] {
  const { key, bytes, sha256, generation, encryption, kmsKeyId, storageClass } = object;
  return { key, bytes, sha256, generation, encryption, kmsKeyId, storageClass };
}

function sourceGone({ window, batch }: ArchiveUploadJob, cause: unknown): TrunklineError {
  return new TrunklineError('STAGE_BLOB_MISSING', {
    message: `The redacted batch ${batch} of ${window.id} is not in the stage any more, and the window is not complete.`,
    remedy: `Retry archive-fetch of ${window.id}, which makes its batches anew.`,
    cause,
  });
}
