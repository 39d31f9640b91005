import { deploymentPrefix } from '@trunkline/contracts';
import type { Logger } from '@trunkline/service';
import type { Redis } from 'ioredis';
import { z } from 'zod';

/** Who did what, on which, from where, and how it ended. Ids and words of ours; nothing that somebody typed but a reason. */
const accessEntry = z.object({
  /** ISO 8601. */
  at: z.string(),
  /** `access.<what>`, as in the log. */
  event: z.string(),
  /** `null`: nobody who is known. */
  user: z.string().nullable(),
  /** What they may do; `null` with the command line, which knows no roles. */
  role: z.string().nullable(),
  /** Network address of a browser; of the command line the name of its host. */
  address: z.string().nullable(),
  via: z.enum(['dashboard', 'command-line']).default('dashboard'),
  /** What was asked for: `retry`, `requeue`, `reveal` ... */
  action: z.string().nullable(),
  /** Queue and job, a dead letter, or how many of them. */
  target: z.string().nullable(),
  /** `begun`: what may be about many, before the first; another entry tells its end, unless it was cut short. */
  outcome: z.enum(['begun', 'done', 'failed', 'refused']),
  /** How many it came to be about, where that is counted. */
  count: z.number().nullable().default(null),
  /** Why, where somebody had to say it. */
  reason: z.string().nullable(),
});
export type AccessEntry = z.infer<typeof accessEntry>;

export type NewAccessEntry = Omit<z.input<typeof accessEntry>, 'at'>;

/** Somebody who was turned away before it was known what they may do. @param user `null`: nobody who is known */
export function turnedAway(event: string, address: string, user: string | null = null): NewAccessEntry {
  const nothing = { role: null, action: null, target: null, reason: null };
  return { event, user, address, ...nothing, outcome: 'refused' };
}

/** Logins have a list of their own: whoever tries passwords pushes no action out of sight. */
const lists = ['actions', 'logins'] as const;
export type AccessList = (typeof lists)[number];

const kept = 1_000;

/**
 * The access log: a line of the structured log for each access, and the last thousand of each kind in Redis, for people. The log
 * is the record; the lists are a convenience, and a Redis that is full or away keeps no entry from being logged.
 */
export class AccessLog {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #log: Logger;

  constructor(redis: Redis, deployment: string, log: Logger) {
    this.#redis = redis;
    this.#prefix = `${deploymentPrefix(deployment)}:dashboard:access:`;
    this.#log = log;
  }

  /**
   * Logs at once; resolves when the entry stands in its list too, or cannot.
   * @param more further fields for the log line alone
   */
  async tell(entry: NewAccessEntry, text: string, more: Record<string, unknown> = {}): Promise<void> {
    const { outcome, reason, action, target, count = null, ...who } = entry;
    const fields = {
      ...who,
      ...(action === null ? {} : { action }),
      ...(count === null ? {} : { count }),
      ...more,
      outcome,
    };
    const level = outcome === 'done' || outcome === 'begun' ? 'info' : 'warn';
    this.#log[level](reason === null ? fields : { ...fields, reason }, text);
    const list = entry.event.startsWith('access.log') ? 'logins' : 'actions';
    await this.#keep(list, { ...entry, at: new Date().toISOString() });
  }

  /** The newest first. */
  async read(list: AccessList, limit = 200): Promise<AccessEntry[]> {
    const lines = await this.#redis.lrange(this.#prefix + list, 0, limit - 1);
    return lines.flatMap((line) => {
      const entry = accessEntry.safeParse(parsed(line)).data;
      return entry === undefined ? [] : [entry];
    });
  }

  async #keep(list: AccessList, entry: NewAccessEntry & { at: string }): Promise<void> {
    const key = this.#prefix + list;
    try {
      await this.#redis
        .multi()
        .lpush(key, JSON.stringify(entry))
        .ltrim(key, 0, kept - 1)
        .exec();
    } catch (err) {
      this.#log.warn(
        { event: 'access-log.not-kept', err },
        'An entry of the access log stands in the log alone',
      );
    }
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
