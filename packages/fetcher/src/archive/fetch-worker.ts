import {
  ARCHIVE_COMPLIANCE,
  ARCHIVE_FETCH,
  type ArchivedWindow,
  type ArchiveFetchJob,
  archiveComplianceJobId,
  archivedWindowsKept,
  archivedWindowsKey,
  archiveFetchJob,
  errorCodeOf,
  failureRecord,
} from '@trunkline/contracts';
import { type JobRun, jobOptions, QueueWorker, type Service, type WorkerConfig } from '@trunkline/service';
import type { ArchiveMetrics } from './archive-metrics.ts';
import { type FetchOutcome, type FetchWindow, longestFetchStandstillMs } from './fetch-window.ts';

/** The archive-fetch worker: one window in, its flow out. */
export function fetchWorker(parts: {
  service: Service;
  config: WorkerConfig;
  attempts: number;
  fetch: FetchWindow;
  metrics: ArchiveMetrics;
}): QueueWorker<ArchiveFetchJob, FetchOutcome> {
  const { service, fetch, metrics } = parts;

  /** A window that fails is told to the auditor, and to people. */
  async function onFailed(run: JobRun<ArchiveFetchJob>, error: unknown): Promise<void> {
    const { window, traceId } = run.data;
    const at = new Date();
    const attempt = run.job.attemptsMade + 1;
    const record = failureRecord(
      window,
      { queue: ARCHIVE_FETCH, id: run.jobId, attempt, traceId },
      { errorCode: errorCodeOf(error), checksum: fetch.checksumOf(run) },
      at,
    );
    const options = { ...jobOptions(parts.attempts), jobId: archiveComplianceJobId(record.recordId) };
    await service.queue(ARCHIVE_COMPLIANCE).add('record', record, options);
    const line: ArchivedWindow = {
      windowId: window.id,
      from: window.from,
      to: window.to,
      status: 'FAILURE',
      conversations: null,
      bytes: null,
      cost: null,
      integrity: null,
      at: at.toISOString(),
    };
    const key = archivedWindowsKey(service.deployment);
    await service.redis
      .multi()
      .lpush(key, JSON.stringify(line))
      .ltrim(key, 0, archivedWindowsKept - 1)
      .exec();
    service.totalsOf('archive').add('windowsFailed', 1);
    metrics.fetches.inc({ result: 'failed' });
  }

  return new QueueWorker({
    service,
    queue: ARCHIVE_FETCH,
    config: parts.config,
    schema: archiveFetchJob,
    run: (run) => fetch.run(run),
    longestRunMs: longestFetchStandstillMs,
    onFailed,
  });
}
