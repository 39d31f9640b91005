import { randomUUID } from 'node:crypto';
import {
  type ArchiveFetchJob,
  type ArchivePlanJob,
  type ArchiveWindow,
  type ArchiveWindowAct,
  type ArchiveWindowActOutcome,
  archiveWindowsOf,
  type WindowRelease,
} from '@trunkline/contracts';
import { jobOptions } from '@trunkline/service';
import type { Job, Queue } from 'bullmq';
import type { WindowRecords } from './window-records.ts';

/** What a plan returns, and its job shows. Every window of the range is in one of the last four. */
export interface PlanOutcome {
  windows: number;
  /** Put on the queue by this plan. */
  planned: number;
  alreadyDone: number;
  /** Planned before, and not done yet; those that stand failed too. */
  underWay: number;
  /** Not ended, or not settled: planned once they are. */
  tooEarly: number;
}

/** The schedule's last look at the windows. */
export interface PlanPicture {
  at: number;
  /** Up to where every window is done (ms since 1970); `null`: none ever was. */
  watermark: number | null;
  /** Windows that are due and not done, by the state of their fetch; `fetched`: the jobs behind it are at it. */
  unfinished: Record<string, number>;
  oldestUnfinished: { id: string; to: number } | null;
}

export interface PlanTerms {
  /** Whose windows; `null`: the only organisation of the deployment. */
  organisation: string | null;
  windowMs: number;
  settleMs: number;
  mediaTypes: readonly string[];
  pageSize: number;
  storageClass: string;
  attempts: number;
}

/** How a plan goes on, for progress bars and for the watch over steps. */
export type OnPlanned = (progress: { planned: number; done: number; total: number }) => void;

/**
 * Puts windows on the queue archive-fetch, each once: a job's id is its window's. Whether a window is done is read from the bucket,
 * never from Redis; so an emptied Redis plans what is missing, and nothing else.
 */
export class PlanWindows {
  readonly #terms: PlanTerms;
  readonly #records: WindowRecords;
  readonly #queue: Queue;
  readonly #now: () => number;

  /** @param parts.now the source's clock, ms since 1970 */
  constructor(parts: { terms: PlanTerms; records: WindowRecords; queue: Queue; now: () => number }) {
    this.#terms = parts.terms;
    this.#records = parts.records;
    this.#queue = parts.queue;
    this.#now = parts.now;
  }

