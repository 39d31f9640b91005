/** Tries a bucket as the archive uses it, on an object that is nobody's. */
import { createHash, randomUUID } from 'node:crypto';
import { HeadBucketCommand } from '@aws-sdk/client-s3';
import { TrunklineError } from '@trunkline/contracts';
import type { Bucket } from './bucket.ts';
import { deleteEveryVersion } from './removal.ts';

const limitMs = 15_000;

/**
 * Whether the bucket is there and can be listed.
 * @returns the service's clock; `null` where it does not tell it
 * @throws TrunklineError with an S3_ code
 */
export async function reachBucket(bucket: Bucket, signal?: AbortSignal): Promise<Date | null> {
  let date: string | undefined;
  const command = new HeadBucketCommand({ Bucket: bucket.name });
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      date = (result.response as { headers?: Record<string, string> }).headers?.['date'];
      return result;
    },
    { step: 'deserialize', priority: 'low', name: 'date' },
  );
  await bucket.ask('s3:ListBucket', null, signal, limitMs, (abortSignal) =>
    bucket.client.send(command, { abortSignal }),
  );
  const at = Date.parse(date ?? '');
  return Number.isNaN(at) ? null : new Date(at);
}

interface ObjectTrial {
  /** That S3 says the object has. */
  readonly encryption: string;
  /** Whether a version of it stays: the bucket keeps versions, and they may not be deleted, or a lock keeps them. */
  readonly versionStays: boolean;
}

/**
 * Stores a small object below `trunkline-check/`, reads it back and deletes it, with its versions where that is permitted.
 * @throws TrunklineError with an S3_ code: the first of the three that fails
 */
export async function tryObject(bucket: Bucket, signal?: AbortSignal): Promise<ObjectTrial> {
  const key = `${bucket.keys.prefix}trunkline-check/${randomUUID()}`;
  const body = Buffer.from('Stored by `trunkline check`, which deletes it again.\n');
  const checksumSha256 = createHash('sha256').update(body).digest('base64');
  const contentType = 'text/plain';
  const answer = await bucket.put(
    { key, body, bytes: body.length, checksumSha256, contentType, condition: 'absent' },
    signal,
  );
  const read = await bucket.getSmall(key, 1_024, signal);
  await bucket.delete(key, undefined, signal);
  const hasVersion = read !== null && read.facts.versionId !== null && read.facts.versionId !== 'null';
  const versionStays = hasVersion && !(await versionsGone(bucket, key, signal));
  if (answer.kind !== 'stored' || read === null || !read.bytes.equals(body)) {
    throw new TrunklineError('S3_CHECKSUM_MISMATCH', {
      message: `What was stored in the bucket ${bucket.name} was not read back as it was.`,
      remedy:
        'Look at what stands between: a proxy, a gateway, or a service that does not answer as S3 does.',
    });
  }
  const encryption = read.facts.encryption ?? 'none';
  if (bucket.encryption !== null && encryption !== bucket.encryption.algorithm) {
    throw new TrunklineError('S3_ENCRYPTION_MISMATCH', {
      message: `An object was stored with the encryption ${encryption}, and ${bucket.encryption.algorithm} was asked for.`,
      remedy: "Check ARCHIVE_SSE, ARCHIVE_KMS_KEY_ID, the bucket's rules, and a proxy in between.",
    });
  }
  return { encryption, versionStays };
}

async function versionsGone(bucket: Bucket, key: string, signal?: AbortSignal): Promise<boolean> {
  try {
    await deleteEveryVersion(bucket, key, signal);
    return true;
  } catch (error) {
    if (error instanceof TrunklineError) return false;
    throw error;
  }
}
