import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { TrunklineError } from '@trunkline/contracts';
import type { Bucket, PutAnswer } from './bucket.ts';

/** How often a write that meets another of the same key is tried again, and how long after (ms). */
const conflicts = { attempts: 10, pauseMs: 100 };

/** A small JSON document as it lies in the bucket. */
export interface SmallObject {
  bytes: Buffer;
  etag: string;
  /** Of its bytes, in hex. */
  sha256: string;
}

/** JSON as it is stored: readable, one line end at its end. */
export function jsonBytes(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(value, null, 1)}\n`);
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** @param maxBytes beyond it the object is none of ours */
export async function readSmall(
  bucket: Bucket,
  key: string,
  maxBytes: number,
  signal?: AbortSignal,
): Promise<SmallObject | null> {
  const found = await bucket.getSmall(key, maxBytes, signal);
  return found === null ? null : { bytes: found.bytes, etag: found.etag, sha256: sha256Of(found.bytes) };
}

/**
 * Writes a small JSON document under a condition; it is never stored without encryption: one that was is deleted again where it
 * was new.
 * @param condition `absent`: nothing may stand there; `{ etag }`: that must
 * @returns `refused` where the condition does not hold
 * @throws TrunklineError S3_ENCRYPTION_MISMATCH and other S3_ codes
 */
export async function writeSmall(
  bucket: Bucket,
  key: string,
  bytes: Buffer,
  condition: 'absent' | { etag: string },
  signal?: AbortSignal,
): Promise<'stored' | 'refused'> {
  const checksumSha256 = createHash('sha256').update(bytes).digest('base64');
  const answer = await retryConflicts(
    () =>
      bucket.put(
        { key, body: bytes, bytes: bytes.length, checksumSha256, contentType: 'application/json', condition },
        signal,
      ),
    key,
    signal,
  );
  if (answer.kind === 'refused') return 'refused';
  const { facts } = answer;
  const encryption = facts.encryption ?? (await bucket.head(key, undefined, signal))?.encryption ?? null;
  if (encryption === null) {
    if (condition === 'absent') await bucket.delete(key, facts.versionId ?? undefined, signal);
    throw storedUnencrypted(bucket, key);
  }
  return 'stored';
}

/** Repeats a conditional write for as long as S3 answers that another one of the same key is under way (409). */
export async function retryConflicts(
  put: () => Promise<PutAnswer>,
  key: string,
  signal?: AbortSignal,
): Promise<Exclude<PutAnswer, { kind: 'conflict' }>> {
  for (let attempt = 1; attempt <= conflicts.attempts; attempt++) {
    const answer = await put();
    if (answer.kind !== 'conflict') return answer;
    await sleep(conflicts.pauseMs * attempt, undefined, signal === undefined ? {} : { signal });
  }
  throw new TrunklineError('S3_OVERLOADED', {
    message: `S3 answered 409 to every write of ${key}: others of the same key are under way.`,
    remedy: 'It is tried again by itself.',
  });
}

export function storedUnencrypted(bucket: Bucket, key: string): TrunklineError {
  return new TrunklineError('S3_ENCRYPTION_MISMATCH', {
    message: `S3 stored ${key} in ${bucket.name} without the encryption that was asked for; it is not kept there.`,
    remedy:
      'Set default encryption (AES256 or aws:kms) on the bucket, and look for what drops the encryption headers of requests.',
  });
}
