import { ARCHIVE_PLAN } from '@trunkline/contracts';
import { type Component, jobOptions, type Service } from '@trunkline/service';

/** Ticks that failed are kept for people to see, but the next tick does their work. */
const failedTicksKept = 10;

/** How long it waits before it tries again to set the schedule (ms). */
const retryMs = 5_000;

/** Sets the schedule of planning, keeps it there, and plans once at the start: what was missed while nothing ran need not wait for a tick. */
export class PlanSchedule implements Component {
  readonly name = 'plan-schedule';
  readonly #service: Service;
  readonly #cron: string;
  readonly #lookMs: number;
  #timer: NodeJS.Timeout | undefined;
  #keeper: NodeJS.Timeout | undefined;
  #stands = false;
  #stopped = false;
  #setting: Promise<void> = Promise.resolve();

  /** @param lookMs how often it looks whether the schedule still stands: it lives in Redis, which may be emptied */
  constructor(service: Service, cron: string, lookMs = 60_000) {
    this.#lookMs = lookMs;
    this.#service = service;
    this.#cron = cron;
  }

  async start(): Promise<void> {
    this.#setting = this.#set();
    this.#keeper = setInterval(() => void this.#keep(), this.#lookMs).unref();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearInterval(this.#keeper);
    // With Redis away its commands would be waited for without end.
    if (this.#service.redis.status === 'ready') await this.#setting;
  }

  /** Emptied queues hold no plan either: what is missing is planned at once. */
  async #keep(): Promise<void> {
    try {
      if (!this.#stands || (await this.#service.queue(ARCHIVE_PLAN).getJobScheduler('archive-plan')) != null)
        return;
      this.#service.log.warn(
        { event: 'plan.schedule-lost' },
        'The schedule of the archive was gone from Redis; it is set again',
      );
      await this.#set();
    } catch (err) {
      this.#service.log.debug({ event: 'plan.schedule-unknown', err });
    }
  }

  async #set(): Promise<void> {
    const queue = this.#service.queue(ARCHIVE_PLAN);
    const data = { v: 1, range: null };
    const opts = { ...jobOptions(3), removeOnFail: { count: failedTicksKept } };
    try {
      await queue.upsertJobScheduler(
        'archive-plan',
        { pattern: this.#cron, tz: 'UTC' },
        { name: 'tick', data, opts },
      );
      this.#stands = true;
      await queue.add('tick', data, {
        ...opts,
        jobId: 'archive-plan-at-start',
        removeOnComplete: true,
        removeOnFail: true,
      });
    } catch (err) {
      this.#service.log.warn(
        { event: 'plan.schedule-failed', err },
        'The schedule of the archive is not set yet',
      );
      if (!this.#stopped) this.#timer = setTimeout(() => void this.#set(), retryMs);
    }
  }
}
