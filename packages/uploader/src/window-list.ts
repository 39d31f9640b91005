import type { Manifest } from '@trunkline/archive-store';
import {
  type ArchivedWindow,
  type ArchiveWindow,
  archivedWindowsKept,
  archivedWindowsKey,
} from '@trunkline/contracts';
import type { Redis } from 'ioredis';

/** The short list of windows that people see on the dashboard. */
export class WindowList {
  readonly #redis: Redis;
  readonly #key: string;
  #last = 'none';

  constructor(redis: Redis, deployment: string) {
    this.#redis = redis;
    this.#key = archivedWindowsKey(deployment);
  }

  /** The window that this process ended last, in words, for the heartbeat. */
  get last(): string {
    return this.#last;
  }

  async archived({ window, counts, metrics, source }: Manifest, at: Date): Promise<void> {
    await this.#add({
      ...placeOf(window),
      status: 'SUCCESS',
      conversations: counts.conversations,
      bytes: metrics.bytes_transferred,
      cost: metrics.estimated_cost_usd,
      integrity: source.integrity,
      missingTexts: counts.missingTexts,
      at: at.toISOString(),
    });
  }

  async failed(window: ArchiveWindow, at: Date): Promise<void> {
    const unknown = { conversations: null, bytes: null, cost: null, integrity: null, missingTexts: null };
    await this.#add({ ...placeOf(window), status: 'FAILURE', ...unknown, at: at.toISOString() });
  }

  async #add(line: ArchivedWindow): Promise<void> {
    await this.#redis
      .multi()
      .lpush(this.#key, JSON.stringify(line))
      .ltrim(this.#key, 0, archivedWindowsKept - 1)
      .exec();
    this.#last = `${line.windowId} ${line.status}`;
  }
}

function placeOf({ id, from, to }: ArchiveWindow): Pick<ArchivedWindow, 'windowId' | 'from' | 'to'> {
  return { windowId: id, from, to };
}
