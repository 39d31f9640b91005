import type { Manifest } from '@trunkline/archive-store';
import { type ArchivedWindow, type ArchiveWindow, failedWindow } from '@trunkline/contracts';
import { listWindow } from '@trunkline/service';
import type { Redis } from 'ioredis';

/** The short list of windows that people see on the dashboard. */
export class WindowList {
  readonly #redis: Redis;
  readonly #deployment: string;
  #last = 'none';

  constructor(redis: Redis, deployment: string) {
    this.#redis = redis;
    this.#deployment = deployment;
  }

  /** The window that this process ended last, in words, for the heartbeat. */
  get last(): string {
    return this.#last;
  }

  async archived({ window, counts, metrics, source }: Manifest, at: Date): Promise<void> {
    const { id: windowId, from, to } = window;
    await this.#add({
      windowId,
      from,
      to,
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
    await this.#add(failedWindow(window, at));
  }

  async #add(line: ArchivedWindow): Promise<void> {
    await listWindow(this.#redis, this.#deployment, line);
    this.#last = `${line.windowId} ${line.status}`;
  }
}
