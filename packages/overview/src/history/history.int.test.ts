import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { takenAt, well } from '../picture.fixture.ts';
import { History, resolutions } from './history.ts';

let redis: Redis;
let deployment: string;

beforeEach(() => {
  redis = new Redis(inject('redisUrl'));
  deployment = `overview-${randomBytes(5).toString('hex')}`;
});

afterEach(async () => {
  const keys = await redis.keys(`{${deployment}*`);
  if (keys.length > 0) await redis.del(...keys);
  redis.disconnect();
});

test('many dashboards that sample are as one, and each interval has one sample', async () => {
  const dashboards = Array.from({ length: 5 }, () => new History(redis, deployment));
  for (const second of [0, 3, 9, 10, 21]) {
    const picture = { ...well, takenAt: takenAt + second * 1_000, totals: { created: second } };
    await Promise.all(dashboards.map((dashboard) => dashboard.add(picture)));
  }
  const samples = await new History(redis, deployment).read('1h');
  // The pictures were taken one second into an interval.
  expect(samples.map(({ at, indexed }) => [at - takenAt, indexed])).toEqual([
    [0, 0],
    [9_000, 9],
    [21_000, 21],
  ]);
});

test('no more points are kept than a range has, and the list goes with time', async () => {
  const history = new History(redis, deployment);
  const { intervalMs, points } = resolutions['6h'];
  for (let n = 0; n < points + 5; n += 1) await history.add({ ...well, takenAt: takenAt + n * intervalMs });
  const samples = await history.read('6h');
  expect(samples).toHaveLength(points);
  expect(samples.at(-1)?.at).toBe(takenAt + (points + 4) * intervalMs);
  const [key = ''] = await redis.keys(`{${deployment}*samples:6h`);
  expect(await redis.pttl(key)).toBeGreaterThan(0);
});

test('what is no line of ours is left out', async () => {
  const history = new History(redis, deployment);
  await redis.rpush(`{${deployment}}:overview:samples:1h`, 'Jane', '[1]', '{"at":1}');
  await history.add(well);
  expect(await history.read('1h')).toHaveLength(1);
});
