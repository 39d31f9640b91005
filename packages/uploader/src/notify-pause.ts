import { ARCHIVE_NOTIFY } from '@trunkline/contracts';
import type { Component, Service } from '@trunkline/service';
import type { UploaderMetrics } from './metrics.ts';
import { pausedMessage } from './notify-worker.ts';

/** Tells for as long as the queue of completion events is paused, whichever replica or person paused it: readiness and metric. */
export class NotifyPause implements Component {
  readonly name = 'pause of completion events';
  readonly #service: Service;
  readonly #metrics: UploaderMetrics;
  readonly #intervalMs: number;
  #timer: NodeJS.Timeout | null = null;
  #isPaused: boolean | null = null;

  constructor(service: Service, metrics: UploaderMetrics, intervalMs: number) {
    this.#service = service;
    this.#metrics = metrics;
    this.#intervalMs = intervalMs;
  }

  /** `null`: not known yet. */
  get isPaused(): boolean | null {
    return this.#isPaused;
  }

  async start(): Promise<void> {
    void this.#look();
    this.#timer = setInterval(() => void this.#look(), this.#intervalMs);
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    if (this.#service.redis.status !== 'ready') return;
    try {
      this.#isPaused = await this.#service.queue(ARCHIVE_NOTIFY).isPaused();
    } catch (err) {
      this.#service.log.debug({ event: 'notify-pause.unknown', err });
      return;
    }
    this.#metrics.notifyPaused.set(this.#isPaused ? 1 : 0);
    this.#service.health.report('webhook', this.#isPaused ? pausedMessage : null);
  }
}
