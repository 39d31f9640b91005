import type { Facts } from '@trunkline/contracts';
import type { Service } from '@trunkline/service';
import type { BatchQueue } from './batch-queue.ts';
import type { FetcherMetrics } from './metrics.ts';
import type { Spool } from './spool.ts';

/** Where the next batch goes; `none`: polling waits. */
export type OutletChoice = 'queue' | 'spool' | 'none';

/** Where the batches of a stream go. */
export interface BatchOutlet {
  /** @param windowSeconds time until the oldest event that is not received leaves the replay window; `null`: unknown */
  choose(windowSeconds: number | null): Promise<OutletChoice>;
  facts(): Facts;
}

/** How long a count of the queue serves, ms: the shortest poll interval, so that a stream at rest counts with every poll. */
const COUNT_MAX_AGE_MS = 200;

/**
 * Chooses where the next batch goes: to the queue; to the spool while the queue is above its high-water mark, and as long as
 * older batches wait there; nowhere when the spool is full too.
 */
export class Outlet implements BatchOutlet {
  readonly #service: Pick<Service, 'log' | 'health'>;
  readonly #queue: Pick<BatchQueue, 'depth'>;
  readonly #spool: Pick<Spool, 'size' | 'isFull'>;
  readonly #highWater: number;
  readonly #metrics: Pick<FetcherMetrics, 'queueDepth'>;
  /** What `/readyz` calls the spool. */
  readonly #matter: string;
  readonly #now: () => number;
  #counted = { depth: 0, at: Number.NEGATIVE_INFINITY };
  #choice: OutletChoice = 'queue';
  #depth: number | null = null;
  #spoolBatches: number | null = null;

  constructor(options: {
    service: Pick<Service, 'log' | 'health'>;
    /** Whose batches; left out or `null`: those of the only one of the deployment. */
    organisation?: string | null;
    queue: Pick<BatchQueue, 'depth'>;
    spool: Pick<Spool, 'size' | 'isFull'>;
    highWater: number;
    metrics: Pick<FetcherMetrics, 'queueDepth'>;
    /** Milliseconds of any clock that only goes forward. */
    now?: () => number;
  }) {
    this.#service = options.service;
    this.#matter = options.organisation ? `spool (${options.organisation})` : 'spool';
    this.#queue = options.queue;
    this.#spool = options.spool;
    this.#highWater = options.highWater;
    this.#metrics = options.metrics;
    this.#now = options.now ?? (() => performance.now());
  }

  async choose(windowSeconds: number | null): Promise<OutletChoice> {
    const { batches } = await this.#spool.size();
    const depth = await this.#queueDepth(batches);
    let choice: OutletChoice = 'queue';
    if (batches > 0 || depth >= this.#highWater) choice = (await this.#spool.isFull()) ? 'none' : 'spool';
    this.#metrics.queueDepth.set(depth);
    // With every look: the time that is left gets shorter.
    this.#service.health.report(this.#matter, choice === 'none' ? spoolFull(windowSeconds) : null);
    if (choice !== this.#choice) this.#tell(choice, depth, windowSeconds);
    this.#choice = choice;
    this.#depth = depth;
    this.#spoolBatches = batches;
    return choice;
  }

  facts(): { outlet: OutletChoice; queueDepth: number | null; spoolBatches: number | null } {
    return { outlet: this.#choice, queueDepth: this.#depth, spoolBatches: this.#spoolBatches };
  }

  /**
   * Not less than the queue holds: since it was counted, each call may have added a batch. What others add meanwhile (repairs)
   * is a few batches for a fifth of a second.
   */
  async #queueDepth(spooled: number): Promise<number> {
    const { depth, at } = this.#counted;
    const stale = this.#now() - at >= COUNT_MAX_AGE_MS;
    if (stale || spooled > 0 || depth + 1 >= this.#highWater) {
      this.#counted = { depth: await this.#queue.depth(), at: this.#now() };
    } else this.#counted = { depth: depth + 1, at };
    return this.#counted.depth;
  }

  #tell(choice: OutletChoice, depth: number, windowSeconds: number | null): void {
    const { log } = this.#service;
    const fields = { event: `outlet.${choice}`, count: depth, replayWindowSeconds: windowSeconds };
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
