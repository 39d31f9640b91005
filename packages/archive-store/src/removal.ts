import { TrunklineError } from '@trunkline/contracts';
import type { Bucket } from './bucket.ts';

/**
 * Refuses where an object, or one of its versions, may not be deleted now.
 * @throws TrunklineError ARCHIVE_OBJECT_LOCKED. S3 tells of locks only who has s3:GetObjectRetention and s3:GetObjectLegalHold.
 */
export async function requireDeletable(
  bucket: Bucket,
  key: string,
  now: number,
  signal?: AbortSignal,
): Promise<void> {
  for await (const { versionId, isDeleteMarker } of bucket.versions(key, signal)) {
    if (isDeleteMarker) continue;
    const facts = await bucket.head(key, versionIdOf(versionId), signal);
    if (facts === null) continue;
    if (facts.legalHold) throw locked(key, 'a legal hold');
    if (facts.lockedUntil !== null && facts.lockedUntil > now) {
      throw locked(key, `Object Lock until ${new Date(facts.lockedUntil).toISOString()}`);
    }
  }
}

/** Deletes an object with all its versions and delete markers; nothing there is no error. */
export async function deleteEveryVersion(bucket: Bucket, key: string, signal?: AbortSignal): Promise<void> {
  const found: string[] = [];
  for await (const { versionId } of bucket.versions(key, signal)) found.push(versionId);
  for (const versionId of found) await bucket.delete(key, versionIdOf(versionId), signal);
}

/** Takes away what no manifest names any more; where a lock keeps its versions, they end with the lock. */
export async function removeUnneeded(bucket: Bucket, key: string, signal?: AbortSignal): Promise<void> {
  try {
    await deleteEveryVersion(bucket, key, signal);
  } catch (error) {
    if (!(error instanceof TrunklineError) || error.code !== 'S3_PERMISSION_MISSING') throw error;
    await bucket.delete(key, undefined, signal);
  }
}

/** A bucket that never had versioning calls its only version `null`. */
function versionIdOf(versionId: string): string | undefined {
  return versionId === 'null' ? undefined : versionId;
}

function locked(key: string, by: string): TrunklineError {
  return new TrunklineError('ARCHIVE_OBJECT_LOCKED', {
    message: `${key} is kept by ${by}: nothing was changed.`,
    remedy: 'Erase when the lock has ended, or have whoever set the hold lift it.',
  });
}
