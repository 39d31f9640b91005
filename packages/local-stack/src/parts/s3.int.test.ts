import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketEncryptionCommand,
  GetBucketPolicyStatusCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  GetPublicAccessBlockCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Part } from './part.ts';
import { s3AccessOf, s3Answers, startS3 } from './s3.ts';

const Bucket = 'kept-bucket';
const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64');

let folder: string;
let part: Part;
let client: S3Client;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 's3-'));
  part = await startS3({ sources: ['binary', 'download'], dataDir: folder, bucket: Bucket });
  const { endpoint, region, ...credentials } = s3AccessOf(part);
  client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
}, 300_000);

afterAll(async () => {
  client?.destroy();
  await part?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function restart(signal: 'SIGTERM' | 'SIGKILL' = 'SIGKILL'): Promise<void> {
  await part.takeDown(signal);
  expect(await s3Answers(part.url)).toBe(false);
  await part.bringUp();
}

async function textOf(Key: string): Promise<string> {
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
  return (await Body?.transformToString()) ?? '';
}

async function nameOfFailure(sending: Promise<unknown>): Promise<string> {
  return sending.then(
    () => 'none',
    (error: Error) => error.name,
  );
}

test.each(['SIGTERM', 'SIGKILL'] as const)('a bucket keeps its settings over %s', async (signal) => {
  await restart(signal);
  const encryption = await client.send(new GetBucketEncryptionCommand({ Bucket }));
  expect(encryption.ServerSideEncryptionConfiguration?.Rules?.[0]).toMatchObject({
    ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' },
  });
  const access = await client.send(new GetPublicAccessBlockCommand({ Bucket }));
  expect(Object.values(access.PublicAccessBlockConfiguration ?? {})).toEqual([true, true, true, true]);
  const status = await client.send(new GetBucketPolicyStatusCommand({ Bucket }));
  expect(status.PolicyStatus?.IsPublic).toBe(false);
});

test('an object keeps bytes, checksum, storage class, encryption, metadata and tags over a kill', async () => {
  const Key = 'archives/dt=2026-11-21/ö b.ndjson';
  await client.send(
    new PutObjectCommand({
      Bucket,
      Key,
      Body: 'kept',
      ChecksumSHA256: sha256('kept'),
      StorageClass: 'STANDARD_IA',
      Metadata: { generation: '1' },
      Tagging: 'hold=yes',
    }),
  );
  const ask = new HeadObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' });
  const before = await client.send(ask);
  await restart();
  const { $metadata: _, ...after } = await client.send(ask);
  expect(before).toMatchObject(after);
  expect(after).toMatchObject({
    ChecksumSHA256: sha256('kept'),
    StorageClass: 'STANDARD_IA',
    ServerSideEncryption: 'AES256',
    Metadata: { generation: '1' },
  });
  expect(await textOf(Key)).toBe('kept');
  const tags = await client.send(new GetObjectTaggingCommand({ Bucket, Key }));
  expect(tags.TagSet).toEqual([{ Key: 'hold', Value: 'yes' }]);
});

test('what was overwritten or deleted stays so over a kill, and leaves no bytes behind', async () => {
  const names = ['one', 'two', 'three', 'four'].map((name) => `gone/${name}`);
  for (const Key of names) await client.send(new PutObjectCommand({ Bucket, Key, Body: `first ${Key}` }));
  await client.send(new PutObjectCommand({ Bucket, Key: 'gone/one', Body: 'second' }));
  await client.send(new DeleteObjectCommand({ Bucket, Key: 'gone/two' }));
  await client.send(
    new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'gone/three' }, { Key: 'gone/four' }] } }),
  );
  await restart();
  const listed = await client.send(new ListObjectsV2Command({ Bucket, Prefix: 'gone/' }));
  expect(listed.Contents?.map((one) => one.Key)).toEqual(['gone/one']);
  expect(await textOf('gone/one')).toBe('second');
  const all = await client.send(new ListObjectsV2Command({ Bucket }));
  expect(await readdir(path.join(folder, 'data', 'values'))).toHaveLength(all.KeyCount ?? 0);
});

test('an object that is overwritten all the time is read whole, as it was or as it is', async () => {
  const Key = 'overwritten';
  const body = (number: number): string => String(number).repeat(1_000);
  await client.send(new PutObjectCommand({ Bucket, Key, Body: body(0) }));
  const seen: string[] = [];
  await Promise.all([
    ...[1, 2, 3, 4].map(async (number) => {
      for (let round = 0; round < 10; round++) {
        await client.send(new PutObjectCommand({ Bucket, Key, Body: body(number) }));
      }
    }),
    ...[1, 2, 3, 4].map(async () => {
      for (let round = 0; round < 10; round++) seen.push(await textOf(Key));
    }),
  ]);
  expect([0, 1, 2, 3, 4].map(body)).toEqual(expect.arrayContaining([...new Set(seen)]));
});

