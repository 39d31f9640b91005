import {
  ARCHIVE_COMPLIANCE,
  ARCHIVE_PLAN,
  type ArchiveComplianceJob,
  type ArchivePlanJob,
  type ArchiveWindowAct,
  type ArchiveWindowActOutcome,
  archivePlanJob,
  organisationOfWindow,
  TrunklineError,
  type WindowRelease,
} from '@trunkline/contracts';
import {
  addComplianceRecord,
  HeldBack,
  type JobRun,
  type Organisations,
  QueueWorker,
  type Service,
  type WorkerConfig,
} from '@trunkline/service';
import { type PlanBoard, pictureOfAll } from './plan-board.ts';
import type { OnPlanned, PlanOutcome, PlanPicture, PlanWindows } from './plan-windows.ts';

/** How often a plan shows how far it is (ms). */
const progressMs = 250;

/** Longest time for one window (ms): a question to the bucket and one to Redis. */
const longestStandstillMs = 300_000;

/** How long a plan is left alone while the bucket is away (ms). */
const outageDelayMs = 15_000;

/** The archive-plan worker: a tick of the schedule, or what a person asked for: a range, or an act about one window. */
export function planWorker(parts: {
  service: Service;
  config: Omit<WorkerConfig, 'concurrency'>;
  attempts: number;
  plans: Organisations<PlanWindows>;
  board: PlanBoard;
}): QueueWorker<ArchivePlanJob, PlanOutcome | ArchiveWindowActOutcome> {
  const { service, plans, board } = parts;

  /** A bucket that is away is no fault of the plan: it waits, and no attempt is burned. */
  async function run(run: JobRun<ArchivePlanJob>): Promise<PlanOutcome | ArchiveWindowActOutcome> {
    try {
      const { act } = run.data;
      const outcome = act === undefined ? await planned(run) : await done(run, act);
      service.health.report('plan', null);
      return outcome;
    } catch (error) {
      const away =
        error instanceof TrunklineError && error.kind === 'retriable' && error.code.startsWith('S3_');
      if (!away) throw error;
      service.health.report('plan', error.message);
      throw new HeldBack(error.message, outageDelayMs, error);
    }
  }

  async function done(
    { jobId, signal }: JobRun<ArchivePlanJob>,
    act: ArchiveWindowAct,
  ): Promise<ArchiveWindowActOutcome> {
    const { windowId, by, kind } = act;
    const organisation = organisationOfWindow(windowId);
    const plan = plans.ofWindow(organisation === null ? {} : { organisation });
    const { result, release } = await plan.act(act, signal);
    if (release !== null) {
      const record = releaseRecord(windowId, release, jobId);
      await addComplianceRecord(service.queue(ARCHIVE_COMPLIANCE), record, parts.attempts);
    }
    service.log.info({ event: `window.${kind}`, windowId, requestedBy: by, result }, 'A person decided');
    return { result };
  }

  async function planned(run: JobRun<ArchivePlanJob>): Promise<PlanOutcome> {
    const { range } = run.data;
    const { onPlanned, shown } = progressOf(run);
    if (range !== null) {
      const outcome = await plans.ofWindow(range).range(range, onPlanned, run.signal);
      await shown();
      const { requestedBy, from, to } = range;
      service.log.info(
        { event: 'archive.range-planned', requestedBy, from, to, ...outcome },
        'A range is planned',
      );
      return outcome;
    }
    const found: Awaited<ReturnType<PlanWindows['schedule']>>[] = [];
    for (const plan of plans.all) found.push(await plan.schedule(onPlanned, run.signal));
    const [first, ...others] = found.map(({ picture }) => picture) as [PlanPicture, ...PlanPicture[]];
    await board.show(pictureOfAll([first, ...others]));
    const outcome = outcomeOfAll(found.map((one) => one.outcome));
    const level = outcome.planned > 0 ? 'info' : 'debug';
    service.log[level]({ event: 'archive.planned', ...outcome }, 'The windows that are due are planned');
    return outcome;
  }

  return new QueueWorker({
    service,
    queue: ARCHIVE_PLAN,
    // A range of a year holds up no tick.
    config: { ...parts.config, concurrency: 2 },
    schema: archivePlanJob,
    run,
    longestRunMs: longestStandstillMs,
  });
}

/** Names no manifest: there is none yet. */
function releaseRecord(
  windowId: string,
  { by, reason, at }: WindowRelease,
  traceId: string,
): ArchiveComplianceJob {
  return {
    v: 1,
    recordId: `${windowId}-RELEASE`,
    timestamp: at,
    action: 'ARCHIVE_RELEASE',
    conversationId: windowId,
    status: 'SUCCESS',
    checksum: null,
    errorCode: null,
    details: { by, reason },
    traceId,
  };
}

function outcomeOfAll(outcomes: readonly PlanOutcome[]): PlanOutcome {
  const sum = (count: (outcome: PlanOutcome) => number): number =>
    outcomes.reduce((total, outcome) => total + count(outcome), 0);
  return {
    windows: sum(({ windows }) => windows),
    planned: sum(({ planned }) => planned),
    alreadyDone: sum(({ alreadyDone }) => alreadyDone),
    underWay: sum(({ underWay }) => underWay),
    tooEarly: sum(({ tooEarly }) => tooEarly),
  };
}

/** Progress for people, not at every window; `shown` makes sure of the last. */
function progressOf(run: JobRun<ArchivePlanJob>): { onPlanned: OnPlanned; shown: () => Promise<void> } {
  let last: Parameters<OnPlanned>[0] | null = null;
  let shownAt = 0;
  return {
    onPlanned: (progress) => {
      last = progress;
      const now = Date.now();
      run.extend(now);
      if (now - shownAt < progressMs) return;
      shownAt = now;
      run.job.updateProgress(progress).catch(() => {});
    },
    shown: async () => {
      if (last !== null) await run.job.updateProgress(last);
    },
  };
}
