import { ListMultipartUploadsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { errorCodeOf } from '@trunkline/contracts';
import { describe, expect, test } from 'vitest';
import { bytesOf, s3Error, sha256, type TestBucket, testBucket } from './archive-store.fixture.ts';
import { type PutLimits, putOnce, usualPutLimits } from './put-once.ts';

function put({ bucket }: TestBucket, text: string, limits: PutLimits = usualPutLimits) {
  return putOnce(
    bucket,
    {
      keyOf: (generation) => `acme/archives/one-g${generation}`,
      content: () => bytesOf(text),
      contentType: 'text/plain',
      storageClass: 'STANDARD_IA',
    },
    undefined,
    limits,
  );
}

async function keysIn({ bucket }: TestBucket): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of bucket.list('')) keys.push(key);
  return keys;
}

async function failure(work: Promise<unknown>): Promise<string | null> {
  return work.then(
    () => 'no failure',
    (error: unknown) => errorCodeOf(error),
  );
}

describe('an object that is stored', () => {
  test('is encrypted, of the storage class that was asked for, and its digest is the one that was sent', async () => {
    const own = await testBucket();
    const stored = await put(own, 'one');
    expect(stored).toMatchObject({
      key: 'acme/archives/one-g1',
      bytes: 3,
      sha256: sha256('one'),
      generation: 1,
      encryption: 'AES256',
      storageClass: 'STANDARD_IA',
    });
    const facts = await own.bucket.head(stored.key);
    expect(facts?.encryption).toBe('AES256');
    expect(facts?.checksumSha256).toBe(Buffer.from(stored.sha256, 'hex').toString('base64'));
  });

  test('carries the KMS key that was asked for', async () => {
    const own = await testBucket({ encryption: { algorithm: 'aws:kms', keyId: 'k-1' } });
    expect(await put(own, 'one')).toMatchObject({ encryption: 'aws:kms', kmsKeyId: 'k-1' });
  });

  test('is found again when it is stored a second time', async () => {
    const own = await testBucket();
    const first = await put(own, 'one');
    expect(await put(own, 'one')).toEqual(first);
    expect(await keysIn(own)).toEqual(['acme/archives/one-g1']);
  });

  test('never overwrites another content: that becomes the next generation', async () => {
    const own = await testBucket();
    await put(own, 'one');
    expect((await put(own, 'two')).key).toBe('acme/archives/one-g2');
    expect((await put(own, 'three')).generation).toBe(3);
    expect((await put(own, 'two')).generation).toBe(2);
  });

  test('is the same from two uploaders at once', async () => {
    const own = await testBucket();
    const both = await Promise.all([put(own, 'one'), put(own, 'one'), put(own, 'one')]);
    expect(new Set(both.map(({ key }) => key))).toEqual(new Set(['acme/archives/one-g1']));
  });

  test('larger than what is held in memory is sent as a stream, whole', async () => {
    const own = await testBucket();
    const text = 'conversation\n'.repeat(50_000);
    const stored = await put(own, text, { ...usualPutLimits, holdBytes: 1_000 });
    const found = await own.bucket.getSmall(stored.key, 10_000_000);
    expect(found?.bytes.toString()).toBe(text);
  });
});

