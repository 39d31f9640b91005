import { createHash, randomBytes } from 'node:crypto';
import { type Stage, stagePlaces } from '@trunkline/claim-check/stage';
import {
  ARCHIVE_FETCH,
  type ArchiveFetchJob,
  type ArchiveSource as ArchiveSourceRecord,
  archiveFlowId,
  TrunklineError,
  type WindowRelease,
} from '@trunkline/contracts';
import type { ArchiveQuery, ArchiveSource, GenesysWait, MadeConversations } from '@trunkline/genesys';
import { LongWait } from '@trunkline/genesys';
import { HeldBack, type JobRun, type Service } from '@trunkline/service';
import type { GenesysClock } from '../genesys-clock.ts';
import type { ArchiveMetrics } from './archive-metrics.ts';
import { BatchCutter, type BatchLimits, inPieces, NotJsonArrayOfPage } from './batch-cutter.ts';
import type { HeldBackBoard } from './held-back-board.ts';
import { NotJsonArray } from './json-array-splitter.ts';
import type { StagedPage } from './staged-page.ts';
import { nextLookAt, type TextTerms, textTerms } from './text-wait.ts';
import { DigestMismatch, WindowDownload } from './window-download.ts';
import type { StagedBatch, WindowFlows } from './window-flow.ts';
import type { WindowRecords } from './window-records.ts';

/** What a fetch returns, and its job shows. */
export type FetchOutcome =
  | { result: 'done' } // the window has its manifest
  | { result: 'under-way'; flow: string } // the jobs behind an earlier fetch are at it
  | { result: 'unchanged'; flow: string } // fetched once more, and Genesys gives what is archived
  | {
      result: 'fetched';
      flow: string;
      batches: number;
      conversations: number;
      /** Texts that they are without. */
      missingTexts: number;
      source: ArchiveSourceRecord;
    };

export interface FetchWindowParts {
  service: Service;
  /** Whose windows; `null`: the only organisation of the deployment. */
  organisation: string | null;
  stage: Stage;
  source: ArchiveSource;
  records: WindowRecords;
  flows: WindowFlows;
  clock: GenesysClock;
  metrics: ArchiveMetrics;
  heldBack: HeldBackBoard;
  /** ARCHIVE_TEXT_WAIT_SECONDS; `null`: until a person decides. */
  textWaitMs: number | null;
  limits: BatchLimits;
  settleMs: number;
  backoffMinMs: number;
  backoffMaxMs: number;
}

/** A longer wait parks the job: it holds no worker (ms). */
const longestWaitMs = 60_000;

/** A wait that is over by so much was another fetcher's to end: the parked job may be in any hands (ms). */
const forgetWaitMs = 60_000;

/** How long a job is parked when stage or bucket cannot be reached (ms). */
const outageDelayMs = 15_000;

/** A window that has not ended at Genesys yet is looked at again after this time at the latest (ms). */
const tooEarlyDelayMs = 3_600_000;

/** How often the job shows how far it is (ms). */
const progressMs = 2_000;

/** Bytes of a batch that go to the stage at a time. */
const pieceBytes = 256 * 1024;

const maxBatches = 99_999;

/** Longest time without a byte, a chunk or a batch, waits that Genesys asked for aside (ms). */
export const longestFetchStandstillMs = 600_000;

/**
 * Fetches one window: download into the stage, digests, batches, flow. Nothing behind it sees a byte before every page is whole
 * and is what the source states.
 *
 * Killed at any moment and run again, also twice at once (a stalled attempt that wakes), it ends with one flow: what is in the stage
 * is never overwritten, and the flow's name follows from what the source served.
 */
export class FetchWindow {
  readonly #parts: FetchWindowParts;
  readonly #checksums = new WeakMap<JobRun<ArchiveFetchJob>, string>();
  /** What `/readyz` calls the way to Genesys. */
  readonly #matter: string;
  #pausedUntil: number | null = null;

  constructor(parts: FetchWindowParts) {
    this.#parts = parts;
    this.#matter = `genesys archive${parts.organisation === null ? '' : ` of ${parts.organisation}`}`;
  }

  get organisation(): string | null {
    return this.#parts.organisation;
  }

