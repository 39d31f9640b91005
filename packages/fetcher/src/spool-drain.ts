import { setTimeout as sleep } from 'node:timers/promises';
import type { Component, Service } from '@trunkline/service';
import type { BatchQueue } from './batch-queue.ts';
import type { FetcherMetrics } from './metrics.ts';
import type { Spool } from './spool.ts';

/** How often it looks at spool and queue while something is spooled (ms). */
const LOOK_MS = 500;

/** How often it looks into a spool that is empty (ms): what it is told of it is not newer. */
const IDLE_LOOK_MS = 2_000;

/**
 * Moves spooled batches to the queue while it is below its low-water mark, the oldest first. Every fetcher drains its own
 * spool by itself, lease or not: after its restart, and while another fetcher polls.
 */
export class SpoolDrain implements Component {
  readonly name = 'spool-drain';
  readonly #service: Service;
  readonly #stream: string;
  readonly #spool: Spool;
  readonly #queue: BatchQueue;
  readonly #lowWater: number;
  readonly #metrics: FetcherMetrics;
  readonly #stop = new AbortController();
  #loop: Promise<void> = Promise.resolve();

  constructor(options: {
    service: Service;
    /** Whose batches lie in the spool. */
    stream: string;
    spool: Spool;
    queue: BatchQueue;
    lowWater: number;
    metrics: FetcherMetrics;
  }) {
    this.#service = options.service;
    this.#stream = options.stream;
    this.#spool = options.spool;
    this.#queue = options.queue;
    this.#lowWater = options.lowWater;
    this.#metrics = options.metrics;
  }

  async start(): Promise<void> {
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#stop.signal.aborted) {
      let isEmpty = false;
      try {
        const { spooled, drained } = await this.#service.health.step('spool drain', 60_000, () =>
          this.#drain(),
        );
        isEmpty = spooled === 0;
        failures = 0;
        this.#service.health.report('spool drain', null);
        if (drained > 0)
          this.#service.log.info(
            { event: 'spool.drained', count: drained },
            'Spooled batches are on the queue',
          );
      } catch (err) {
        failures++;
        this.#service.health.report(
          'spool drain',
          'spooled batches cannot be moved to the queue; see the log',
        );
        if (failures % 60 === 1) this.#service.log.error({ event: 'spool.drain-failed', failures, err });
      }
      await sleep(isEmpty ? IDLE_LOOK_MS : LOOK_MS, undefined, { signal: this.#stop.signal }).catch(() => {});
    }
  }

  /** Fills the queue up to the low-water mark; tells how many batches lay in the spool, and how many of them that took. */
  async #drain(): Promise<{ spooled: number; drained: number }> {
    const { batches, bytes } = await this.#spool.size();
    this.#metrics.spoolBatches.set({ stream: this.#stream }, batches);
    this.#metrics.spoolBytes.set({ stream: this.#stream }, bytes);
    if (batches === 0 || this.#service.redis.status !== 'ready') return { spooled: batches, drained: 0 };
    const room = this.#lowWater - (await this.#queue.depth());
    if (room <= 0) return { spooled: batches, drained: 0 };
    let drained = 0;
    for (const name of await this.#spool.oldest(room)) {
      if (this.#stop.signal.aborted) break;
      const record = await this.#spool.read(name);
      if (record === 'unreadable') {
        await this.#spool.setAside(name);
        this.#service.log.error(
          { event: 'spool.unreadable', file: name },
          'A spooled batch is torn or altered: it is set aside and fetched again',
        );
        continue;
      }
      if (record !== 'gone') {
        await this.#queue.addSealed(record.jobId, record.job, record.sealed);
        drained++;
      }
      await this.#spool.remove(name);
    }
    return { spooled: batches, drained };
  }
}
