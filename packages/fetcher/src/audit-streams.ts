import type { GenesysWait } from '@trunkline/genesys';
import type { Service } from '@trunkline/service';
import type { StreamState } from '@trunkline/stream-state';
import type { StreamWorker } from './stream-worker.ts';

/** The streams that this process polls or stands by for. */
export class AuditStreams {
  readonly #service: Pick<Service, 'showStream' | 'hideStream'>;
  readonly #workers = new Set<StreamWorker>();

  constructor(service: Pick<Service, 'showStream' | 'hideStream'>) {
    this.#service = service;
  }

  add(worker: StreamWorker): void {
    this.#workers.add(worker);
    this.#service.showStream(worker.id, () => worker.facts());
  }

  remove(worker: StreamWorker): void {
    this.#workers.delete(worker);
    this.#service.hideStream(worker.id);
  }

  states(): readonly StreamState[] {
    return [...this.#workers].map(({ state }) => state);
  }

  /** @param id whose call waits; `null`: what waits may be waited for by any of them */
  onGenesysWait(id: string | null, wait: GenesysWait): void {
    for (const worker of this.#workers) if (id === null || id === worker.id) worker.onGenesysWait(wait);
  }
}
