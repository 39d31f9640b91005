import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Redis } from 'ioredis';
import { inject } from 'vitest';

/** A key prefix of a test's own. */
export function ownPrefix(): string {
  return `{genesys-test-${randomUUID()}}`;
}

/** A client of its own, as another process has it; disposes with its scope. */
export async function openRedis(url: string = inject('redisUrl')): Promise<Redis & AsyncDisposable> {
  const redis = new Redis(url);
  redis.on('error', () => {}); // the tests that cut it off look at what its users do
  await once(redis, 'ready');
  return Object.assign(redis, {
    async [Symbol.asyncDispose]() {
      redis.disconnect();
    },
  });
}
