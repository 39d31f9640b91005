/** The jobs that follow from what was archived, or from what failed; each of an id of its own, so that adding twice is adding once. */
import { manifestDetails, type StoredManifest } from '@trunkline/archive-store';
import {
  ARCHIVE_COMPLIANCE,
  ARCHIVE_NOTIFY,
  type ArchiveComplianceJob,
  type ArchiveNotifyJob,
  archiveNotifyJobId,
} from '@trunkline/contracts';
import { addComplianceRecord, jobOptions, type Service } from '@trunkline/service';

export class AfterArchive {
  readonly #service: Service;
  readonly #attempts: number;

  constructor(service: Service, attempts: number) {
    this.#service = service;
    this.#attempts = attempts;
  }

  async record(job: ArchiveComplianceJob): Promise<void> {
    await addComplianceRecord(this.#service.queue(ARCHIVE_COMPLIANCE), job, this.#attempts);
  }

  /** The retries of a completion event are the worker's own, over a day: BullMQ has one attempt. */
  async notify(stored: StoredManifest, traceId: string): Promise<void> {
    const job = completionEvent(stored, traceId);
    const options = { ...jobOptions(1), jobId: archiveNotifyJobId(job.windowId, job.audit.checksum) };
    await this.#service.queue(ARCHIVE_NOTIFY).add('completed', job, options);
  }
}

export function successRecord(stored: StoredManifest, traceId: string): ArchiveComplianceJob {
  const { manifest } = stored;
  const { source, counts, metrics, release } = manifest;
  const replaced = manifest.replacements.at(-1);
  return {
    v: 1,
    recordId: manifest.recordId,
    timestamp: manifest.createdAt,
    action: 'ARCHIVE_OFFLOAD',
    conversationId: manifest.window.id,
    status: 'SUCCESS',
    checksum: source.sha256,
    errorCode: null,
    details: {
      ...manifestDetails(stored),
      conversations: counts.conversations,
      deadLettered: counts.deadLettered,
      objects: manifest.objects.length,
      bytes: metrics.bytes_transferred,
      sourceBytes: source.bytes,
      pages: source.pages,
      integrity: source.integrity,
      missingTexts: counts.missingTexts,
      ...(release === null
        ? {}
        : { releasedBy: release.by ?? 'ARCHIVE_TEXT_WAIT_SECONDS', releaseReason: release.reason }),
      ...(replaced === undefined
        ? {}
        : {
            replacesFlow: replaced.flow,
            missingTextsBefore: replaced.missingTexts,
            by: replaced.by,
            reason: replaced.reason,
          }),
    },
    traceId,
  };
}

function completionEvent({ manifest }: StoredManifest, traceId: string): ArchiveNotifyJob {
  const { sourceBytes: _, ...metrics } = manifest.metrics;
  return {
    v: 1,
    webhookId: `${manifest.window.id}-${manifest.flow}`,
    windowId: manifest.window.id,
    occurredAt: manifest.createdAt,
    metrics,
    audit: {
      timestamp: manifest.createdAt,
      action: 'ARCHIVE_OFFLOAD',
      conversation_id: manifest.window.id,
      status: 'SUCCESS',
      checksum: manifest.source.sha256,
    },
    traceId,
  };
}
