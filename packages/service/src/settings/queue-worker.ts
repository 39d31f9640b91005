import { secondsAsMs, setting, wholeNumber } from './setting.ts';

/** What every BullMQ worker has. */
export const queueWorkerSettings = {
  concurrency: setting({
    env: 'WORKER_CONCURRENCY',
    schema: wholeNumber(1, 1_000),
    default: '10',
    summary: 'jobs that one worker process has in hand at a time; an indexer: for each of BULKS_IN_FLIGHT',
  }),
  lockDurationMs: setting({
    env: 'WORKER_LOCK_SECONDS',
    schema: secondsAsMs(1, 3_600),
    default: '30',
    summary: "how long a job's lock holds; a killed worker's jobs come back after lock and stalled interval",
  }),
  stalledIntervalMs: setting({
    env: 'WORKER_STALLED_INTERVAL_SECONDS',
    schema: secondsAsMs(0.5, 3_600),
    default: '15',
    summary: 'how often workers look for jobs whose worker is gone',
  }),
  attempts: setting({
    env: 'WORKER_ATTEMPTS',
    schema: wholeNumber(1, 1_000),
    default: '8',
    summary:
      'attempts of a job that fails unforeseen, up to 5 minutes apart; then it stands failed until a person acts',
  }),
} as const;