  /** Until when Genesys has a window of this process wait, ms since 1970; `null` = it does not. */
  get pausedUntil(): number | null {
    return this.#pausedUntil;
  }

  /** Takes back what was told of a wait that is over and that no window of this process has ended. */
  forgetPastWait(now: number): void {
    if (this.#pausedUntil !== null && this.#pausedUntil + forgetWaitMs < now) this.#genesysAnswers();
  }

  /** SHA-256 of the source, as far as a failed run got to know it. */
  checksumOf(run: JobRun<ArchiveFetchJob>): string | null {
    return this.#checksums.get(run) ?? null;
  }

  async run(run: JobRun<ArchiveFetchJob>): Promise<FetchOutcome> {
    try {
      const outcome = await this.#fetch(run);
      this.#parts.metrics.fetches.inc({ result: outcome.result });
      this.#genesysAnswers();
      await this.#parts.heldBack.takeOff(run.data.window.id);
      for (const matter of ['stage', 'bucket']) this.#parts.service.health.report(matter, null);
      return outcome;
    } catch (error) {
      if (error instanceof DigestMismatch) {
        this.#parts.metrics.mismatches.inc();
        this.#checksums.set(run, error.actual);
      }
      throw await this.#parked(run, error);
    }
  }

  async #fetch(run: JobRun<ArchiveFetchJob>): Promise<FetchOutcome> {
    const { service, records, flows, stage } = this.#parts;
    const { window, traceId, again } = run.data;
    const archived = again === undefined ? null : await records.archived(window.id, run.signal);
    const isDone =
      again === undefined ? await records.isDone(window, run.signal) : archived?.flow !== again.flow;
    if (isDone) return { result: 'done' };
    const standing = await flows.underWay(window);
    if (standing !== null) return { result: 'under-way', flow: standing };

    const startedAt = new Date();
    const attempt = randomBytes(6).toString('hex');
    const facts = { queue: ARCHIVE_FETCH, jobId: run.jobId, windowId: window.id, traceId };
    service.log.info({ event: 'window.fetching', ...facts }, 'Fetching a window of conversations');
    const terms = archived === null ? await this.#terms(run) : termsAgain(archived.release, run.data);
    const without = new Set(archived?.erasures.flatMap(({ conversationIds }) => conversationIds));
    const parts = this.#downloadParts(run, attempt, { missing: terms.missing, without });
    const download = await WindowDownload.begin(parts);
    const pages = await download.pages();
    const source = sourceOf(pages);
    this.#checksums.set(run, source.sha256);
    const batches = await this.#batches(run, download, pages, attempt);

    const flow = archiveFlowId(source.sha256);
    const conversations = batches.reduce((sum, batch) => sum + batch.conversations, 0);
    const missingTexts = pages.reduce((sum, page) => sum + page.missingTexts, 0);
    if (flow === again?.flow) {
      await stage.removeAll(batchesPlace(window.id, attempt));
      await this.#removeDownloads(window.id);
      return { result: 'unchanged', flow };
    }
    const state = await flows.state(window.id, flow);
    if (state === 'whole') {
      // Another attempt was faster.
      await stage.removeAll(batchesPlace(window.id, attempt));
      return { result: 'under-way', flow };
    }
    if (state === 'broken') await flows.remove(window.id, flow);
    const { storageClass, plannedAt } = run.data;
    const job = { v: 1 as const, window, traceId, flow, source, batches: batches.length, conversations };
    const release = missingTexts === 0 ? null : terms.release;
    const times = { plannedAt, startedAt: startedAt.toISOString() };
    await flows.add({ ...job, storageClass, ...times, release, ...(again && { again }) }, batches);
    await this.#removeDownloads(window.id);
    service.log[missingTexts === 0 ? 'info' : 'warn'](
      {
        event: 'window.fetched',
        ...facts,
        flow,
        pages: source.pages,
        bytes: source.bytes,
        count: conversations,
        batches: batches.length,
        missingTexts,
        ...(release && { releasedBy: release.by ?? 'ARCHIVE_TEXT_WAIT_SECONDS' }),
        integrity: source.integrity,
        durationMs: Date.now() - startedAt.getTime(),
      },
      missingTexts === 0
        ? 'A window is fetched, and its batches are queued'
        : 'A window is fetched without texts that Genesys does not give, and its batches are queued',
    );
    return { result: 'fetched', flow, batches: batches.length, conversations, missingTexts, source };
  }

