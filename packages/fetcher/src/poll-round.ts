/**
 * One round of polling a stream, in the order that no crash may break (rule 1): read state and epoch, poll, gap record,
 * payload, job, accept. Whatever stops in between leaves at most a job that the protocol recognises as stale, or a page that
 * is polled again.
 *
 * While pages are full, two things are done ahead (docs/decisions/0005-ahead-of-accept.md): the page behind this one is asked for
 * while this one is put away, and what an own accept has just recorded is not read again. Neither decides anything: a page is
 * taken only when accept finds the stream where it was thought to be, in the epoch of this lease.
 */
import { randomBytes } from 'node:crypto';
import type { Keyring } from '@trunkline/claim-check';
import { type AuditBatchJob, batchPayload, errorCodeOf, type Facts } from '@trunkline/contracts';
import { type AuditPage, type AuditSource, CursorOutOfReach } from '@trunkline/genesys';
import type { Service } from '@trunkline/service';
import { batchJobId, payloadKeyOf, type StreamSnapshot, type StreamState } from '@trunkline/stream-state';
import type { BatchQueue } from './batch-queue.ts';
import type { CheckpointMirror } from './checkpoint-mirror.ts';
import type { FetcherConfig } from './config.ts';
import type { GapKeeper } from './gap-keeper.ts';
import type { GenesysClock } from './genesys-clock.ts';
import type { Lease } from './lease.ts';
import type { FetcherMetrics } from './metrics.ts';
import type { BatchOutlet } from './outlet.ts';
import { judgePage, type PageVerdict } from './page-verdict.ts';
import type { Spool } from './spool.ts';
import type { StreamHealth } from './stream-health.ts';
import type { StreamRecovery } from './stream-recovery.ts';

export interface RoundParts {
  service: Service;
  config: FetcherConfig['audit'];
  pipelinePrefix: string;
  stream: StreamState;
  source: AuditSource;
  clock: GenesysClock;
  recovery: StreamRecovery;
  gaps: GapKeeper;
  /** Where a batch goes; `none`: the round ends without a poll. */
  outlet: BatchOutlet;
  queue: BatchQueue;
  spool: Pick<Spool, 'append'>;
  keyring: Keyring;
  mirror: CheckpointMirror;
  metrics: FetcherMetrics;
  health: StreamHealth;
}

type State = NonNullable<StreamSnapshot['state']>;

/** What the lag is told from: the time that the watermark reaches to, ms since 1970, and whether nothing is in flight. */
interface Seen {
  at: number | null;
  isSettled: boolean;
}

/** A page that was asked for while the one before it was put away. */
interface PageAhead {
  cursor: string;
  page: Promise<AuditPage>;
}

/** How long the stream's state is known from own accepts alone, ms: the watermark, the lease and the epoch are read as often. */
const READ_MAX_AGE_MS = 200;

/** How long after a poll its answer still says that nothing is behind, beside the poll interval (ms): a slow reply is no lag. */
const FRESH_MS = 10_000;

/** `more`: the next round should follow at once; `rest`: drained, or polling waits for room. */
export type RoundEnd = 'more' | 'rest';

export class PollRound {
  readonly #parts: RoundParts;
  #nextAuditAt = 0;
  /** The state after the last accept of this lease; `null`: it has to be read. */
  #known: { state: State; readAt: number } | null = null;
  #ahead: PageAhead | null = null;
  #movesInARow = 0;
  #drained = false;
  #isComplete = false;
  /** The stream as it was read last; `null`: not since the lease was taken. */
  #seen: Seen | null = null;
  #lastPoll: { at: string; mark: number } | null = null;

  constructor(parts: RoundParts) {
    this.#parts = parts;
  }

  /** To be called with every lease taken: the recovery audit comes first. */
  begin(): void {
    this.#nextAuditAt = 0;
    this.#known = null;
    this.#ahead = null;
    this.#isComplete = false;
  }

  /** To be called when the lease is lost or given back: how far the stream is, its next holder tells. */
  end(): void {
    this.#seen = null;
    this.#tellLag();
  }

  /** Whether all that the source has is read and settled, as of the last round. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** Whether a page is being asked for between two rounds. */
  get isAsking(): boolean {
    return this.#ahead !== null;
  }

