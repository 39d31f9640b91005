import { z } from 'zod';

/** Numbers, words and times of a process's state, never payload. `null`: not known. */
const facts = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));
export type Facts = z.infer<typeof facts>;

/** What a process tells of itself in Redis every second, for the dashboard and the status line. */
export const heartbeat = z.object({
  v: z.literal(1),
  service: z.string(),
  instance: z.string(),
  version: z.string(),
  host: z.string(),
  pid: z.number().int(),
  startedAt: z.iso.datetime(),
  beatAt: z.iso.datetime(),
  live: z.boolean(),
  ready: z.boolean(),
  /** One sentence for each thing that is missing or wrong; empty when ready. */
  problems: z.array(z.string()),
  /** Where /metrics, /livez and /readyz answer. */
  httpUrl: z.string().nullable(),
  /** What this kind of process shows of its state (gate, breaker, jobs in hand ...). */
  facts,
  /**
   * By id, the audit streams that a fetcher polls or stands by for, each with what it shows of it: `lease` (`held` or `waiting`),
   * `lagSeconds`, `drained`, `lastPollAt`, `replayWindowMs`, `genesysPausedUntil`, `outlet`, `queueDepth`, `spoolBatches`.
   * Processes before 0.2 leave it out.
   */
  streams: z.record(z.string(), facts).exactOptional(),
});
export type Heartbeat = z.infer<typeof heartbeat>;

/** A process whose last heartbeat is older than this counts as gone (ms). */
export const heartbeatTtlMs = 15_000;
