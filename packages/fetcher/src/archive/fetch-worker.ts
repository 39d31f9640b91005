import {
  ARCHIVE_COMPLIANCE,
  ARCHIVE_FETCH,
  type ArchiveFetchJob,
  archiveFetchJob,
  errorCodeOf,
  failedWindow,
  failureRecord,
} from '@trunkline/contracts';
import {
  addComplianceRecord,
  HeldBack,
  type JobRun,
  listWindow,
  type Organisations,
  QueueWorker,
  type Service,
  type WorkerConfig,
} from '@trunkline/service';
import type { ArchiveMetrics } from './archive-metrics.ts';
import { type FetchOutcome, type FetchWindow, longestFetchStandstillMs } from './fetch-window.ts';
import type { HeldBackBoard } from './held-back-board.ts';

/** How long a window is left alone whose organisation has as many in hand as it may (ms). */
const busyDelayMs = 5_000;

/**
 * The archive-fetch worker: one window in, its flow out. Each organisation has room for as many windows as the concurrency says, so
 * that those of one that Genesys keeps waiting hold up no other's.
 */
export function fetchWorker(parts: {
  service: Service;
  config: WorkerConfig;
  attempts: number;
  fetches: Organisations<FetchWindow>;
  metrics: ArchiveMetrics;
  heldBack: HeldBackBoard;
}): QueueWorker<ArchiveFetchJob, FetchOutcome> {
  const { service, fetches, metrics } = parts;
  const { concurrency } = parts.config;
  const inHand = new Map<FetchWindow, number>();

  async function fetch(run: JobRun<ArchiveFetchJob>): Promise<FetchOutcome> {
    const ofOrganisation = fetches.ofWindow(run.data.window);
    const before = inHand.get(ofOrganisation) ?? 0;
    if (before >= concurrency)
      throw new HeldBack('other windows of this organisation are in hand', busyDelayMs);
    inHand.set(ofOrganisation, before + 1);
    try {
      return await ofOrganisation.run(run);
    } finally {
      inHand.set(ofOrganisation, (inHand.get(ofOrganisation) ?? 1) - 1);
    }
  }

  /** A window that fails is told to the auditor, and to people. */
  async function onFailed(run: JobRun<ArchiveFetchJob>, error: unknown): Promise<void> {
    const { window, traceId } = run.data;
    const at = new Date();
    const attempt = run.job.attemptsMade + 1;
    const record = failureRecord(
      window,
      { queue: ARCHIVE_FETCH, id: run.jobId, attempt, traceId },
      { errorCode: errorCodeOf(error), checksum: fetches.ofWindow(window).checksumOf(run) },
      at,
    );
    await addComplianceRecord(service.queue(ARCHIVE_COMPLIANCE), record, parts.attempts);
    await listWindow(service.redis, service.deployment, failedWindow(window, at));
    await parts.heldBack.takeOff(window.id);
    service.totalsOf('archive').add('windowsFailed', 1);
    metrics.fetches.inc({ result: 'failed' });
  }

  return new QueueWorker({
    service,
    queue: ARCHIVE_FETCH,
    config: { ...parts.config, concurrency: concurrency * fetches.all.length },
    schema: archiveFetchJob,
    run: fetch,
    longestRunMs: longestFetchStandstillMs,
    onFailed,
  });
}
