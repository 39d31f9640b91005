import { randomUUID } from 'node:crypto';
import { redisAnswers } from '@trunkline/local-stack';
import { expect, inject, test } from 'vitest';

test('every integration test finds a Redis that answers', async () => {
  expect(await redisAnswers(inject('redisUrl'))).toBe(true);
});

test('every integration test finds an Elasticsearch that takes a document', async () => {
  const index = new URL(`test-kit-${randomUUID()}`, inject('elasticsearchUrl'));
  const created = await fetch(`${index}/_create/1?refresh=true`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: '{"kept":true}',
  });
  expect(created.status).toBe(201);
  const found = (await (await fetch(`${index}/_count`)).json()) as { count: number };
  expect(found.count).toBe(1);
  expect((await fetch(index, { method: 'DELETE' })).status).toBe(200);
});
