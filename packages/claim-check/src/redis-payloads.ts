import type { Redis } from 'ioredis';
import { HEADER_BYTES, type Keyring, sealedAt } from './keyring.ts';

/**
 * Payloads under Redis keys of their own; jobs carry only the key. A payload is written before its job and deleted after
 * its batch is settled.
 */
export class RedisPayloads {
  readonly #redis: Redis;
  readonly #keyring: Keyring;

  constructor(redis: Redis, keyring: Keyring) {
    this.#redis = redis;
    this.#keyring = keyring;
  }

  /** Seals and writes; the same key may be written again. */
  async put(key: string, payload: Uint8Array): Promise<{ sealedBytes: number }> {
    const sealed = this.#keyring.seal(payload, key);
    await this.#redis.set(key, sealed);
    return { sealedBytes: sealed.length };
  }

  /**
   * What was sealed under this key.
   * @param sealed as it stands in Redis; @param expectedBytes as for `Keyring.open`
   * @throws TrunklineError as `Keyring.open`
   */
  open(key: string, sealed: Buffer, expectedBytes: number): Buffer {
    return this.#keyring.open(sealed, key, expectedBytes);
  }

  async exists(key: string): Promise<boolean> {
    return (await this.#redis.exists(key)) === 1;
  }

  async delete(key: string): Promise<void> {
    await this.#redis.unlink(key);
  }

  /**
   * Deletes payloads that were sealed before `before` (ms since 1970) and that nothing names any more: what a fetcher
   * leaves that died between payload and job.
   * @param prefix start of all payload keys; @param isNamed whether a job or an accepted batch names the payload key
   * @returns how many were deleted
   */
  async sweep(prefix: string, before: number, isNamed: (key: string) => Promise<boolean>): Promise<number> {
    let swept = 0;
    let cursor = '0';
    do {
      const [next, keys] = await this.#redis.scan(cursor, 'MATCH', `${globLiteral(prefix)}*`, 'COUNT', 200);
      cursor = next;
      for (const key of keys) {
        const at = sealedAt(await this.#redis.getrangeBuffer(key, 0, HEADER_BYTES - 1));
        if (at === null || at >= before || (await isNamed(key))) continue;
        swept += await this.#redis.unlink(key);
      }
    } while (cursor !== '0');
    return swept;
  }
}

function globLiteral(text: string): string {
  return text.replace(/[\\*?[\]]/g, '\\$&');
}
