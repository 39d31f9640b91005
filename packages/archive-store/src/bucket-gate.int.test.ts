import {
  DeleteBucketEncryptionCommand,
  DeletePublicAccessBlockCommand,
  PutBucketAclCommand,
  PutBucketPolicyCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import { encryptByDefault, s3Error, type TestBucket, testBucket } from './archive-store.fixture.ts';
import { Bucket } from './bucket.ts';
import { BucketGate } from './bucket-gate.ts';
import { bucketSettings } from './bucket-settings.ts';

function gateOf(own: Pick<TestBucket, 'bucket'>): BucketGate {
  return new BucketGate(bucketSettings(own.bucket), {
    bucket: own.bucket.name,
    maxAgeMs: 0,
    now: () => performance.now(),
  });
}

describe('the gate of a real bucket', () => {
  test('follows its default encryption', async () => {
    const own = await testBucket({ defaultEncryption: false });
    const gate = gateOf(own);
    expect(await gate.check()).toBe(false);
    await encryptByDefault(own.client, own.bucket.name);
    expect(await gate.check()).toBe(true);
    await own.client.send(new DeleteBucketEncryptionCommand({ Bucket: own.bucket.name }));
    expect(await gate.check()).toBe(false);
    expect(gate.state).toMatchObject({
      reason: { kind: 'unencrypted', message: expect.stringContaining('put-bucket-encryption') },
    });
  });

  test('is shut by a public policy and by a public access list', async () => {
    const own = await testBucket();
    const Bucket = own.bucket.name;
    await own.client.send(new DeletePublicAccessBlockCommand({ Bucket }));
    const gate = gateOf(own);
    expect(await gate.check()).toBe(true);
    await own.client.send(new PutBucketAclCommand({ Bucket, ACL: 'public-read' }));
    expect(await gate.check()).toBe(false);
    expect(gate.state).toMatchObject({
      reason: { kind: 'public', message: expect.stringContaining('access list') },
    });
    await own.client.send(new PutBucketAclCommand({ Bucket, ACL: 'private' }));
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `arn:aws:s3:::${Bucket}/*` },
      ],
    });
    await own.client.send(new PutBucketPolicyCommand({ Bucket, Policy }));
    expect(await gate.check()).toBe(false);
    expect(gate.state).toMatchObject({
      reason: { kind: 'public', message: expect.stringContaining('policy') },
    });
  });

  test('names the permission that is missing, and a bucket that is', async () => {
    const own = await testBucket();
    own.spoil((_, answer) => (answer.statusCode === 200 ? s3Error(403, 'AccessDenied') : undefined));
    const gate = gateOf(own);
    expect(await gate.check()).toBe(false);
    expect(gate.state).toMatchObject({
      reason: { message: expect.stringContaining('s3:GetEncryptionConfiguration') },
    });
    own.spoil(null);
    const gone = gateOf({
      bucket: new Bucket(own.client, { bucket: `${own.bucket.name}-gone`, prefix: '' }),
    });
    expect(await gone.check()).toBe(false);
    expect(gone.state).toMatchObject({ reason: { kind: 'missing' } });
  });

  test('does not know a service that answers public access and policy status with 501', async () => {
    const own = await testBucket();
    own.spoil((request) =>
      /policyStatus|publicAccessBlock/.test(JSON.stringify(request))
        ? s3Error(501, 'NotImplemented')
        : undefined,
    );
    const gate = gateOf(own);
    expect(await gate.check()).toBe(true);
  });
});