  /** Without which texts the window goes on. */
  async #terms({ data: { window }, signal }: JobRun<ArchiveFetchJob>): Promise<TextTerms> {
    const { records, textWaitMs } = this.#parts;
    const release = await records.release(window.id, signal);
    const since = await this.#heldBackSince(window.id);
    return textTerms({ release, since, waitMs: textWaitMs }, Date.now());
  }

  /** When a text of a window was first waited for (ms since 1970); it stands in the stage, which outlives jobs. */
  async #heldBackSince(windowId: string): Promise<number | null> {
    const note = await this.#parts.stage.getNote(heldBackNote(windowId));
    const at = note === null ? Number.NaN : Number((note as { at?: unknown }).at);
    return Number.isFinite(at) ? at : null;
  }

  async #batches(
    run: JobRun<ArchiveFetchJob>,
    download: WindowDownload,
    pages: readonly StagedPage[],
    attempt: string,
  ): Promise<StagedBatch[]> {
    const { stage, limits } = this.#parts;
    const place = batchesPlace(run.data.window.id, attempt);
    const cutter = new BatchCutter(bytesOf(download, pages), limits);
    const batches: StagedBatch[] = [];
    try {
      while (await cutter.more()) {
        if (batches.length === maxBatches)
          throw new RangeError(`a window of more than ${maxBatches} batches`);
        const batch = `b${String(batches.length + 1).padStart(5, '0')}`;
        const source = await stage.write(
          `${place}${batch}`,
          inPieces(cutter.bytes(), pieceBytes),
          run.signal,
        );
        batches.push({ batch, source, conversations: cutter.conversations });
        run.extend(Date.now());
      }
    } catch (error) {
      if (!(error instanceof NotJsonArrayOfPage)) throw error;
      const page = pages[error.page - 1];
      if (page !== undefined) await download.refuse(page);
      throw notJson(run.data.window.id, error);
    }
    return batches;
  }

  #downloadParts(
    run: JobRun<ArchiveFetchJob>,
    attempt: string,
    wanted: Pick<ArchiveQuery, 'missing' | 'without'>,
  ) {
    const { service, stage, metrics, backoffMinMs, backoffMaxMs } = this.#parts;
    const { window, pageSize, storageClass, traceId } = run.data;
    const facts = { windowId: window.id, traceId };
    let bytes = 0;
    let made: MadeConversations | null = null;
    let shownAt = 0;
    const count = (more: number): void => {
      bytes += more;
      const now = Date.now();
      run.extend(now);
      if (now - shownAt < progressMs) return;
      shownAt = now;
      // For people: a figure that does not arrive is followed by another.
      const conversations = made === null ? {} : { conversations: made.done, ofWindow: made.ofWindow };
      run.job.updateProgress({ bytes, ...conversations }).catch(() => {});
    };
    const { from, to, mediaTypes } = window;
    const query: ArchiveQuery = { from, to, mediaTypes, pageSize, storageClass, ...wanted };
    return {
      stage,
      source: this.#source(run),
      windowId: window.id,
      attempt,
      query,
      patience: { longestWaitMs, onWait: (wait: GenesysWait) => this.#onWait(run, wait) },
      backoffMinMs,
      backoffMaxMs,
      signal: run.signal,
      watch: {
        bytes: (more: number) => {
          metrics.bytes.inc(more);
          count(more);
        },
        adopted: (more: number) => {
          metrics.adoptedBytes.inc(more);
          count(more);
        },
        conversations: (soFar: MadeConversations) => {
          made = soFar;
        },
        opened: (page: number, { unreadableDigests }: { unreadableDigests: readonly string[] }) => {
          for (const header of unreadableDigests) {
            service.log.warn(
              { event: 'archive.digest-unreadable', ...facts, page, header },
              'A digest header of the archive cannot be read, and counts as absent',
            );
          }
        },
        interrupted: (page: number, error: TrunklineError) => {
          metrics.interruptions.inc();
          service.log.warn(
            { event: 'archive.interrupted', ...facts, page, errorCode: error.code, err: error },
            'The download of an archive was interrupted; it goes on',
          );
        },
        resumed: () => metrics.resumes.inc(),
        restarted: (page: number) => {
          metrics.restarts.inc();
          service.log.info(
            { event: 'archive.restarted', ...facts, page },
            'The download of an archive starts again: the source changed, or cannot be resumed',
          );
        },
        beganAgain: (error: TrunklineError) => {
          metrics.restarts.inc();
          service.log.warn(
            { event: 'window.began-again', ...facts, errorCode: error.code, err: error },
            'The pages of a window expired: it is fetched anew',
          );
        },
      },
    };
  }

  /** The source, with an ear for its clock: a window that has not settled by that clock is not complete yet. */
  #source(run: JobRun<ArchiveFetchJob>): ArchiveSource {
    const { source, clock, settleMs } = this.#parts;
    const settledAt = Date.parse(run.data.window.to) + settleMs;
    return {
      pagesHoldMs: source.pagesHoldMs,
      openPage: async (...asked) => {
        const opened = await source.openPage(...asked);
        const { serverDate } = opened;
        clock.heard(serverDate);
        if (serverDate !== null && serverDate.getTime() < settledAt) {
          opened.body.destroy();
          const earlyMs = settledAt - serverDate.getTime();
          throw new HeldBack(
            "By Genesys' clock the window has not settled yet",
            Math.min(earlyMs, tooEarlyDelayMs),
          );
        }
        this.#genesysAnswers();
        return opened;
      },
    };
  }

  #onWait(run: JobRun<ArchiveFetchJob>, wait: GenesysWait): void {
    run.extend(wait.untilMs);
    this.#tellWait(wait);
  }

  #genesysAnswers(): void {
    this.#pausedUntil = null;
    this.#parts.service.health.report(this.#matter, null);
  }

  #tellWait({
    message,
    code,
    untilMs,
    correlationId,
  }: Pick<GenesysWait, 'message' | 'code' | 'untilMs' | 'correlationId'>): void {
    const { service, metrics } = this.#parts;
    metrics.waits.inc({ code });
    this.#pausedUntil = untilMs;
    const until = new Date(untilMs).toISOString();
    service.health.report(this.#matter, `${message} The next attempt is made at ${until}.`);
    service.log.warn({ event: 'genesys.wait', errorCode: code, until, correlationId }, message);
  }

  /** A text is waited for: less and less often, and no longer than is set. */
  async #waitForText(run: JobRun<ArchiveFetchJob>, error: LongWait): Promise<HeldBack> {
    const { stage, textWaitMs } = this.#parts;
    const { id } = run.data.window;
    const now = Date.now();
    await stage.putNote(heldBackNote(id), { v: 1, at: now });
    const since = (await this.#heldBackSince(id)) ?? now;
    const goesOn = textWaitMs === null ? null : new Date(since + textWaitMs).toISOString();
    return this.#tellHeldBack(run, error, { since, untilMs: nextLookAt(since, textWaitMs, now), goesOn });
  }

  /** Nothing is amiss: the window is not ready, and others may be. */
  async #tellHeldBack(
    run: JobRun<ArchiveFetchJob>,
    error: LongWait,
    { since, untilMs, goesOn }: { since: number | null; untilMs: number; goesOn: string | null },
  ): Promise<HeldBack> {
    const { service, metrics, heldBack } = this.#parts;
    const { window, traceId } = run.data;
    const { code } = error;
    metrics.waits.inc({ code });
    this.#genesysAnswers();
    const until = new Date(untilMs).toISOString();
    const without = goesOn === null ? '' : ` From ${goesOn} on it goes on without such texts.`;
    const message = `${error.message} It is looked at again at ${until}.${without}`;
    const before = await heldBack.read(window.id);
    const first = new Date(since ?? Date.now()).toISOString();
    await heldBack.show({
      windowId: window.id,
      code,
      why: error.message,
      since: since === null && before?.code === code ? before.since : first,
      until,
      goesOnAt: goesOn,
    });
    // Stands with the job on the dashboard, for whoever asks why it is delayed.
    run.job.log(message).catch(() => {});
    service.log.warn(
      {
        event: 'window.held-back',
        jobId: run.jobId,
        windowId: window.id,
        traceId,
        errorCode: code,
        until,
      },
      message,
    );
    return new HeldBack(message, Math.max(1_000, untilMs - Date.now()), error);
  }

  /** What is not this window's fault parks its job: no attempt is burned, no worker held. */
  async #parked(run: JobRun<ArchiveFetchJob>, error: unknown): Promise<unknown> {
    if (error instanceof LongWait) {
      const { untilMs } = error;
      if (error.code === 'ARCHIVE_TEXT_NOT_READY')
        return this.#waitForText(run, error).catch((away: unknown) => this.#parked(run, away));
      if (error.code === 'ARCHIVE_NOT_READY')
        return this.#tellHeldBack(run, error, { since: null, untilMs, goesOn: null });
      this.#tellWait(error);
      return new HeldBack(error.message, Math.max(1_000, error.untilMs - Date.now()), error);
    }
    if (!(error instanceof TrunklineError) || error.kind !== 'retriable') return error;
    const matter = error.code.startsWith('STAGE_') ? 'stage' : error.code.startsWith('S3_') ? 'bucket' : null;
    if (matter === null) return error;
    this.#parts.service.health.report(matter, error.message);
    return new HeldBack(error.message, outageDelayMs, error);
  }

  /** The pages are in the batches now; what is left where this does not succeed goes with the window. */
  async #removeDownloads(windowId: string): Promise<void> {
    const { stage, service } = this.#parts;
    try {
      const window = stagePlaces.window(windowId);
      const attempts = new Set<string>();
      for await (const { name } of stage.list(window)) {
        const attempt = /^fetch-([^/]+)\//.exec(name.slice(window.length))?.[1];
        if (attempt !== undefined) attempts.add(attempt);
      }
      for (const attempt of attempts) await stage.removeAll(stagePlaces.attempt(windowId, attempt));
    } catch (err) {
      service.log.warn({ event: 'stage.left-over', windowId, err }, 'Downloaded chunks could not be removed');
    }
  }
}

