/**
 * Polls one audit stream and puts each page on the queue as a batch.
 *
 * The order that no crash may break (rule 1): read state and epoch, poll, gap record, payload, job, accept. Whatever stops
 * in between leaves at most a job that the protocol recognises as stale, or a page that is polled again. Of several
 * fetchers the holder of the lease polls; a former holder's accept is fenced.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Keyring } from '@trunkline/claim-check';
import { type AuditBatchJob, encodeBatch, errorCodeOf, TrunklineError } from '@trunkline/contracts';
import type { StreamRecords } from '@trunkline/elasticsearch-sink';
import type { AuditPage, AuditSource } from '@trunkline/genesys';
import type { Component, Facts, Service } from '@trunkline/service';
import { batchJobId, payloadKeyOf, type StreamSnapshot, type StreamState } from '@trunkline/stream-state';
import type { BatchQueue } from './batch-queue.ts';
import type { CheckpointMirror } from './checkpoint-mirror.ts';
import type { FetcherConfig } from './config.ts';
import { gapRecord } from './gap-record.ts';
import { Lease, newToken } from './lease.ts';
import type { FetcherMetrics } from './metrics.ts';
import type { Outlet } from './outlet.ts';
import { judgePage, type PageVerdict } from './page-verdict.ts';
import { firstMissing } from './recovery-audit.ts';
import type { Spool } from './spool.ts';

export interface PollerParts {
  service: Service;
  config: FetcherConfig['audit'];
  pipelinePrefix: string;
  stream: StreamState;
  source: AuditSource;
  queue: BatchQueue;
  spool: Spool;
  outlet: Outlet;
  keyring: Keyring;
  records: StreamRecords;
  mirror: CheckpointMirror;
  metrics: FetcherMetrics;
}

type State = NonNullable<StreamSnapshot['state']>;
/** What a round of the loop ended with; it decides how soon the next begins. */
type Round = 'more' | 'drained' | 'held-back' | 'again';

/** Longest time for a poll and the queueing of its page, waits that Genesys asked for aside (ms). */
const ROUND_MAX_MS = 180_000;

