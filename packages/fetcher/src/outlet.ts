import type { Service } from '@trunkline/service';
import type { BatchQueue } from './batch-queue.ts';
import type { FetcherMetrics } from './metrics.ts';
import type { Spool } from './spool.ts';

/** Where the next batch goes; `none`: polling waits. */
export type OutletChoice = 'queue' | 'spool' | 'none';

/**
 * Chooses where the next batch goes: to the queue; to the spool while the queue is above its high-water mark, and as long as
 * older batches wait there; nowhere when the spool is full too.
 */
export class Outlet {
  readonly #service: Service;
  readonly #queue: BatchQueue;
  readonly #spool: Spool;
  readonly #highWater: number;
  readonly #metrics: FetcherMetrics;
  #choice: OutletChoice = 'queue';
  #depth: number | null = null;
  #spoolBatches: number | null = null;

  constructor(options: {
    service: Service;
    queue: BatchQueue;
    spool: Spool;
    highWater: number;
    metrics: FetcherMetrics;
  }) {
    this.#service = options.service;
    this.#queue = options.queue;
    this.#spool = options.spool;
    this.#highWater = options.highWater;
    this.#metrics = options.metrics;
  }

  /** @param windowSeconds time until the oldest event that is not received leaves the replay window; `null`: unknown */
  async choose(windowSeconds: number | null): Promise<OutletChoice> {
    const depth = await this.#queue.depth();
    const { batches } = await this.#spool.size();
    let choice: OutletChoice = 'queue';
    if (batches > 0 || depth >= this.#highWater) choice = (await this.#spool.isFull()) ? 'none' : 'spool';
    this.#metrics.queueDepth.set(depth);
    if (choice !== this.#choice) this.#tell(choice, depth, windowSeconds);
    this.#choice = choice;
    this.#depth = depth;
    this.#spoolBatches = batches;
    return choice;
  }

  facts(): { outlet: OutletChoice; queueDepth: number | null; spoolBatches: number | null } {
    return { outlet: this.#choice, queueDepth: this.#depth, spoolBatches: this.#spoolBatches };
  }

  #tell(choice: OutletChoice, depth: number, windowSeconds: number | null): void {
    const { log, health } = this.#service;
    const fields = { event: `outlet.${choice}`, count: depth, replayWindowSeconds: windowSeconds };
    health.report('spool', choice === 'none' ? spoolFull(windowSeconds) : null);
    if (choice === 'none') log.error(fields, spoolFull(windowSeconds));
    else if (choice === 'queue') log.info(fields, 'The spool is empty: new batches go to the queue');
    else
      log.warn(
        fields,
        `${depth} batches wait on audit-index: new ones go to the spool; look at the gate of the indexers`,
      );
  }
}

/** What the operator reads while nothing can be fetched. */
export function spoolFull(windowSeconds: number | null): string {
  const remedy = 'Get the indexers going, or give SPOOL_MAX_BYTES more room.';
  if (windowSeconds === null) return `The spool is full: polling waits. ${remedy}`;
  const hours = Math.floor(windowSeconds / 3_600);
  const minutes = Math.floor((windowSeconds % 3_600) / 60);
  return `The spool is full: polling waits. The replay window closes in ${hours} h ${minutes} min; what is not fetched by then is lost. ${remedy}`;
}