async function* bytesOf(
  download: WindowDownload,
  pages: readonly StagedPage[],
): AsyncGenerator<AsyncGenerator<Buffer>> {
  for (const page of pages) yield download.read(page);
}

/** A window that is archived already is not held back for what is missing of it: it goes on as it did, with what is there now. */
function termsAgain(before: WindowRelease | null, { again }: ArchiveFetchJob): TextTerms {
  const asked = again && { by: again.by, reason: again.reason, at: again.at };
  return { missing: before?.by === null ? 'not-given' : 'any', release: before ?? asked ?? null };
}

/** Note that a text of a window is waited for; the first one counts, and goes with the window's files. */
function heldBackNote(windowId: string): string {
  return `${stagePlaces.window(windowId)}held-back`;
}

/** Batches lie under a prefix of the attempt's own, outside of its downloads, which go when the flow stands. */
function batchesPlace(windowId: string, attempt: string): string {
  return `${stagePlaces.window(windowId)}${attempt}/batches/`;
}

function sourceOf(pages: readonly StagedPage[]): ArchiveSourceRecord {
  const [first] = pages;
  const list = createHash('sha256')
    .update(pages.map(({ sha256 }) => `${sha256}\n`).join(''))
    .digest('hex');
  return {
    pages: pages.length,
    bytes: pages.reduce((sum, { bytes }) => sum + bytes, 0),
    sha256: pages.length === 1 && first !== undefined ? first.sha256 : list,
    integrity: pages.every(({ verified }) => verified) ? 'verified' : 'unverified',
  };
}

function notJson(windowId: string, { page, cause }: NotJsonArrayOfPage): TrunklineError {
  const where = cause instanceof NotJsonArray ? ` at byte ${cause.offset}: ${cause.what}` : '';
  return new TrunklineError('ARCHIVE_NOT_JSON', {
    message: `Page ${page} of ${windowId} is no JSON array of conversations${where}.`,
    remedy: 'Nothing of it was passed on. When the source is mended, retry this job: it downloads anew.',
    cause,
  });
}
