import { type History, type Picture, rememberReplayWindows } from '@trunkline/overview';
import type { Logger } from '@trunkline/service';
import type { Redis } from 'ioredis';
import type { OverviewFeed } from './feed.ts';

/** As often as the finest of the charts has points. */
const intervalMs = 10_000;

/**
 * Keeps samples of the state for the charts, whether somebody looks or not, and remembers how long replay windows are. Every
 * replica of the dashboard does: what they keep together is as if there were one.
 */
export class Sampler {
  readonly #parts: { feed: OverviewFeed; history: History; redis: Redis; deployment: string; log: Logger };
  #timer: NodeJS.Timeout | null = null;

  constructor(parts: {
    feed: OverviewFeed;
    history: History;
    redis: Redis;
    deployment: string;
    log: Logger;
  }) {
    this.#parts = parts;
  }

  start(): void {
    this.#timer = setInterval(() => void this.#sample(), intervalMs);
    void this.#sample();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  async #sample(): Promise<void> {
    const { feed, redis, log } = this.#parts;
    // With Redis away the commands would only pile up in the client's queue.
    if (redis.status !== 'ready') return;
    try {
      const { picture, readable } = await feed.now();
      if (picture !== null && readable) await this.#keep(picture);
    } catch (err) {
      // A Redis that is full refuses it; that it is full is told elsewhere.
      log.debug({ event: 'overview.not-sampled', err });
    }
  }

  async #keep(picture: Picture): Promise<void> {
    const { history, redis, deployment } = this.#parts;
    await history.add(picture);
    await rememberReplayWindows(redis, deployment, picture.streams, picture.takenAt);
  }
}
