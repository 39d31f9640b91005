import { describe, expect, inject, it } from 'vitest';
import { SharedPause } from './shared-pause.ts';
import { openRedis, ownPrefix } from './testing/redis.ts';
import { StallingRelay } from './testing/stalling-relay.ts';

describe('a pause', () => {
  it('holds for every process, and only a longer one changes it', async () => {
    const key = `${ownPrefix()}:pause`;
    await using redis = await openRedis();
    await using other = await openRedis();
    const [here, there] = [new SharedPause(redis, key), new SharedPause(other, key)];
    expect(await there.remainingMs()).toBe(0);
    await here.extend(60_000);
    await there.extend(30_000);
    expect(await there.remainingMs()).toBeGreaterThan(50_000);
    await there.extend(7_200_000);
    expect(await here.remainingMs()).toBeGreaterThan(7_100_000);
  });

  it('ends by itself', async () => {
    await using redis = await openRedis();
    const pause = new SharedPause(redis, `${ownPrefix()}:pause`);
    await pause.extend(20);
    await expect.poll(() => pause.remainingMs()).toBe(0);
  });

  it('ends when a person deletes it', async () => {
    const key = `${ownPrefix()}:pause`;
    await using redis = await openRedis();
    const pause = new SharedPause(redis, key);
    await pause.extend(3_600_000);
    await redis.del(key);
    expect(await pause.remainingMs()).toBe(0);
  });

  it('that was heard of holds on when Redis is gone', async () => {
    const key = `${ownPrefix()}:pause`;
    await using redis = await openRedis();
    await using other = await openRedis();
    await new SharedPause(other, key).extend(60_000);
    const pause = new SharedPause(redis, key);
    await pause.remainingMs();
    redis.disconnect();
    expect(await pause.remainingMs()).toBeGreaterThan(50_000);
  });

  it('that could not be shared holds for this process, also when Redis answers again', async () => {
    await using redis = await openRedis();
    redis.disconnect();
    const pause = new SharedPause(redis, `${ownPrefix()}:pause`);
    await pause.extend(60_000);
    await redis.connect();
    expect(await pause.remainingMs()).toBeGreaterThan(50_000);
  });

  it('is not waited for when Redis no longer answers', async () => {
    const { hostname, port } = new URL(inject('redisUrl'));
    await using relay = await StallingRelay.start({ host: hostname, port: Number(port) });
    await using redis = await openRedis(`redis://127.0.0.1:${relay.port}`);
    const pause = new SharedPause(redis, `${ownPrefix()}:pause`);
    expect(await pause.remainingMs()).toBe(0);
    relay.stall();
    await pause.extend(60_000);
    expect(await pause.remainingMs()).toBeGreaterThan(50_000);
    expect(redis.status).toBe('ready');
  });
});
