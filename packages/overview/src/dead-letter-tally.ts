import { ARCHIVE_DEAD_LETTER, AUDIT_DEAD_LETTER, errorKinds, type QueueName } from '@trunkline/contracts';
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';

/** Dead letters that wait for a person, by their code. */
export interface DeadLettersByCode {
  /** The most frequent first. */
  readonly counts: readonly { readonly code: string; readonly count: number }[];
  /** Where there are more than are looked at: how many of the newest these are; `null`: all. */
  readonly ofNewest: number | null;
}

export interface DeadLetterCounts {
  /** `null`: not known. */
  readonly audit: DeadLettersByCode | null;
  readonly archive: DeadLettersByCode | null;
}

/** Entries that are looked at; a read of so many takes some ten ms. */
const newest = 2_000;

/**
 * Counts dead letters by code from their entries on the queues, at most every `maxAgeMs`: a look reads the entries' data.
 *
 * `audit`, where it is given, asks the dead-letter index instead, which holds every one whatever became of the queue; where that
 * fails, the queue is what is known.
 */
export class DeadLetterTally {
  readonly #redis: Redis;
  readonly #queue: (name: QueueName) => Queue;
  readonly #maxAgeMs: number;
  readonly #audit: (() => Promise<Readonly<Record<string, number>>>) | null;
  #counts: DeadLetterCounts = { audit: null, archive: null };
  #countedAt = Number.NEGATIVE_INFINITY;

  constructor(
    redis: Redis,
    queue: (name: QueueName) => Queue,
    options: { maxAgeMs: number; audit?: () => Promise<Readonly<Record<string, number>>> },
  ) {
    this.#redis = redis;
    this.#queue = queue;
    this.#maxAgeMs = options.maxAgeMs;
    this.#audit = options.audit ?? null;
  }

  /** What was counted last; does not wait where a count is there, but counts anew behind it. */
  async read(): Promise<DeadLetterCounts> {
    const first = this.#countedAt === Number.NEGATIVE_INFINITY;
    if (performance.now() - this.#countedAt >= this.#maxAgeMs) {
      this.#countedAt = performance.now();
      const counting = this.#count();
      if (first) await counting;
      else counting.catch(() => {});
    }
    return this.#counts;
  }

  /** After a person has acted: the next read counts anew and waits for it. */
  expire(): void {
    this.#countedAt = Number.NEGATIVE_INFINITY;
  }

  async #count(): Promise<void> {
    const [audit, archive] = await Promise.all([
      this.#ofIndex().then((found) => found ?? countQueue(this.#redis, this.#queue(AUDIT_DEAD_LETTER))),
      countQueue(this.#redis, this.#queue(ARCHIVE_DEAD_LETTER)),
    ]);
    this.#counts = { audit, archive };
  }

  async #ofIndex(): Promise<DeadLettersByCode | null> {
    if (this.#audit === null) return null;
    try {
      return tallied(new Map(Object.entries(await this.#audit())), null);
    } catch {
      return null;
    }
  }
}

async function countQueue(redis: Redis, queue: Queue): Promise<DeadLettersByCode> {
  const [ids, all] = await Promise.all([
    redis.zrevrange(queue.toKey('failed'), 0, newest - 1),
    redis.zcard(queue.toKey('failed')),
  ]);
  const texts = await Promise.all(ids.map((id) => redis.hget(queue.toKey(id), 'data')));
  const counts = new Map<string, number>();
  for (const text of texts) {
    const code = codeOf(text);
    counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  return tallied(counts, all > ids.length ? ids.length : null);
}

function tallied(counts: ReadonlyMap<string, number>, ofNewest: number | null): DeadLettersByCode {
  const sorted = [...counts]
    .map(([code, count]) => ({ code, count }))
    .sort((a, b) => b.count - a.count || a.code.localeCompare(b.code));
  return { counts: sorted, ofNewest };
}

/** A code of ours; whatever else somebody put there is not repeated. */
function codeOf(data: string | null): string {
  try {
    const { code } = JSON.parse(data ?? '') as { code?: unknown };
    return typeof code === 'string' && Object.hasOwn(errorKinds, code) ? code : 'unknown';
  } catch {
    return 'unknown';
  }
}