  /**
   * @throws the signal's reason where the lease is lost (fenced) or the process stops
   * @throws TrunklineError as the source and the records throw
   */
  async run(lease: Lease, signal: AbortSignal): Promise<RoundEnd> {
    const ahead = this.#ahead;
    const known = this.#known;
    // Whatever ends this round early: the next one begins anew.
    this.#ahead = null;
    this.#known = null;
    const { recovery, outlet, config, metrics } = this.#parts;
    const { state, readAt } =
      known !== null && performance.now() - known.readAt < READ_MAX_AGE_MS
        ? known
        : await this.#read(lease, signal);
    signal.throwIfAborted();
    if (state === null) {
      await recovery.start(lease, signal);
      return 'more';
    }
    if (Date.now() >= this.#nextAuditAt) {
      this.#nextAuditAt = Date.now() + config.auditIntervalMs;
      if (await recovery.rewindWhereMissing(lease)) return 'more';
    }
    const windowSeconds = this.#replayWindowSeconds(state);
    metrics.replayWindowSeconds.set({ stream: config.stream }, windowSeconds ?? Number.NaN);
    const choice = await outlet.choose(windowSeconds);
    if (choice === 'none') return 'rest';
    const { page, expired } = await this.#poll(lease, state, ahead, signal);
    const received = { cursor: state.received.cursor, page: state.receivedPage };
    const verdict = judgePage(received, page, {
      expired,
      limit: config.pageLimit,
      headMs: config.pollIntervalMs,
    });
    this.#polled(verdict, page);
    this.#isComplete = verdict.kind === 'nothing' && this.#drained && isSettled(state);
    if (verdict.kind === 'nothing') return 'rest';
    if (this.#wantsMore(verdict) && verdict.after !== null) this.#askAhead(verdict.after, signal);
    return this.#take({ lease, state, readAt, page, verdict, choice, signal });
  }

  async #read(lease: Lease, signal: AbortSignal): Promise<{ state: State | null; readAt: number }> {
    const readAt = performance.now();
    const snapshot = await this.#parts.stream.read();
    if (snapshot.leaseHolder !== lease.holder || snapshot.epoch !== lease.token) lease.lose();
    signal.throwIfAborted();
    if (snapshot.state !== null) {
      this.#show(snapshot.state);
      this.#parts.mirror.offer(snapshot.state.indexed);
    }
    return { state: snapshot.state, readAt };
  }

  facts(): Facts {
    return {
      ...this.#parts.outlet.facts(),
      ...this.#parts.source.facts(),
      drained: this.#drained,
      lagSeconds: this.#tellLag(),
      replayWindowMs: this.#parts.source.reach.replayWindowMs,
      lastPollAt: this.#lastPoll?.at ?? null,
      genesysClockOffsetMs: this.#parts.clock.offsetMs,
    };
  }

