import { randomBytes } from 'node:crypto';
import { AUDIT_INDEX, deploymentPrefix } from '@trunkline/contracts';
import { Redis } from 'ioredis';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { QueueGauges } from './queue-gauges.ts';
import { openQueue } from './queues.ts';

let redis: Redis;
const deployment = `test-${randomBytes(6).toString('hex')}`;
beforeAll(() => {
  redis = new Redis(inject('redisUrl'), { maxRetriesPerRequest: null });
});
afterAll(async () => {
  const keys = await redis.keys(`${deploymentPrefix(deployment)}*`);
  if (keys.length > 0) await redis.del(keys);
  await redis.quit();
});

it('tells depth, age and work of a queue; no work while the gate behind it is shut, nothing where Redis is away', async () => {
  const queue = openQueue(deployment, AUDIT_INDEX, redis);
  await queue.add('batch', {}, { timestamp: Date.now() - 60_000 });
  await queue.add('batch', {});
  await queue.add('batch', {}, { delay: 3_600_000 });
  const registry = new Registry();
  let reachable = true;
  let paused = false;
  const gauges = new QueueGauges(registry, () => reachable);
  gauges.watch(AUDIT_INDEX, { queue, isPaused: () => paused });

  const told = await registry.metrics();
  expect(told).toContain('trunkline_queue_jobs{queue="audit-index",state="waiting"} 2');
  expect(told).toContain('trunkline_queue_jobs{queue="audit-index",state="delayed"} 1');
  expect(told).toContain('trunkline_queue_jobs{queue="audit-index",state="failed"} 0');
  expect(told).toContain('trunkline_queue_work{queue="audit-index"} 3');
  const age = /trunkline_queue_oldest_job_seconds\{queue="audit-index"\} ([\d.]+)/.exec(told)?.[1];
  expect(Number(age)).toBeGreaterThanOrEqual(60);

  paused = true;
  expect(await registry.metrics()).toContain('trunkline_queue_work{queue="audit-index"} 0');
  reachable = false;
  expect(await registry.metrics()).not.toMatch(/^trunkline_queue_.*\} /m);
  await queue.close();
});
