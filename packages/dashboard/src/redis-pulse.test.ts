import { expect, test } from 'vitest';
import { RedisPulse } from './redis-pulse.ts';

test('knows since when Redis does not answer, though its connection stands, and that it answers again', async () => {
  let now = 1_000;
  const asked: PromiseWithResolvers<'PONG'>[] = [];
  const redis = {
    status: 'ready' as const,
    ping: () => {
      const answer = Promise.withResolvers<'PONG'>();
      asked.push(answer);
      return answer.promise;
    },
  };
  const pulse = new RedisPulse(redis, () => now);
  pulse.look();
  asked[0]?.resolve('PONG');
  await Promise.resolve();
  now = 5_000;
  pulse.look();
  now = 7_001;
  pulse.look();
  expect(pulse.silentSince).toBe(1_000);
  // One PING at a time.
  expect(asked).toHaveLength(2);
  asked[1]?.resolve('PONG');
  await Promise.resolve();
  expect(pulse.silentSince).toBeNull();
});

test('a connection that is gone is a Redis that does not answer', () => {
  const pulse = new RedisPulse({ status: 'reconnecting', ping: () => new Promise(() => {}) }, () => 1_000);
  expect(pulse.silentSince).toBe(1_000);
});
