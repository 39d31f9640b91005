import { randomUUID } from 'node:crypto';
import type { Hits } from './hits.ts';

/** States of the SDK's `AsyncQueryStatus`. */
export type JobState = 'QUEUED' | 'PENDING' | 'FULFILLED' | 'FAILED' | 'CANCELLED' | 'EXPIRED';

export interface DetailsJob {
  id: string;
  hits: Hits;
  /** Conversations that its results hold at most. */
  limit: number;
  /** How far the data lake was filled when it was submitted. */
  availableUntilMs: number;
  submittedMs: number;
  /** Null until it has ended, however it did. */
  endedMs: number | null;
  expiresMs: number;
  state: JobState;
}

/** How long results are kept. */
const KEPT_MS = 7 * 86_400_000;
/** The oldest jobs are forgotten behind so many. */
const MOST_JOBS = 500;

/**
 * Jobs of the asynchronous details query. A job is asked for twice before it is fulfilled, QUEUED and then PENDING: how
 * long it takes depends on its client, not on a clock. They live in memory: a restarted service knows none of them.
 */
export class DetailsJobs {
  readonly #jobs = new Map<string, DetailsJob>();

  submit(job: Pick<DetailsJob, 'hits' | 'limit' | 'availableUntilMs'>, nowMs: number): DetailsJob {
    const submitted: DetailsJob = {
      ...job,
      id: randomUUID(),
      submittedMs: nowMs,
      endedMs: null,
      expiresMs: nowMs + KEPT_MS,
      state: 'QUEUED',
    };
    this.#jobs.set(submitted.id, submitted);
    for (const oldest of this.#jobs.keys()) {
      if (this.#jobs.size <= MOST_JOBS) break;
      this.#jobs.delete(oldest);
    }
    return submitted;
  }

  find(id: string, nowMs: number): DetailsJob | null {
    const job = this.#jobs.get(id) ?? null;
    if (job?.state === 'FULFILLED' && nowMs >= job.expiresMs) job.state = 'EXPIRED';
    return job;
  }

  /** What the state is told as; asking moves the job on. */
  asked(job: DetailsJob, nowMs: number): JobState {
    const { state } = job;
    if (state === 'QUEUED') job.state = 'PENDING';
    else if (state === 'PENDING') this.end(job, 'FULFILLED', nowMs);
    return state;
  }

  end(job: DetailsJob, state: 'FULFILLED' | 'FAILED' | 'CANCELLED', nowMs: number): void {
    job.state = state;
    job.endedMs = nowMs;
  }

  /** False where there is no such job. */
  forget(id: string): boolean {
    return this.#jobs.delete(id);
  }
}
