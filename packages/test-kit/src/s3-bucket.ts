import {
  CreateBucketCommand,
  PutBucketEncryptionCommand,
  PutBucketPolicyCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import type { S3Access } from '@trunkline/local-stack';

/** What the bucket encrypts with by default: S3's own keys, a KMS key (id or ARN), or nothing. */
export type BucketEncryption = 'AES256' | { kmsKeyId: string } | null;

export interface BucketOptions {
  /** Default `AES256`. */
  encryption?: BucketEncryption;
  /** Whether a policy denies whatever does not come over TLS. Default no: a test reaches its S3 by plain HTTP. */
  tlsOnly?: boolean;
}

/** A client for path-style addresses; destroy it when it is done with. */
export function s3Client({ endpoint, region, accessKeyId, secretAccessKey }: S3Access): S3Client {
  return new S3Client({
    endpoint,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
  });
}

/** Makes a bucket that lets nothing public in, with default encryption. */
export async function makeBucket(client: S3Client, name: string, options: BucketOptions = {}): Promise<void> {
  const { encryption = 'AES256', tlsOnly = false } = options;
  const region = await client.config.region();
  await client.send(
    new CreateBucketCommand({
      Bucket: name,
      // us-east-1 may not be named (CreateBucket, LocationConstraint).
      ...(region === 'us-east-1'
        ? {}
        : { CreateBucketConfiguration: { LocationConstraint: region as 'eu-central-1' } }),
    }),
  );
  await client.send(
    new PutPublicAccessBlockCommand({
      Bucket: name,
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        IgnorePublicAcls: true,
        BlockPublicPolicy: true,
        RestrictPublicBuckets: true,
      },
    }),
  );
  if (encryption !== null) {
    const ApplyServerSideEncryptionByDefault =
      encryption === 'AES256'
        ? { SSEAlgorithm: 'AES256' as const }
        : { SSEAlgorithm: 'aws:kms' as const, KMSMasterKeyID: encryption.kmsKeyId };
    await client.send(
      new PutBucketEncryptionCommand({
        Bucket: name,
        ServerSideEncryptionConfiguration: { Rules: [{ ApplyServerSideEncryptionByDefault }] },
      }),
    );
  }
  if (tlsOnly) await client.send(new PutBucketPolicyCommand({ Bucket: name, Policy: tlsOnlyPolicy(name) }));
}

function tlsOnlyPolicy(name: string): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'TlsOnly',
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:*',
        Resource: [`arn:aws:s3:::${name}`, `arn:aws:s3:::${name}/*`],
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ],
  });
}
