/** The archive-window worker: runs when all uploads of a window are stored, and completes it. */
import type { BucketGate } from '@trunkline/archive-store';
import {
  ARCHIVE_WINDOW,
  type ArchiveUploadOutcome,
  type ArchiveWindowJob,
  archiveUploadOutcome,
  archiveWindowJob,
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
import type { FailedWindows } from './failed-windows.ts';
import { gated } from './gated.ts';
import type { CompletedWindow, WindowCompletion } from './window-completion.ts';

/** The guide's layout writes a whole day in one object. */
const longestRunMs = 4 * 3_600_000;

export function windowWorker(parts: {
  service: Service;
  config: WorkerConfig;
  valve: Valve;
  gate: BucketGate;
  completions: Organisations<WindowCompletion>;
  failures: FailedWindows;
}): QueueWorker<ArchiveWindowJob, CompletedWindow> {
  const { gate, completions, failures } = parts;
  return new QueueWorker({
    ...parts,
    queue: ARCHIVE_WINDOW,
    schema: archiveWindowJob,
    run: (run) =>
      gated(gate, () =>
        completions.ofWindow(run.data.window).complete(run.data, () => outcomesOf(run), run.signal),
      ),
    longestRunMs,
    onFailed: async (run, error) => {
      const { window, flow, source, traceId } = run.data;
      const job = { queue: ARCHIVE_WINDOW, id: run.jobId, attempt: run.job.attemptsMade + 1, traceId };
      await failures.tell({ window, flow, job, errorCode: errorCodeOf(error), checksum: source.sha256 });
    },
  });
}

/** What the uploads returned, in the order of the source. */
async function outcomesOf({ data, job }: JobRun<ArchiveWindowJob>): Promise<ArchiveUploadOutcome[]> {
  const values = Object.values(await job.getChildrenValues());
  const outcomes = new Map<string, ArchiveUploadOutcome>();
  for (const value of values) {
    const parsed = archiveUploadOutcome.safeParse(value);
    if (parsed.success) outcomes.set(parsed.data.batch, parsed.data);
  }
  if (outcomes.size !== data.batches) {
    throw new TrunklineError('JOB_INVALID', {
      message: `${outcomes.size} of the ${data.batches} batches of ${data.window.id} have told where they are stored.`,
      remedy: `Retry archive-fetch of ${data.window.id}, which makes its jobs anew.`,
    });
  }
  return [...outcomes.values()].sort((a, b) => (a.batch < b.batch ? -1 : 1));
}