  /** All windows that a person asked for. */
  async range(
    range: NonNullable<ArchivePlanJob['range']>,
    onPlanned: OnPlanned,
    signal: AbortSignal,
  ): Promise<PlanOutcome> {
    const { windowMs, organisation } = this.#terms;
    const windows = (): Generator<ArchiveWindow> =>
      archiveWindowsOf(
        Date.parse(range.from),
        Date.parse(range.to),
        windowMs,
        range.mediaTypes,
        organisation,
      );
    const total = countOf(windows());
    const outcome = { windows: 0, planned: 0, alreadyDone: 0, underWay: 0, tooEarly: 0 };
    for (const window of windows()) {
      signal.throwIfAborted();
      outcome.windows++;
      if (!this.#isSettled(window)) outcome.tooEarly++;
      else if (await this.#records.isDone(window, signal)) outcome.alreadyDone++;
      else if ((await this.#ensure(window, range.requestedBy)) === 'added') outcome.planned++;
      else outcome.underWay++;
      onPlanned({ planned: outcome.planned, done: outcome.windows, total });
    }
    return outcome;
  }

  /**
   * All windows since the watermark that have settled; without a watermark, the last of them alone. Moves the watermark over the
   * windows that are done, as far as none is missing between.
   */
  async schedule(
    onPlanned: OnPlanned,
    signal: AbortSignal,
  ): Promise<{ outcome: PlanOutcome; picture: PlanPicture }> {
    const { windowMs, settleMs, mediaTypes, organisation } = this.#terms;
    const now = this.#now();
    const settledTo = Math.floor((now - settleMs) / windowMs) * windowMs;
    const former = await this.#records.formerWindows(settledTo, signal);
    const watermark = await this.#records.readWatermark(signal);
    const from = watermark ?? settledTo - windowMs;
    const of = (fromMs: number, toMs: number, types: readonly string[]): ArchiveWindow[] => [
      ...archiveWindowsOf(fromMs, toMs, windowMs, types, organisation),
    ];
    const left = former === null ? [] : of(former.doneTo, former.until, former.mediaTypes);
    const windows = of(from, settledTo, mediaTypes);
    const outcome = { windows: 0, planned: 0, alreadyDone: 0, underWay: 0, tooEarly: 0 };
    const picture: PlanPicture = {
      at: Date.now(),
      watermark: left.length > 0 && former !== null ? former.doneTo : watermark,
      unfinished: {},
      oldestUnfinished: null,
    };
    const total = left.length + windows.length;
    const told = (): void => onPlanned({ planned: outcome.planned, done: outcome.windows, total });
    const formerDone = await this.#look(left, { outcome, picture, told }, signal);
    if (formerDone !== null) {
      await this.#records.advanceFormer(formerDone, signal);
      picture.watermark = Date.parse(formerDone.to);
    }
    const isFormerDone = picture.oldestUnfinished === null;
    const done = await this.#look(windows, { outcome, picture, told }, signal);
    if (done !== null) await this.#records.advanceWatermark(done, signal);
    if (isFormerDone) picture.watermark = done === null ? watermark : Date.parse(done.to);
    return { outcome, picture };
  }

  /** Sees to windows that are due, the oldest first. @returns the last that is done and has none before it that is not */
  async #look(
    windows: readonly ArchiveWindow[],
    { outcome, picture, told }: { outcome: PlanOutcome; picture: PlanPicture; told: () => void },
    signal: AbortSignal,
  ): Promise<ArchiveWindow | null> {
    let doneInOrder: ArchiveWindow | null = null;
    let isInOrder = true;
    for (const window of windows) {
      signal.throwIfAborted();
      outcome.windows++;
      if (await this.#records.isDone(window, signal)) {
        outcome.alreadyDone++;
        if (isInOrder) doneInOrder = window;
      } else {
        isInOrder = false;
        picture.oldestUnfinished ??= { id: window.id, to: Date.parse(window.to) };
        const found = await this.#ensure(window, null);
        const state = found === 'added' ? 'waiting' : found;
        picture.unfinished[state] = (picture.unfinished[state] ?? 0) + 1;
        if (found === 'added') outcome.planned++;
        else outcome.underWay++;
      }
      told();
    }
    return doneInOrder;
  }

  /** What a person asks for about one window. @returns also the release that stands then, which goes on record */
  async act(
    { kind, windowId, by, reason, at }: ArchiveWindowAct,
    signal: AbortSignal,
  ): Promise<ArchiveWindowActOutcome & { release: WindowRelease | null }> {
    const archived = await this.#records.archived(windowId, signal);
    const standing = (await this.#queue.getJob(windowId)) as Job | undefined;
    const state = (await standing?.getState()) ?? 'unknown';
    if (kind === 'release') {
      if (archived !== null) return { result: 'archived', release: null };
      const { release, isNew } = await this.#records.decide(windowId, { by, reason, at }, signal);
      await goOn(standing, state);
      return { result: isNew ? 'released' : 'released-before', release };
    }
    if (archived === null) return { result: 'not-archived', release: null };
    if (archived.counts.missingTexts === 0) return { result: 'whole', release: null };
    if (state !== 'completed' && state !== 'unknown') return { result: 'under-way', release: null };
    await standing?.remove();
    const { flow, revision, window } = archived;
    await this.#add(window, by, { again: { flow, revision, by, reason, at } });
    return { result: 'queued', release: null };
  }

  /** A window that is fetched before it has settled would lack conversations, and count as done. */
  #isSettled(window: ArchiveWindow): boolean {
    return Date.parse(window.to) + this.#terms.settleMs <= this.#now();
  }

  /**
   * Makes sure that a window without manifest has its fetch.
   *
   * A fetch that has ended is run again: it costs a few requests where the jobs behind it are at it, and mends the window where what
   * they need is gone.
   * @returns `added`, or the state of the fetch that stands there; `fetched`: it has ended, and is run again
   */
  async #ensure(window: ArchiveWindow, requestedBy: string | null): Promise<string> {
    const standing = (await this.#queue.getJob(window.id)) as Job | undefined;
    const state = standing === undefined ? null : await standing.getState();
    if (state !== null && state !== 'completed' && state !== 'unknown') return state;
    if (state === 'completed') await standing?.remove();
    await this.#add(window, requestedBy);
    return state === 'completed' ? 'fetched' : 'added';
  }

  async #add(
    window: ArchiveWindow,
    requestedBy: string | null,
    more: Pick<ArchiveFetchJob, 'again'> = {},
  ): Promise<void> {
    const { pageSize, storageClass, attempts } = this.#terms;
    const job: ArchiveFetchJob = {
      v: 1,
      window,
      traceId: randomUUID(),
      pageSize,
      storageClass,
      plannedAt: new Date().toISOString(),
      requestedBy,
      ...more,
    };
    await this.#queue.add('window', job, { ...jobOptions(attempts), jobId: window.id });
  }
}

/** Has a fetch that waits, or stands failed, run now. One that is no longer in this state has been moved by another hand. */
async function goOn(fetch: Job | undefined, state: string): Promise<void> {
  if (state === 'delayed') await fetch?.promote().catch(() => {});
  else if (state === 'failed') await fetch?.retry('failed').catch(() => {});
}

function countOf(windows: Iterable<unknown>): number {
  let count = 0;
  for (const _ of windows) count++;
  return count;
}
