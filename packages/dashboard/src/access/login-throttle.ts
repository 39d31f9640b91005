import { createHash } from 'node:crypto';
import { deploymentPrefix } from '@trunkline/contracts';
import type { Redis } from 'ioredis';

const windowMs = 15 * 60_000;

/** Attempts within the window; far above what a person mistypes, far below what guessing needs. */
export const maxAttemptsPerName = 10;
const maxAttemptsPerAddress = 30;

/**
 * Limits how often a password is tried, by user name and by address, over all replicas.
 *
 * An attempt is counted before the password is looked at, so that many at once gain nothing. A login that succeeds
 * clears its name and its address.
 */
export class LoginThrottle {
  readonly #redis: Redis;
  readonly #prefix: string;

  constructor(redis: Redis, deployment: string) {
    this.#redis = redis;
    this.#prefix = `${deploymentPrefix(deployment)}:dashboard:login-attempts:`;
  }

  /** Counts an attempt. Returns how long to wait before the next one, in ms; 0: this one may be judged. */
  async attempt(name: string, address: string): Promise<number> {
    const byName = await this.#count(this.#nameKey(name));
    const byAddress = await this.#count(this.#addressKey(address));
    return Math.max(
      byName.attempts > maxAttemptsPerName ? byName.expiresInMs : 0,
      byAddress.attempts > maxAttemptsPerAddress ? byAddress.expiresInMs : 0,
    );
  }

  async clear(name: string, address: string): Promise<void> {
    await this.#redis.del(this.#nameKey(name), this.#addressKey(address));
  }

  async #count(key: string): Promise<{ attempts: number; expiresInMs: number }> {
    const replies = await this.#redis.multi().set(key, 0, 'PX', windowMs, 'NX').incr(key).pttl(key).exec();
    const [, attempts, expiresInMs] = (replies ?? []).map(([error, value]) => {
      if (error !== null) throw error;
      return Number(value);
    });
    return { attempts: attempts ?? 0, expiresInMs: Math.max(expiresInMs ?? 0, 1) };
  }

  #nameKey(name: string): string {
    return `${this.#prefix}name:${digest(name)}`;
  }

  #addressKey(address: string): string {
    return `${this.#prefix}address:${digest(address)}`;
  }
}

/** People type passwords into the name field: what was typed never stands in Redis. */
function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
