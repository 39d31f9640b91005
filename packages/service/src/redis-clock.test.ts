import { EventEmitter } from 'node:events';
import type { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { RedisClock } from './redis-clock.ts';

test("tells Redis' time, asks for it now and then, and again after a reconnect", async () => {
  let [server, monotonic, asked] = [1_700_000_000_000, 0, 0];
  const redis = Object.assign(new EventEmitter(), {
    time: async () => {
      asked += 1;
      return [String(Math.floor(server / 1_000)), String((server % 1_000) * 1_000)];
    },
  });
  const clock = new RedisClock(redis as unknown as Redis, () => monotonic);
  const pass = (ms: number) => {
    server += ms;
    monotonic += ms;
  };
  expect(await clock.now()).toBe(server);
  pass(20_500);
  expect([await clock.now(), asked]).toEqual([server, 1]);
  // Another server, whose clock is ahead.
  server += 5_000;
  redis.emit('ready');
  expect([await clock.now(), asked]).toEqual([server, 2]);
  pass(31_000);
  expect([await clock.now(), asked]).toEqual([server, 3]);
});
