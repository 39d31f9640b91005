import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { AUDIT_INDEX, deploymentPrefix } from '@trunkline/contracts';
import { Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { expect, inject, it } from 'vitest';
import { bullConnection, openQueue, queuePrefix } from './queues.ts';
import { openTracing } from './tracing.ts';

interface Span {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
}

it('follows a job from the process that adds it to the one that takes it, and tells nothing of what it carries', async () => {
  const received: { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] }[] = [];
  const collector = createServer(async (request, response) => {
    if (request.url === '/v1/traces') received.push((await json(request)) as (typeof received)[number]);
    response.end('{}');
  });
  collector.listen(0, '127.0.0.1');
  await once(collector, 'listening');
  const endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}/`;

  const deployment = `test-${randomBytes(6).toString('hex')}`;
  const redis = new Redis(inject('redisUrl'), { maxRetriesPerRequest: null });
  const tracing = openTracing({ service: 'fetcher', instance: 'fetcher-1', endpoint, ratio: 1 });
  const { telemetry } = tracing;
  const queue = openQueue(deployment, AUDIT_INDEX, redis, { telemetry });
  const worker = new Worker(AUDIT_INDEX, async () => 1, {
    connection: bullConnection(redis.duplicate()),
    prefix: queuePrefix(deployment, AUDIT_INDEX),
    telemetry,
  });
  const completed = once(worker, 'completed');
  await queue.add('batch', { payloadKey: 'a-secret-of-the-job' });
  await completed;
  await worker.close();
  await queue.close();
  await tracing.close();

  const spans = received.flatMap(({ resourceSpans }) =>
    resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)),
  );
  const added = spans.find(({ name }) => name.startsWith('add '));
  const taken = spans.find(({ name }) => name.startsWith('process '));
  expect(taken).toMatchObject({ traceId: added?.traceId, parentSpanId: added?.spanId });
  expect(JSON.stringify(received)).not.toContain('a-secret-of-the-job');
  expect(JSON.stringify(received)).toContain('fetcher-1');

  const keys = await redis.keys(`${deploymentPrefix(deployment)}*`);
  if (keys.length > 0) await redis.del(keys);
  await redis.quit();
  collector.close();
});