test('versions and delete markers outlive a kill', async () => {
  const versioned = 'versioned-bucket';
  await client.send(new CreateBucketCommand({ Bucket: versioned }));
  await client.send(
    new PutBucketVersioningCommand({ Bucket: versioned, VersioningConfiguration: { Status: 'Enabled' } }),
  );
  for (const Body of ['1', '2']) {
    await client.send(new PutObjectCommand({ Bucket: versioned, Key: 'key', Body }));
  }
  await client.send(new DeleteObjectCommand({ Bucket: versioned, Key: 'key' }));
  const ids = async (): Promise<(string | undefined)[]> => {
    const found = await client.send(new ListObjectVersionsCommand({ Bucket: versioned }));
    return [...(found.Versions ?? []), ...(found.DeleteMarkers ?? [])].map((one) => one.VersionId);
  };
  const before = await ids();
  expect(before).toHaveLength(3);
  await restart();
  expect(await ids()).toEqual(before);
});

test('a multipart upload goes on after a kill', async () => {
  const upload = { Bucket, Key: 'large' };
  const first = 'x'.repeat(5 * 2 ** 20);
  const { UploadId } = await client.send(
    new CreateMultipartUploadCommand({ ...upload, ChecksumAlgorithm: 'SHA256' }),
  );
  const part1 = { ...upload, UploadId, PartNumber: 1, ChecksumAlgorithm: 'SHA256' as const };
  const sent1 = await client.send(new UploadPartCommand({ ...part1, Body: first }));
  await restart();
  const sent2 = await client.send(new UploadPartCommand({ ...part1, PartNumber: 2, Body: 'tail' }));
  const composite = createHash('sha256');
  for (const { ChecksumSHA256 = '' } of [sent1, sent2])
    composite.update(Buffer.from(ChecksumSHA256, 'base64'));
  await client.send(
    new CompleteMultipartUploadCommand({
      ...upload,
      UploadId,
      ChecksumSHA256: `${composite.digest('base64')}-2`,
      MultipartUpload: {
        Parts: [sent1, sent2].map(({ ETag, ChecksumSHA256 }, index) => ({
          ETag,
          ChecksumSHA256,
          PartNumber: index + 1,
        })),
      },
    }),
  );
  await restart();
  expect(sha256(await textOf('large'))).toBe(sha256(`${first}tail`));
});

describe('it answers as S3 does where moto by itself does not', () => {
  test('bytes that are not those of the checksum are refused', async () => {
    const wrong = new PutObjectCommand({ Bucket, Key: 'wrong', Body: 'a', ChecksumSHA256: sha256('b') });
    expect(await nameOfFailure(client.send(wrong))).toBe('BadDigest');
    expect(await nameOfFailure(client.send(new HeadObjectCommand({ Bucket, Key: 'wrong' })))).toBe(
      'NotFound',
    );
  });

  test('of many that make the same new object one wins', async () => {
    const race = Array.from({ length: 20 }, (_, number) =>
      nameOfFailure(
        client.send(new PutObjectCommand({ Bucket, Key: 'race', Body: `${number}`, IfNoneMatch: '*' })),
      ),
    );
    const names = await Promise.all(race);
    expect(names.filter((name) => name === 'none')).toHaveLength(1);
    expect(names.filter((name) => name === 'PreconditionFailed')).toHaveLength(19);
  });
});

test('a KMS key opens after a kill what it sealed before', async () => {
  const kms = async (operation: string, body: object): Promise<Record<string, string>> => {
    const answer = await fetch(part.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `TrentService.${operation}`,
        authorization:
          'AWS4-HMAC-SHA256 Credential=a/20261122/us-east-1/kms/aws4_request, SignedHeaders=host',
      },
      body: JSON.stringify(body),
    });
    expect(answer.status).toBe(200);
    return (await answer.json()) as Record<string, string>;
  };
  const { KeyMetadata } = (await kms('CreateKey', {})) as unknown as { KeyMetadata: { KeyId: string } };
  const sealed = await kms('GenerateDataKey', { KeyId: KeyMetadata.KeyId, KeySpec: 'AES_256' });
  await restart();
  const opened = await kms('Decrypt', { CiphertextBlob: sealed['CiphertextBlob'] });
  expect(opened['Plaintext']).toBe(sealed['Plaintext']);
});

test('a paused one answers nothing until it is resumed', async () => {
  await part.pause();
  expect(await s3Answers(part.url)).toBe(false);
  await part.resume();
  await vi.waitFor(async () => expect(await s3Answers(part.url)).toBe(true), 30_000);
});

test('without a folder of its own it leaves nothing behind', async () => {
  const temporary = path.join(folder, 'tmp');
  await mkdir(temporary);
  vi.stubEnv('TMPDIR', temporary);
  try {
    const other = await startS3({ sources: ['binary', 'download'] });
    expect(await readdir(temporary)).toHaveLength(1);
    await other.stop();
    expect(await s3Answers(other.url)).toBe(false);
    expect(await readdir(temporary)).toEqual([]);
  } finally {
    vi.unstubAllEnvs();
  }
});
