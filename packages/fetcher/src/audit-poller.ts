import { setTimeout as sleep } from 'node:timers/promises';
import { errorCodeOf, type Facts, TrunklineError } from '@trunkline/contracts';
import type { GenesysWait } from '@trunkline/genesys';
import type { Service } from '@trunkline/service';
import type { StreamState } from '@trunkline/stream-state';
import type { FetcherConfig } from './config.ts';
import { Lease } from './lease.ts';
import type { FetcherMetrics } from './metrics.ts';
import type { PollRound } from './poll-round.ts';
import type { StreamHealth } from './stream-health.ts';

/** Longest time for a round, waits that Genesys asked for aside (ms). */
const ROUND_MAX_MS = 180_000;

/** Longest wait before a round that failed unforeseen is tried again (ms). */
const RETRY_MAX_MS = 30_000;

/**
 * Polls one audit stream for as long as this process holds its lease; without it, waits for it. A former holder's writes are
 * fenced by the scripts, so that losing the lease late is harmless.
 */
export class AuditPoller {
  readonly #service: Service;
  readonly #config: FetcherConfig['audit'];
  readonly #stream: StreamState;
  readonly #round: PollRound;
  readonly #metrics: FetcherMetrics;
  readonly #health: StreamHealth;
  readonly #stop = new AbortController();
  #loop: Promise<void> = Promise.resolve();
  #lease: Lease | null = null;
  #extendStep: (untilMs: number) => void = () => {};
  #pausedUntil: number | null = null;
  #signal: { lease: Lease; signal: AbortSignal } | null = null;

  constructor(parts: {
    service: Service;
    config: FetcherConfig['audit'];
    stream: StreamState;
    round: PollRound;
    metrics: FetcherMetrics;
    health: StreamHealth;
  }) {
    this.#service = parts.service;
    this.#config = parts.config;
    this.#stream = parts.stream;
    this.#round = parts.round;
    this.#metrics = parts.metrics;
    this.#health = parts.health;
  }

  async start(): Promise<void> {
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
    if (this.#service.redis.status === 'ready') await this.#lease?.release();
    this.#lease = null;
    this.#round.end();
  }

  facts(): Facts {
    return {
      lease: this.#lease === null ? 'waiting' : 'held',
      genesysPausedUntil: this.#pausedUntil === null ? null : new Date(this.#pausedUntil).toISOString(),
      ...this.#round.facts(),
    };
  }

  /** Whether this process polls the stream, and all that its source has is read and settled. */
  get isComplete(): boolean {
    return this.#lease !== null && this.#round.isComplete;
  }

  /** Told when a call of the stream, or one that it waits for, waits before it is made again. */
  onGenesysWait(wait: GenesysWait): void {
    if (this.#lease === null) return;
    this.#pausedUntil = wait.untilMs;
    this.#extendStep(wait.untilMs);
    const until = new Date(wait.untilMs).toISOString();
    this.#health.report('genesys', `${wait.message} The next attempt is made at ${until}.`);
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#stop.signal.aborted) {
      try {
        this.#lease ??= await this.#takeLease();
        if (this.#lease === null) {
          this.#health.clear();
          await this.#wait(this.#config.leaseRenewMs);
          continue;
        }
        const end = await this.#runRound(this.#lease);
        failures = 0;
        if (end === 'rest') await this.#wait(this.#config.pollIntervalMs);
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        if (this.#lease?.lost.aborted) this.#leaseLost();
        else await this.#failed(error, ++failures);
      }
    }
  }

  async #runRound(lease: Lease): Promise<'more' | 'rest'> {
    const signal = this.#signalOf(lease);
    const end = await this.#service.health.step('audit poll', ROUND_MAX_MS, (extend) => {
      this.#extendStep = extend;
      return this.#round.run(lease, signal);
    });
    // A page asked for ahead may be what waits.
    if (!this.#round.isAsking) this.#pausedUntil = null;
    this.#health.report('poll', null);
    this.#health.report('elasticsearch', null);
    return end;
  }

  /** Aborted when this process stops or the lease is lost: one signal for as long as the lease is held. */
  #signalOf(lease: Lease): AbortSignal {
    if (this.#signal?.lease !== lease)
      this.#signal = { lease, signal: AbortSignal.any([this.#stop.signal, lease.lost]) };
    return this.#signal.signal;
  }

  async #takeLease(): Promise<Lease | null> {
    const lease = await Lease.take(this.#stream, {
      holder: this.#service.instance,
      ttlMs: this.#config.leaseTtlMs,
      renewMs: this.#config.leaseRenewMs,
    });
    this.#metrics.leaseHeld.set({ stream: this.#config.stream }, lease === null ? 0 : 1);
    if (lease === null) return null;
    this.#round.begin();
    this.#service.log.info(
      { event: 'lease.taken', stream: this.#config.stream, epoch: lease.token },
      'This fetcher polls the stream',
    );
    return lease;
  }

  #leaseLost(): void {
    this.#lease = null;
    this.#round.end();
    this.#metrics.leaseHeld.set({ stream: this.#config.stream }, 0);
    this.#health.clear();
    this.#service.log.warn(
      { event: 'lease.lost', stream: this.#config.stream },
      'The lease is lost: the stream is polled by whoever takes it next',
    );
  }

  /** Tells a failed round and waits: minutes for what a person must mend, seconds with growing distance for the rest. */
  async #failed(error: unknown, failures: number): Promise<void> {
    const { code, dependency, message } = tellFailure(error);
    this.#health.report(dependency, message);
    if (failures === 1 || failures % 20 === 0) {
      this.#service.log.error({ event: 'poll.failed', errorCode: code, failures, err: error }, message);
    }
    const isConfiguration = error instanceof TrunklineError && error.kind === 'configuration';
    const backoffMs = Math.min(1_000 * 2 ** Math.min(failures - 1, 10), RETRY_MAX_MS);
    await this.#wait(isConfiguration ? this.#config.probeIntervalMs : backoffMs);
  }

  async #wait(ms: number): Promise<void> {
    const signals = [this.#stop.signal, ...(this.#lease === null ? [] : [this.#lease.lost])];
    await sleep(ms, undefined, { signal: AbortSignal.any(signals) }).catch(() => {});
  }
}

/** No room on the disk, beyond the quota, beyond the largest size of a file. */
const diskFullCodes = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

function tellFailure(error: unknown): {
  code: string | null;
  dependency: 'elasticsearch' | 'genesys' | 'poll';
  message: string;
} {
  if (error instanceof TrunklineError) {
    const dependency = error.code.startsWith('ELASTICSEARCH_') ? 'elasticsearch' : 'genesys';
    return { code: error.code, dependency, message: error.message };
  }
  if (isRedisFull(error)) {
    const message = 'Redis is full: polling waits until the workers have drained it; give it more memory';
    return { code: 'REDIS_FULL', dependency: 'poll', message };
  }
  if (error instanceof Error && 'code' in error && diskFullCodes.has(String(error.code))) {
    return {
      code: null,
      dependency: 'poll',
      message: 'The disk of the spool is full: polling waits until there is room',
    };
  }
  return {
    code: errorCodeOf(error),
    dependency: 'poll',
    message: 'A poll failed unforeseen; it is tried again',
  };
}

/** Refused by a Redis that has reached its maxmemory; the answer to a transaction has the reason in its commands' errors. */
function isRedisFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.message.startsWith('OOM')) return true;
  return 'previousErrors' in error && [error.previousErrors].flat().some(isRedisFull);
}
