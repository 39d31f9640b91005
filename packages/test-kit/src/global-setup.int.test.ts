import { randomUUID } from 'node:crypto';
import { GetObjectCommand, HeadBucketCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { redisAnswers } from '@trunkline/local-stack';
import { expect, inject, test } from 'vitest';
import { HttpFaultProxy } from './http-fault-proxy.ts';
import { ownBucket } from './own-bucket.ts';
import { s3Client } from './s3-bucket.ts';

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

test('every integration test can have an encrypted bucket of its own, which goes with it', async () => {
  const bucket = await ownBucket(inject('s3'));
  const object = { Bucket: bucket.name, Key: 'folder/object' };
  const stored = await bucket.client.send(new PutObjectCommand({ ...object, Body: 'text' }));
  expect(stored.ServerSideEncryption).toBe('AES256');
  await bucket[Symbol.asyncDispose]();
  const client = s3Client(inject('s3'));
  await expect(client.send(new HeadBucketCommand({ Bucket: bucket.name }))).rejects.toThrow();
  client.destroy();
});

test('a bucket may encrypt with a KMS key, or with nothing', async () => {
  const kmsKeyId = 'arn:aws:kms:us-east-1:123456789012:key/0f5e7d5e-0000-4000-8000-000000000000';
  await using sealed = await ownBucket(inject('s3'), { encryption: { kmsKeyId } });
  await using plain = await ownBucket(inject('s3'), { encryption: null });
  const put = async ({ client, name }: typeof plain) =>
    client.send(new PutObjectCommand({ Bucket: name, Key: 'k', Body: 'text' }));
  expect(await put(sealed)).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: kmsKeyId });
  expect(await put(plain)).not.toHaveProperty('ServerSideEncryption');
});

test('an S3 behind a fault proxy is reached through it, and answers faults that S3 would answer', async () => {
  const access = inject('s3');
  await using bucket = await ownBucket(access);
  await using proxy = await HttpFaultProxy.start(access.endpoint);
  const client = s3Client({ ...access, endpoint: proxy.url });
  const object = { Bucket: bucket.name, Key: 'large' };
  const Body = 'x'.repeat(3 * 2 ** 20);
  await client.send(new PutObjectCommand({ ...object, Body }));
  expect((await client.send(new HeadObjectCommand(object))).ContentLength).toBe(Body.length);
  const read = await client.send(new GetObjectCommand(object));
  expect(await read.Body?.transformToString()).toBe(Body);
  const fault = proxy.intercept(
    (request) => request.method === 'PUT',
    {
      kind: 'answer',
      status: 503,
      body: '<Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>',
      headers: { 'content-type': 'application/xml' },
    },
    1,
  );
  await client.send(new PutObjectCommand({ ...object, Key: 'repeated', Body: 'by the client' }));
  expect(fault.struck).toBe(1);
  client.destroy();
});