export class AuditPoller implements Component {
  readonly name = 'audit-poller';
  readonly #parts: PollerParts;
  readonly #stop = new AbortController();
  #loop: Promise<void> = Promise.resolve();
  #lease: Lease | null = null;
  #extendRound: (untilMs: number) => void = () => {};
  #nextAuditAt = 0;
  /** Genesys' clock minus ours, ms. */
  #clockOffsetMs = 0;
  #shown: {
    lagSeconds: number | null;
    drained: boolean;
    lastPollAt: string | null;
  } = {
    lagSeconds: null,
    drained: false,
    lastPollAt: null,
  };
  #pausedUntil: number | null = null;

  constructor(parts: PollerParts) {
    this.#parts = parts;
  }

  async start(): Promise<void> {
    this.#parts.service.showFacts('audit-poller', () => this.#facts());
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
    if (this.#parts.service.redis.status === 'ready') await this.#lease?.release();
    this.#lease = null;
  }

  /** Told by the Genesys client when a call waits before it is made again. */
  onGenesysWait(wait: { code: string; untilMs: number; message: string }): void {
    const { service, metrics } = this.#parts;
    this.#pausedUntil = wait.untilMs;
    this.#extendRound(wait.untilMs);
    metrics.waits.inc({ code: wait.code });
    service.health.report('genesys', wait.message);
    service.log.warn(
      { event: 'genesys.wait', errorCode: wait.code, until: new Date(wait.untilMs).toISOString() },
      wait.message,
    );
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#stop.signal.aborted) {
      try {
        this.#lease ??= await this.#takeLease();
        if (this.#lease === null) {
          await this.#wait(this.#parts.config.leaseRenewMs);
          continue;
        }
        const round = await this.#parts.service.health.step('audit poll', ROUND_MAX_MS, (extend) => {
          this.#extendRound = extend;
          return this.#round(this.#lease as Lease);
        });
        failures = 0;
        this.#parts.service.health.report('poll', null);
        this.#parts.service.health.report('elasticsearch', null);
        if (round === 'drained' || round === 'held-back') await this.#wait(this.#parts.config.pollIntervalMs);
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        if (this.#lease?.lost.aborted) this.#leaseLost();
        else await this.#failed(error, ++failures);
      }
    }
  }

  async #takeLease(): Promise<Lease | null> {
    const { service, stream, config, metrics } = this.#parts;
    const lease = await Lease.take(stream, {
      holder: service.instance,
      ttlMs: config.leaseTtlMs,
      renewMs: config.leaseRenewMs,
    });
    metrics.leaseHeld.set(lease === null ? 0 : 1);
    if (lease === null) return null;
    this.#nextAuditAt = 0;
    service.log.info(
      { event: 'lease.taken', stream: config.stream, epoch: lease.token },
      'This fetcher polls the stream',
    );
    return lease;
  }

  #leaseLost(): void {
    const { service, config, metrics } = this.#parts;
    this.#lease?.lose();
    this.#lease = null;
    metrics.leaseHeld.set(0);
    service.health.report('genesys', null);
    service.log.warn(
      { event: 'lease.lost', stream: config.stream },
      'The lease is lost: another fetcher polls the stream',
    );
  }

  /** One round: read, recover where something is missing, poll, queue, accept. */
  async #round(lease: Lease): Promise<Round> {
    const { stream, outlet, config, metrics } = this.#parts;
    const snapshot = await stream.read();
    if (snapshot.leaseHolder !== lease.holder || snapshot.epoch !== lease.token) lease.lose();
    lease.lost.throwIfAborted();
    if (snapshot.state === null) return this.#startStream(lease);
    this.#show(snapshot.state);
    this.#parts.mirror.offer(snapshot.state.indexed);
    if (Date.now() >= this.#nextAuditAt) {
      this.#nextAuditAt = Date.now() + config.auditIntervalMs;
      if (await this.#rewindWhereMissing(lease)) return 'again';
    }
    const windowSeconds = this.#replayWindowSeconds(snapshot.state);
    metrics.replayWindowSeconds.set(windowSeconds ?? Number.NaN);
    const choice = await outlet.choose(windowSeconds);
    if (choice === 'none') return 'held-back';
    const { page, expired } = await this.#poll(lease, snapshot.state);
    const received = { cursor: snapshot.state.received.cursor, page: snapshot.state.receivedPage };
    const verdict = judgePage(received, page, {
      expired,
      limit: config.pageLimit,
      headMs: config.pollIntervalMs,
    });
    this.#polled(verdict);
    if (verdict.kind === 'nothing') return 'drained';
    return this.#take(lease, snapshot.state, page, verdict, choice);
  }

  /** Redis holds no state: the stream starts from its checkpoint, or from the window's beginning. */
  async #startStream(lease: Lease): Promise<Round> {
    const { service, stream, records, config, metrics } = this.#parts;
    const checkpoint = await records.readCheckpoint(config.stream, this.#signal(lease));
    const result = await stream.init(lease.token, lease.holder, checkpoint?.cursor || null);
    if (result === 'fenced') lease.lose();
    if (result !== 'ok') return 'again';
    if (checkpoint === null) {
      service.log.info(
        { event: 'stream.started', stream: config.stream },
        'No state and no checkpoint: the stream starts at the beginning of the replay window',
      );
    } else {
      metrics.recoveries.inc();
      service.totals.add('recoveries', 1);
      service.log.error(
        { event: 'stream.recovered', stream: config.stream, checkpointAt: checkpoint.at },
        'Redis held no state of the stream: it goes on from the checkpoint in Elasticsearch, duplicates are discarded',
      );
    }
    return 'again';
  }

  /** Goes back to the watermark where an accepted batch is in nobody's hands. */
  async #rewindWhereMissing(lease: Lease): Promise<boolean> {
    const { service, stream, queue, spool, pipelinePrefix, metrics, config } = this.#parts;
    // The spool is read before the queue: a batch that is drained in between is found on the queue.
    const inFlight = await stream.inFlight();
    const spooled = await spool.jobIds();
    const hands = {
      holds: async (jobId: string, payloadKey: string) =>
        spooled.has(jobId) || (await queue.holds(jobId, payloadKey)),
    };
    const missing = await firstMissing(inFlight, hands, pipelinePrefix);
    if (missing === null) return false;
    const token = newToken();
    const result = await stream.rewind(lease.token, missing.seq, missing.jobId, token);
    if (result === 'fenced') lease.lose();
    if (result !== 'rewound') return false;
    lease.moveTo(token);
    metrics.rewinds.inc();
    service.totals.add('rewinds', 1);
    service.log.error(
      { event: 'stream.rewound', stream: config.stream, seq: missing.seq, jobId: missing.jobId },
      'A batch is missing from the queue: the stream goes back to its watermark, duplicates are discarded',
    );
    return true;
  }

  /** Time until the oldest event not received may leave the replay window, in seconds; `null` where nothing was received. */
  #replayWindowSeconds(state: State): number | null {
    const { at } = state.received;
    if (at === null) return null;
    if (this.#shown.drained) return Math.round(this.#parts.config.replayWindowMs / 1_000);
    return Math.max(0, Math.round((at + this.#parts.config.replayWindowMs - this.#genesysNow()) / 1_000));
  }

  /** The page behind the received cursor, or from the window's beginning with a durable gap record before anything else. */
  async #poll(lease: Lease, state: State): Promise<{ page: AuditPage; expired: boolean }> {
    const { source } = this.#parts;
    const signal = this.#signal(lease);
    const { cursor } = state.received;
    if (cursor !== null) {
      try {
        return { page: this.#answered(await source.nextPage(cursor, signal)), expired: false };
      } catch (error) {
        if (errorCodeOf(error) !== 'GENESYS_CURSOR_EXPIRED') throw error;
      }
    }
    const page = this.#answered(await source.nextPage(null, signal));
    await this.#recordGap(lease, state, cursor === null ? 'no-cursor' : 'cursor-expired', signal);
    return { page, expired: cursor !== null };
  }

  #answered(page: AuditPage): AuditPage {
    if (page.serverDate !== null) this.#clockOffsetMs = page.serverDate.getTime() - Date.now();
    this.#pausedUntil = null;
    this.#shown.lastPollAt = new Date().toISOString();
    this.#parts.service.health.report('genesys', null);
    return page;
  }

  async #recordGap(
    lease: Lease,
    state: State,
    reason: 'cursor-expired' | 'no-cursor',
    signal: AbortSignal,
  ): Promise<void> {
    const { service, records, config, metrics } = this.#parts;
    const gap = gapRecord({
      epoch: lease.token,
      cursor: state.received.cursor,
      receivedAt: state.received.at,
      reason,
      now: this.#genesysNow(),
      replayWindowMs: config.replayWindowMs,
    });
    await records.writeGapRecord(config.stream, gap, signal);
    if (gap.id === this.#lastGapId) return;
    this.#lastGapId = gap.id;
    metrics.gaps.inc({ reason });
    service.totals.add('gap_records', 1);
    service.log[reason === 'cursor-expired' ? 'error' : 'warn'](
      { event: 'gap.recorded', stream: config.stream, reason, from: gap.from, to: gap.to },
      reason === 'cursor-expired'
        ? 'Genesys no longer takes the cursor: the stream goes on from the start of the replay window; run a reconcile for the gap'
        : 'The stream has no cursor: it starts at the beginning of the replay window',
    );
  }
  #lastGapId: string | null = null;

  /** Payload, job, accept. */
  async #take(
    lease: Lease,
    state: State,
    page: AuditPage,
    verdict: Exclude<PageVerdict, { kind: 'nothing' }>,
    choice: 'queue' | 'spool',
  ): Promise<Round> {
    const { service, stream, queue, spool, keyring, config, pipelinePrefix, metrics } = this.#parts;
    const seq = state.received.seq + 1;
    const jobId = batchJobId(config.stream, lease.token, seq, verdict.page);
    if (verdict.kind === 'batch') {
      const payload = encodeBatch(page.eventTexts);
      const job: AuditBatchJob = {
        v: 1,
        kind: 'batch',
        stream: config.stream,
        epoch: lease.token,
        seq,
        payloadKey: payloadKeyOf(pipelinePrefix, jobId),
        eventCount: page.eventTexts.length,
        payloadBytes: payload.length,
        fetchedAt: new Date().toISOString(),
        traceId: randomBytes(8).toString('hex'),
      };
      lease.lost.throwIfAborted();
      const sealed = keyring.seal(payload, job.payloadKey);
      if (choice === 'spool') await spool.append({ jobId, job, sealed });
      else await queue.addSealed(jobId, job, sealed);
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
      lease.lost.throwIfAborted();
    }
    if (result === 'accepted' && verdict.kind === 'batch') {
      metrics.events.inc(page.eventTexts.length);
      metrics.receivedSeq.set(seq);
      service.totals.add('events_received', page.eventTexts.length);
      service.log.debug({
        event: 'page.accepted',
        stream: config.stream,
        seq,
        jobId,
        count: page.eventTexts.length,
      });
    }
    return this.#wantsMore(verdict) || result === 'moved' ? 'more' : 'drained';
  }

  #polled(verdict: PageVerdict): void {
    this.#parts.metrics.polls.inc({ result: verdict.kind });
    this.#movesInARow = verdict.kind === 'moved' ? this.#movesInARow + 1 : 0;
    this.#shown.drained = !this.#wantsMore(verdict);
  }
  #movesInARow = 0;

  /** A source that gives a new cursor with every empty page would otherwise be polled without a pause. */
  #wantsMore(verdict: PageVerdict): boolean {
    return verdict.more && this.#movesInARow < 10;
  }

  #show(state: State): void {
    const { metrics } = this.#parts;
    metrics.receivedSeq.set(state.received.seq);
    metrics.indexedSeq.set(state.indexed.seq);
    const { at } = state.indexed;
    const settled = state.indexed.seq === state.received.seq;
    if (settled && this.#shown.drained) this.#shown.lagSeconds = 0;
    else
      this.#shown.lagSeconds =
        at === null ? null : Math.max(0, Math.round((this.#genesysNow() - at) / 1_000));
    metrics.lagSeconds.set(this.#shown.lagSeconds ?? Number.NaN);
  }

  #facts(): Facts {
    const { config } = this.#parts;
    return {
      stream: config.stream,
      lease: this.#lease === null ? 'waiting' : 'held',
      genesysPausedUntil: this.#pausedUntil === null ? null : new Date(this.#pausedUntil).toISOString(),
      genesysClockOffsetMs: Math.round(this.#clockOffsetMs),
      ...this.#parts.outlet.facts(),
      ...this.#shown,
    };
  }

  #genesysNow(): number {
    return Date.now() + this.#clockOffsetMs;
  }

  #signal(lease: Lease): AbortSignal {
    return AbortSignal.any([this.#stop.signal, lease.lost]);
  }

  /** Tells a failed round and waits: minutes for what a person must mend, seconds with growing distance for the rest. */
  async #failed(error: unknown, failures: number): Promise<void> {
    const { service, config } = this.#parts;
    const code = errorCodeOf(error);
    const isConfiguration = error instanceof TrunklineError && error.kind === 'configuration';
    const dependency = code?.startsWith('ELASTICSEARCH_')
      ? 'elasticsearch'
      : isConfiguration
        ? 'genesys'
        : 'poll';
    const diskFull = error instanceof Error && 'code' in error && error.code === 'ENOSPC';
    const redisFull = error instanceof Error && error.message.startsWith('OOM');
    const message = redisFull
      ? 'Redis is full: polling waits until the workers have drained it; give it more memory'
      : diskFull
        ? 'The disk of the spool is full: polling waits until there is room'
        : error instanceof TrunklineError
          ? error.message
          : 'A poll failed unforeseen; it is tried again';
    service.health.report(dependency, message);
    if (failures === 1 || failures % 20 === 0) {
      service.log.error(
        { event: 'poll.failed', errorCode: redisFull ? 'REDIS_FULL' : code, failures, err: error },
        message,
      );
    }
    const waitMs = isConfiguration
      ? config.probeIntervalMs
      : Math.min(1_000 * 2 ** Math.min(failures - 1, 5), 30_000);
    await this.#wait(waitMs);
  }

  async #wait(ms: number): Promise<void> {
    const signals = [this.#stop.signal, ...(this.#lease === null ? [] : [this.#lease.lost])];
    await sleep(ms, undefined, { signal: AbortSignal.any(signals) }).catch(() => {});
  }
}
