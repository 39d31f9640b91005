import { LuaScript } from '@trunkline/stream-state';
import type { Redis } from 'ioredis';
import type { Trial } from './bisection.ts';

/**
 * KEYS[1] the starts of a batch, KEYS[2] its payload; ARGV[1] ms after which the starts are forgotten. Returns {starts, payload}.
 * A script and not a pipeline: that of a connection which BullMQ uses is made anew with all of BullMQ's commands for each batch.
 */
const begin = new LuaScript(`
local started = redis.call('HINCRBY', KEYS[1], 'starts', 1)
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return { started, redis.call('GET', KEYS[2]) }
`);

/** A batch that nobody finishes is forgotten here after a day. */
const forgetAfterMs = 86_400_000;

/**
 * How often each batch was started without its worker living to end it, in a Redis hash of its own.
 *
 * BullMQ's own counters do not tell a killed worker from one that gave its job back. Whoever ends a batch in any way, also by
 * giving it back, forgets its starts; so what is found here was left by processes that died.
 */
export class BatchStarts {
  readonly #redis: Redis;
  readonly #prefix: string;

  constructor(redis: Redis, pipelinePrefix: string) {
    this.#redis = redis;
    this.#prefix = `${pipelinePrefix}:starts:`;
  }

  /** The key that holds the starts of a batch, for whoever deletes it together with others. */
  keyOf(jobId: string): string {
    return this.#prefix + jobId;
  }

  /**
   * Counts a start, and then reads what the batch is made of: one way to Redis for both.
   * @returns how many starts there are now, this one included, and the sealed payload, `null` where there is none
   */
  async begin(jobId: string, payloadKey: string): Promise<{ started: number; sealed: Buffer | null }> {
    const keys = [this.keyOf(jobId), payloadKey];
    const [started, sealed] = (await begin.runForBytes(this.#redis, keys, [forgetAfterMs])) as [
      number,
      Buffer | null,
    ];
    return { started, sealed };
  }

  /**
   * The part of the batch that is to be tried, as it was noted last; `null` where none was. `died`: a process died over it;
   * else it was only given back.
   */
  async trial(jobId: string): Promise<{ trial: Trial; died: boolean } | null> {
    const [note, trying] = await this.#redis.hmget(this.keyOf(jobId), 'trial', 'trying');
    const [from, width, deaths] = (note ?? '').split(' ').map(Number);
    if (from === undefined || width === undefined || deaths === undefined) return null;
    return { trial: { from, width, deaths }, died: trying === '1' };
  }

  /** Notes the part of the batch that is tried next. */
  async noteTrial(jobId: string, { from, width, deaths }: Trial): Promise<void> {
    await this.#redis.hset(this.keyOf(jobId), { trial: `${from} ${width} ${deaths}`, trying: '1' });
  }

  /** The start that `begin` counted did not take place yet. */
  async withdraw(jobId: string): Promise<void> {
    const key = this.keyOf(jobId);
    if ((await this.#redis.hincrby(key, 'starts', -1)) <= 0) await this.#redis.unlink(key);
  }

  /** The batch was given back: its process lives, so this start does not count, nor does the part that was tried. */
  async release(jobId: string): Promise<void> {
    await this.#redis.hset(this.keyOf(jobId), 'trying', '0');
    await this.withdraw(jobId);
  }

  /** The batch is done. */
  async end(jobId: string): Promise<void> {
    await this.#redis.unlink(this.keyOf(jobId));
  }
}
