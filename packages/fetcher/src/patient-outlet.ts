import type { BatchQueue } from './batch-queue.ts';
import type { BatchOutlet, OutletChoice } from './outlet.ts';

/**
 * The outlet of a stream that can wait: what it does not take today Genesys has tomorrow. It leaves the spool to the tail, and half of
 * the queue below the low-water mark to whoever drains the spool.
 */
export class PatientOutlet implements BatchOutlet {
  readonly #queue: Pick<BatchQueue, 'depth'>;
  readonly #room: number;
  #choice: OutletChoice = 'queue';

  constructor(queue: Pick<BatchQueue, 'depth'>, lowWater: number) {
    this.#queue = queue;
    this.#room = Math.max(1, lowWater / 2);
  }

  async choose(): Promise<OutletChoice> {
    this.#choice = (await this.#queue.depth()) < this.#room ? 'queue' : 'none';
    return this.#choice;
  }

  facts(): { outlet: OutletChoice } {
    return { outlet: this.#choice };
  }
}
