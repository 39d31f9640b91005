import { ARCHIVE_PLAN } from '@trunkline/contracts';
import { type Component, jobOptions, type Service } from '@trunkline/service';

/** Ticks that failed are kept for people to see, but the next tick does their work. */
const failedTicksKept = 10;

/** How long it waits before it tries again to set the schedule (ms). */
const retryMs = 5_000;

/** Sets the schedule of planning, and plans once at the start: what was missed while nothing ran need not wait for a tick. */
export class PlanSchedule implements Component {
  readonly name = 'plan-schedule';
  readonly #service: Service;
  readonly #cron: string;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #setting: Promise<void> = Promise.resolve();

  constructor(service: Service, cron: string) {
    this.#service = service;
    this.#cron = cron;
  }

  async start(): Promise<void> {
    this.#setting = this.#set();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    // With Redis away its commands would be waited for without end.
    if (this.#service.redis.status === 'ready') await this.#setting;
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