  /** The page behind the received cursor, or from where the stream begins anew, with a durable gap record before anything else. */
  async #poll(
    lease: Lease,
    state: State,
    ahead: PageAhead | null,
    signal: AbortSignal,
  ): Promise<{ page: AuditPage; expired: boolean }> {
    const { cursor } = state.received;
    let begin: CursorOutOfReach['begin'] | null = null;
    if (cursor !== null) {
      try {
        const page = ahead?.cursor === cursor ? ahead.page : this.#ask(cursor, signal);
        return { page: await page, expired: false };
      } catch (error) {
        if (errorCodeOf(error) !== 'GENESYS_CURSOR_EXPIRED') throw error;
        if (error instanceof CursorOutOfReach) begin = error.begin;
      }
    }
    const page = await this.#ask(begin?.cursor ?? null, signal);
    await this.#parts.gaps.record(lease.token, state.received, begin?.at ?? null, signal);
    return { page, expired: cursor !== null };
  }

  #askAhead(cursor: string, signal: AbortSignal): void {
    const page = this.#ask(cursor, signal);
    // Told where the page is used; where it is not, nobody needs to know.
    page.catch(() => {});
    this.#ahead = { cursor, page };
  }

  async #ask(cursor: string | null, signal: AbortSignal): Promise<AuditPage> {
    const { source, clock, health } = this.#parts;
    const page = await source.nextPage(cursor, signal);
    clock.heard(page.serverDate);
    health.report('genesys', null);
    this.#lastPoll = { at: new Date().toISOString(), mark: performance.now() };
    return page;
  }

  /** Payload, job, accept. */
  async #take(taken: {
    lease: Lease;
    state: State;
    readAt: number;
    page: AuditPage;
    verdict: Exclude<PageVerdict, { kind: 'nothing' }>;
    choice: 'queue' | 'spool';
    signal: AbortSignal;
  }): Promise<RoundEnd> {
    const { lease, state, readAt, page, verdict, signal } = taken;
    const { service, stream, config, metrics } = this.#parts;
    const seq = state.received.seq + 1;
    const jobId = batchJobId(config.stream, lease.token, seq, verdict.page);
    if (verdict.kind === 'batch') {
      signal.throwIfAborted();
      await this.#put(jobId, seq, lease.token, page, taken.choice);
    }
    const result = await stream.accept({
      token: lease.token,
      seq,
      before: state.received.cursor,
      after: verdict.after,
      jobId,
      page: verdict.page,
      empty: verdict.kind === 'moved',
      at: verdict.at,
    });
    if (result === 'fenced') {
      lease.lose();
      signal.throwIfAborted();
    }
    if (result === 'accepted') {
      const received = { cursor: verdict.after, seq, at: verdict.at };
      this.#known = { state: { ...state, received, receivedPage: verdict.page }, readAt };
    }
    if (result === 'accepted' && verdict.kind === 'batch') {
      const count = page.eventCount;
      metrics.events.inc({ stream: config.stream }, count);
      metrics.receivedSeq.set({ stream: config.stream }, seq);
      service.totals.add('received', count);
      service.log.debug({ event: 'page.accepted', stream: config.stream, seq, jobId, count });
    }
    return this.#wantsMore(verdict) || result === 'moved' ? 'more' : 'rest';
  }

  async #put(
    jobId: string,
    seq: number,
    epoch: string,
    page: AuditPage,
    choice: 'queue' | 'spool',
  ): Promise<void> {
    const { config, pipelinePrefix, keyring, queue, spool } = this.#parts;
    const payload = batchPayload(page.lines);
    const job: AuditBatchJob = {
      v: 1,
      kind: 'batch',
      stream: config.stream,
      epoch,
      seq,
      payloadKey: payloadKeyOf(pipelinePrefix, jobId),
      eventCount: page.eventCount,
      payloadBytes: payload.length,
      fetchedAt: new Date().toISOString(),
      traceId: randomBytes(8).toString('hex'),
    };
    const sealed = keyring.seal(payload, job.payloadKey);
    if (choice === 'spool') await spool.append({ jobId, job, sealed });
    else await queue.addSealed(jobId, job, sealed);
  }

  #polled(verdict: PageVerdict, { atHead }: AuditPage): void {
    const { metrics, config } = this.#parts;
    metrics.polls.inc({ stream: config.stream, result: verdict.kind });
    this.#movesInARow = verdict.kind === 'moved' ? this.#movesInARow + 1 : 0;
    this.#drained = atHead ?? !this.#wantsMore(verdict);
  }

  /** A source that gives a new cursor with every empty page would otherwise be polled without a pause. */
  #wantsMore(verdict: PageVerdict): boolean {
    return verdict.more && this.#movesInARow < 10;
  }

  #show(state: State): void {
    const { metrics, config } = this.#parts;
    const { stream } = config;
    metrics.receivedSeq.set({ stream }, state.received.seq);
    metrics.indexedSeq.set({ stream }, state.indexed.seq);
    this.#seen = { at: state.indexed.at, isSettled: isSettled(state) };
    this.#tellLag();
  }

  /** With every heartbeat, too: a round that waits for Genesys, for an hour perhaps, falls behind meanwhile. */
  #tellLag(): number | null {
    const { metrics, config } = this.#parts;
    const { stream } = config;
    if (this.#seen === null) {
      metrics.lagSeconds.remove({ stream });
      return null;
    }
    const lagSeconds = this.#lagSeconds(this.#seen);
    metrics.lagSeconds.set({ stream }, lagSeconds ?? Number.NaN);
    return lagSeconds;
  }

  #lagSeconds(seen: Seen): number | null {
    const { clock, config } = this.#parts;
    if (seen.isSettled && this.#drained && this.#lastPoll !== null) {
      const ageMs = performance.now() - this.#lastPoll.mark;
      return ageMs <= config.pollIntervalMs + FRESH_MS ? 0 : Math.round(ageMs / 1_000);
    }
    return seen.at === null ? null : Math.max(0, Math.round((clock.now() - seen.at) / 1_000));
  }

  /** Time until the oldest event not received may leave the replay window, in seconds; `null` where nothing was received. */
  #replayWindowSeconds(state: State): number | null {
    const { source, clock } = this.#parts;
    const { replayWindowMs } = source.reach;
    const { at } = state.received;
    if (at === null) return null;
    if (this.#drained) return Math.round(replayWindowMs / 1_000);
    return Math.max(0, Math.round((at + replayWindowMs - clock.now()) / 1_000));
  }
}

function isSettled({ received, indexed }: State): boolean {
  return received.seq === indexed.seq;
}
