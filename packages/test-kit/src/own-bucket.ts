import { randomBytes } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { S3Access } from '@trunkline/local-stack';
import { type BucketOptions, makeBucket, s3Client } from './s3-bucket.ts';

/** A bucket of a test's own; it goes, with all that is in it, when it is disposed of. */
export interface OwnBucket extends AsyncDisposable {
  name: string;
  /** Goes to the S3 itself, past any proxy. Destroyed with the bucket. */
  client: S3Client;
  /** The S3 settings of a process that is to use it; give another `S3_ENDPOINT` for one behind a proxy. */
  environment: Record<
    'S3_ENDPOINT' | 'S3_BUCKET' | 'AWS_REGION' | 'AWS_ACCESS_KEY_ID' | 'AWS_SECRET_ACCESS_KEY',
    string
  >;
}

/**
 * Makes a bucket of a name that no other has: public access blocked, encrypted with AES256 unless `options` say otherwise.
 * @param s3 `inject('s3')`
 */
export async function ownBucket(s3: S3Access, options: BucketOptions = {}): Promise<OwnBucket> {
  const name = `test-${randomBytes(8).toString('hex')}`;
  const client = s3Client(s3);
  await makeBucket(client, name, options);
  return {
    name,
    client,
    environment: {
      S3_ENDPOINT: s3.endpoint,
      S3_BUCKET: name,
      AWS_REGION: s3.region,
      AWS_ACCESS_KEY_ID: s3.accessKeyId,
      AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
    },
    [Symbol.asyncDispose]: async () => {
      try {
        await removeBucket(client, name);
      } finally {
        client.destroy();
      }
    },
  };
}

async function removeBucket(client: S3Client, Bucket: string): Promise<void> {
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket }));
  for (const { Key, UploadId } of Uploads) {
    await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
  }
  for (;;) {
    const { Versions = [], DeleteMarkers = [] } = await client.send(
      new ListObjectVersionsCommand({ Bucket }),
    );
    const found = [...Versions, ...DeleteMarkers];
    if (found.length === 0) break;
    for (const { Key, VersionId } of found) {
      await client.send(new DeleteObjectCommand({ Bucket, Key, VersionId, BypassGovernanceRetention: true }));
    }
  }
  await client.send(new DeleteBucketCommand({ Bucket }));
}
