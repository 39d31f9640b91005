import { type RedisClient, redisAnswer } from '../../redis-answer.ts';

/** How long it holds without being held on to: longer than a holder is away between two looks at its query (ms). */
const ttlMs = 120_000;

/**
 * The right to have a history query under way: Genesys takes one at a time for the whole organisation. Held by a stream, not by a
 * process: whoever polls the stream next goes on with its query.
 *
 * Without an answer of Redis nobody has it: a query more would be refused, and nothing is lost by waiting.
 */
export class HistoryLease {
  readonly #redis: RedisClient | null;
  readonly #key: string;
  readonly #holder: string;

  /** @param redis `null`: this process alone, which has it always */
  constructor(redis: RedisClient | null, key: string, holder: string) {
    this.#redis = redis;
    this.#key = key;
    this.#holder = holder;
  }

  /** Takes it, or holds on to it; `false`: another stream has it. */
  async take(): Promise<boolean> {
    if (this.#redis === null) return true;
    const answer = await redisAnswer(this.#redis, (redis) =>
      redis.eval(takeScript, 1, this.#key, this.#holder, String(ttlMs)),
    );
    return answer?.value === 1;
  }

  async release(): Promise<void> {
    await redisAnswer(this.#redis, (redis) => redis.eval(releaseScript, 1, this.#key, this.#holder));
  }
}

/** KEYS[1] the lease; ARGV[1] holder, ARGV[2] ms. Returns 1 where the holder has it now, else 0. */
const takeScript = `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
`;

/** KEYS[1] the lease; ARGV[1] holder. Returns 1 where it was the holder's, else 0. */
const releaseScript = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
`;