describe('an answer that does not hold', () => {
  test('of another checksum deletes the object again and is retriable', async () => {
    const own = await testBucket();
    own.spoil((request, answer) => {
      if (request.method !== 'PUT') return undefined;
      answer.headers['x-amz-checksum-sha256'] = Buffer.alloc(32).toString('base64');
      return answer;
    });
    expect(await failure(put(own, 'one'))).toBe('S3_CHECKSUM_MISMATCH');
    own.spoil(null);
    expect(await keysIn(own)).toEqual([]);
    expect((await put(own, 'one')).generation).toBe(1);
  });

  test('without any checksum has the object read back', async () => {
    const own = await testBucket();
    own.spoil((_, answer) => {
      delete answer.headers['x-amz-checksum-sha256'];
      return answer;
    });
    await put(own, 'one');
    expect(own.requests.filter((request) => request.startsWith('GET'))).toHaveLength(1);
  });

  test('without encryption deletes the object again and shuts the gate', async () => {
    const own = await testBucket();
    own.spoil((_, answer) => {
      delete answer.headers['x-amz-server-side-encryption'];
      return answer;
    });
    expect(await failure(put(own, 'one'))).toBe('S3_ENCRYPTION_MISMATCH');
    own.spoil(null);
    expect(await keysIn(own)).toEqual([]);
  });

  test('finds an unencrypted object that an earlier run left, and deletes it', async () => {
    const own = await testBucket({ defaultEncryption: false });
    await own.client.send(
      new PutObjectCommand({ Bucket: own.bucket.name, Key: 'acme/archives/one-g1', Body: 'one' }),
    );
    expect(await failure(put(own, 'one'))).toBe('S3_ENCRYPTION_MISMATCH');
    expect(await keysIn(own)).toEqual([]);
  });

  test('409 is tried again', async () => {
    const own = await testBucket();
    let times = 0;
    own.spoil((request) =>
      request.method === 'PUT' && times++ < 2 ? s3Error(409, 'ConditionalRequestConflict') : undefined,
    );
    expect((await put(own, 'one')).generation).toBe(1);
  });

  test.each([
    [403, 'AccessDenied', 'S3_PERMISSION_MISSING'],
    [403, 'SignatureDoesNotMatch', 'S3_CREDENTIALS_REJECTED'],
    [400, 'ExpiredToken', 'S3_CREDENTIALS_REJECTED'],
    [503, 'SlowDown', 'S3_OVERLOADED'],
    [500, 'InternalError', 'S3_OVERLOADED'],
    [404, 'NoSuchBucket', 'S3_BUCKET_MISSING'],
    [301, 'PermanentRedirect', 'S3_BUCKET_MISSING'],
    [400, 'KMS.DisabledException', 'S3_PERMISSION_MISSING'],
    [400, 'BadDigest', 'S3_CHECKSUM_MISMATCH'],
    [400, 'EntityTooLarge', 'S3_REQUEST_REFUSED'],
  ])('%i %s is %s', async (status, code, expected) => {
    const own = await testBucket();
    own.spoil((request) => (request.method === 'PUT' ? s3Error(status, code) : undefined));
    expect(await failure(put(own, 'one'))).toBe(expected);
  });

  test('names the action that is missing, of KMS too', async () => {
    const own = await testBucket();
    own.spoil(() =>
      s3Error(
        403,
        'AccessDenied',
        'User: arn:aws:iam::1:role/x is not authorized to perform: kms:GenerateDataKey on resource: y',
      ),
    );
    await expect(put(own, 'one')).rejects.toThrow(/kms:GenerateDataKey/);
    own.spoil(() => s3Error(403, 'AccessDenied'));
    await expect(put(own, 'one')).rejects.toThrow(/Grant s3:PutObject/);
  });
});

describe('an object above the limit of one request', () => {
  const small: PutLimits = { holdBytes: 1_000, singlePutBytes: 6_000_000, partBytes: 5 * 1024 * 1024 };
  const text = 'x'.repeat(12_000_000);

  test('goes in parts and is whole, encrypted and found again', async () => {
    const own = await testBucket();
    const stored = await put(own, text, small);
    expect(stored).toMatchObject({
      bytes: text.length,
      sha256: sha256(text),
      encryption: 'AES256',
      storageClass: 'STANDARD_IA',
    });
    expect(own.requests.filter((request) => request.startsWith('PUT')).length).toBe(3);
    expect((await own.bucket.getSmall(stored.key, 20_000_000))?.bytes.length).toBe(text.length);
    expect((await put(own, text, small)).key).toBe(stored.key);
    expect((await put(own, text.replace('x', 'y'), small)).generation).toBe(2);
  });

  test('leaves no parts behind when one fails', async () => {
    const own = await testBucket();
    let parts = 0;
    own.spoil((request) => (request.method === 'PUT' && ++parts > 1 ? s3Error(503, 'SlowDown') : undefined));
    expect(await failure(put(own, text, small))).toBe('S3_OVERLOADED');
    own.spoil(null);
    const { Uploads = [] } = await own.client.send(
      new ListMultipartUploadsCommand({ Bucket: own.bucket.name }),
    );
    expect(Uploads).toEqual([]);
    expect(await keysIn(own)).toEqual([]);
  });
});
