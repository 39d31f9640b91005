import type { RedisPayloads } from '@trunkline/claim-check';
import type { Component, Service } from '@trunkline/service';
import type { StreamState } from '@trunkline/stream-state';
import type { BatchQueue } from './batch-queue.ts';
import type { FetcherMetrics } from './metrics.ts';

/** How often it sweeps, and how old a payload must be (ms). */
const INTERVAL_MS = 600_000;
const MIN_AGE_MS = 3_600_000;

/** Deletes payloads that a fetcher left which died between payload and job: nothing names them, nobody will ask. */
export class PayloadSweeper implements Component {
  readonly name = 'payload-sweeper';
  readonly #service: Service;
  readonly #payloads: RedisPayloads;
  readonly #prefix: string;
  readonly #queue: BatchQueue;
  readonly #streams: () => readonly StreamState[];
  readonly #metrics: FetcherMetrics;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: {
    service: Service;
    payloads: RedisPayloads;
    /** Start of all payload keys; the job's id follows. */
    prefix: string;
    queue: BatchQueue;
    /** Those of whose batches this process knows. */
    streams: () => readonly StreamState[];
    metrics: FetcherMetrics;
  }) {
    this.#service = options.service;
    this.#payloads = options.payloads;
    this.#prefix = options.prefix;
    this.#queue = options.queue;
    this.#streams = options.streams;
    this.#metrics = options.metrics;
  }

  async start(): Promise<void> {
    this.#timer = setInterval(() => void this.#sweep(), INTERVAL_MS);
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  async #sweep(): Promise<void> {
    if (this.#service.redis.status !== 'ready') return;
    try {
      const inFlight = await Promise.all(this.#streams().map((stream) => stream.inFlight()));
      const accepted = new Set(inFlight.flat().map((batch) => batch.jobId));
      const swept = await this.#payloads.sweep(this.#prefix, Date.now() - MIN_AGE_MS, async (key) => {
        const jobId = key.slice(this.#prefix.length);
        return accepted.has(jobId) || (await this.#queue.hasJob(jobId));
      });
      if (swept === 0) return;
      this.#metrics.sweptPayloads.inc(swept);
      this.#service.log.info(
        { event: 'payloads.swept', count: swept },
        'Payloads that nothing named were deleted',
      );
    } catch (err) {
      this.#service.log.warn({ event: 'payloads.sweep-failed', err });
    }
  }
}
