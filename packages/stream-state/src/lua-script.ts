import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';

function isUnknown(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT');
}

/** A Lua script that is sent by its digest, and whole only to a Redis that does not know it yet. */
export class LuaScript {
  readonly #source: string;
  readonly #digest: string;

  constructor(source: string) {
    this.#source = source;
    this.#digest = createHash('sha1').update(source).digest('hex');
  }

  async run(redis: Redis, keys: string[], args: (string | number)[]): Promise<unknown> {
    try {
      return await redis.evalsha(this.#digest, keys.length, ...keys, ...args);
    } catch (error) {
      if (!isUnknown(error)) throw error;
      return await redis.eval(this.#source, keys.length, ...keys, ...args);
    }
  }

  /** As `run`, with each string of the reply as the bytes that it is. */
  async runForBytes(redis: Redis, keys: string[], args: (string | number)[]): Promise<unknown> {
    try {
      return await redis.callBuffer('evalsha', this.#digest, keys.length, ...keys, ...args);
    } catch (error) {
      if (!isUnknown(error)) throw error;
      return await redis.callBuffer('eval', this.#source, keys.length, ...keys, ...args);
    }
  }
}
