import { type RedisClient, redisAnswer } from './redis-answer.ts';

/**
 * The pause that a 429 imposes on all processes of a client id: a Redis key that expires when it is over.
 *
 * With Redis away each process goes by what it last heard and by the pauses that it could not share. When Redis answers,
 * its word counts, so that a person can end a pause by deleting the key.
 */
export class SharedPause {
  readonly #redis: RedisClient | null;
  readonly #key: string;
  /** End of the pause as Redis last told it. */
  #heardUntilMs = 0;
  /** End of a pause that Redis does not know of. */
  #ownUntilMs = 0;

  constructor(redis: RedisClient | null, key: string) {
    this.#redis = redis;
    this.#key = key;
  }

  /** Makes the pause last at least `ms` from now; a longer one stays as it is. */
  async extend(ms: number): Promise<void> {
    const shared = await redisAnswer(this.#redis, (redis) =>
      redis.eval(lengthen, 1, this.#key, String(Math.ceil(ms))),
    );
    if (shared === null) this.#ownUntilMs = Math.max(this.#ownUntilMs, Date.now() + ms);
  }

  /** How long the pause still lasts; 0 = there is none. */
  async remainingMs(): Promise<number> {
    const answer = await redisAnswer(this.#redis, (redis) => redis.pttl(this.#key));
    const now = Date.now();
    if (answer !== null) this.#heardUntilMs = now + Math.max(0, answer.value);
    return Math.max(0, this.#heardUntilMs - now, this.#ownUntilMs - now);
  }
}

/** KEYS[1] the pause; ARGV[1] ms. Returns the ms that it lasts now. */
const lengthen = `
local left = redis.call('PTTL', KEYS[1])
if left >= tonumber(ARGV[1]) then return left end
redis.call('SET', KEYS[1], '1', 'PX', ARGV[1])
return tonumber(ARGV[1])
`;
