import type { QueueName } from '@trunkline/contracts';
import type { JobState, Queue } from 'bullmq';
import { Gauge, type Registry } from 'prom-client';

/** A queue that a worker of this process takes jobs from. */
export interface WatchedQueue {
  queue: Pick<Queue, 'getJobCounts' | 'getWaiting'>;
  /** Whether this process takes no jobs now, because the gate behind them is shut. */
  isPaused: () => boolean;
}

const states = ['waiting', 'active', 'delayed', 'prioritized', 'waiting-children', 'failed'] as const;

/** What a further worker could take. */
const takeable: readonly JobState[] = ['waiting', 'delayed', 'prioritized'];

/** A Redis that is silent for longer leaves the figures out of a scrape (ms). */
const answerMs = 2_000;

/**
 * Depth and age of the queues that this process works on, read when the metrics are asked for: an idle process asks nothing.
 * What cannot be read is left out, never told as 0.
 */
export class QueueGauges {
  readonly #watched = new Map<QueueName, WatchedQueue>();
  readonly #isReachable: () => boolean;
  readonly #jobs: Gauge<'queue' | 'state'>;
  readonly #oldest: Gauge<'queue'>;
  readonly #work: Gauge<'queue'>;
  #reading: Promise<void> | null = null;

  constructor(registry: Registry, isReachable: () => boolean) {
    this.#isReachable = isReachable;
    this.#jobs = new Gauge({
      name: 'trunkline_queue_jobs',
      help: 'Jobs of a queue, by state',
      labelNames: ['queue', 'state'],
      registers: [registry],
      collect: () => this.#readOnce(),
    });
    this.#oldest = new Gauge({
      name: 'trunkline_queue_oldest_job_seconds',
      help: 'Age of the oldest job that waits; 0 where none does',
      labelNames: ['queue'],
      registers: [registry],
      collect: () => this.#readOnce(),
    });
    this.#work = new Gauge({
      name: 'trunkline_queue_work',
      help: 'Jobs that a further worker could take: waiting, prioritized and delayed; 0 while the gate behind the queue is shut. What to scale on',
      labelNames: ['queue'],
      registers: [registry],
      collect: () => this.#readOnce(),
    });
  }

  watch(name: QueueName, watched: WatchedQueue): void {
    this.#watched.set(name, watched);
  }

  /** The three are collected at once: one reading serves them all. */
  #readOnce(): Promise<void> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  async #read(): Promise<void> {
    for (const gauge of [this.#jobs, this.#oldest, this.#work]) gauge.reset();
    if (!this.#isReachable()) return;
    await Promise.all([...this.#watched].map(([name, watched]) => this.#readQueue(name, watched)));
  }

  async #readQueue(name: QueueName, { queue, isPaused }: WatchedQueue): Promise<void> {
    const answer = Promise.all([queue.getJobCounts(...states), queue.getWaiting(0, 0)]);
    const silence = Promise.withResolvers<null>();
    const timer = setTimeout(() => silence.resolve(null), answerMs);
    const read = await Promise.race([answer, silence.promise])
      .catch(() => null)
      .finally(() => clearTimeout(timer));
    if (read === null) return;
    const [counts, [oldest]] = read;
    for (const state of states) this.#jobs.set({ queue: name, state }, counts[state] ?? 0);
    const ageMs = oldest === undefined ? 0 : Math.max(0, Date.now() - oldest.timestamp);
    this.#oldest.set({ queue: name }, ageMs / 1_000);
    const waiting = takeable.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
    this.#work.set({ queue: name }, isPaused() ? 0 : waiting);
  }
}
