import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startElasticsearch } from './elasticsearch.ts';
import { elasticsearchAnswers } from './elasticsearch-answers.ts';
import type { Part } from './part.ts';
import { redisAnswers, startRedis } from './redis.ts';

const onThisMachine = {
  sources: ['binary', 'download'],
  environment: { ...process.env, ES_HOME: '' },
} as const;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'parts-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a Redis of this machine', () => {
  let redis: Part;

  beforeAll(async () => {
    redis = await startRedis({ ...onThisMachine, dataDir: path.join(folder, 'redis') });
  });

  afterAll(() => redis?.stop());

  test('evicts nothing and writes everything to disk', async () => {
    const client = new Redis(redis.url);
    const settings = await Promise.all(
      ['maxmemory-policy', 'appendonly', 'appendfsync'].map((name) => client.config('GET', name)),
    );
    client.disconnect();
    expect(JSON.stringify(settings)).toMatch(/noeviction.*yes.*everysec/);
  });

  test.each(['SIGTERM', 'SIGKILL'] as const)(
    'keeps port and data when it is taken down by %s',
    async (signal) => {
      const client = new Redis(redis.url, { maxRetriesPerRequest: null });
      client.on('error', () => {});
      await client.set(`kept-${signal}`, 'yes');
      const before = redis.pid;
      await redis.takeDown(signal);
      expect(await redisAnswers(redis.url)).toBe(false);
      expect(redis.pid).toBeNull();
      await redis.bringUp();
      expect(redis.pid).not.toBe(before);
      expect(await client.get(`kept-${signal}`)).toBe('yes');
      client.disconnect();
    },
  );

  test('a paused one keeps its connections and answers nothing until it is resumed', async () => {
    await redis.pause();
    // The signal is on its way when it is sent: one answer may still come.
    await vi.waitFor(async () => expect(await redisAnswers(redis.url)).toBe(false), 60_000);
    await redis.resume();
    await vi.waitFor(async () => expect(await redisAnswers(redis.url)).toBe(true), 60_000);
  });

  test('an end that nobody asked for is told, and it can be started again', async () => {
    const told = new Promise<string>((resolve) => {
      redis.onUnexpectedEnd(resolve);
    });
    process.kill(redis.pid as number, 'SIGKILL');
    expect(await told).toBe('SIGKILL');
    await redis.bringUp();
    expect(await redisAnswers(redis.url)).toBe(true);
  });

  test('the port of one that runs is not given to another', async () => {
    const port = Number(new URL(redis.url).port);
    const other = await startRedis({ ...onThisMachine, port });
    expect(other.url).not.toBe(redis.url);
    await other.stop();
    expect(await redisAnswers(other.url)).toBe(false);
    expect(await redisAnswers(redis.url)).toBe(true);
  });

  test('one that cannot start says why', async () => {
    const started = startRedis({ ...onThisMachine, settings: ['--no-such-setting', '1'] });
    await expect(started).rejects.toThrow(/Redis ended while starting[\s\S]*no-such-setting/);
  });
});

test('an Elasticsearch of this machine keeps port and data through a crash, a stop and a pause', async () => {
  const part = await startElasticsearch({
    ...onThisMachine,
    shortLived: true,
    dataDir: path.join(folder, 'elasticsearch'),
  });
  try {
    const written = await fetch(`${part.url}/kept/_doc/1?refresh=true`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: '{"big":9007199254740993}',
    });
    expect(written.status).toBe(201);
    await part.takeDown('SIGKILL');
    expect(await elasticsearchAnswers(part.url)).toBe(false);
    await part.bringUp();
    await vi.waitFor(async () => {
      const found = await fetch(`${part.url}/kept/_doc/1`);
      expect(await found.text()).toContain('{"big":9007199254740993}');
    }, 90_000);
    await part.pause();
    expect(await elasticsearchAnswers(part.url)).toBe(false);
    await part.resume();
    await vi.waitFor(async () => expect(await elasticsearchAnswers(part.url)).toBe(true), 90_000);
  } finally {
    await part.stop();
  }
  expect(await elasticsearchAnswers(part.url)).toBe(false);
}, 240_000);
