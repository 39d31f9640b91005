/**
 * Stores an object under a key that nothing stands under, or finds that it stands there already.
 *
 * Promise: what is returned lies in the bucket, encrypted as asked, and S3 has stated (or the object was read back to find) that
 * its SHA-256 is that of the bytes that were meant. Nothing is overwritten: another content under the same key makes the
 * next generation.
 * A crash after the write and before its checks: the next run finds the object (412) and checks it then.
 */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { type StoredObject, TrunklineError } from '@trunkline/contracts';
import type { Bucket, ObjectFacts, PutAnswer } from './bucket.ts';
import { type Content, type MeasuredContent, measure } from './measured-content.ts';
import { putMultipart } from './multipart.ts';
import { retryConflicts, storedUnencrypted } from './small-object.ts';

export interface NewObject {
  /** @param sha256 of the content, in hex */
  keyOf: (generation: number, sha256: string) => string;
  content: Content;
  contentType: string;
  contentEncoding?: string;
  storageClass: string;
  /** Where to begin counting; default 1. */
  firstGeneration?: number;
}

export interface PutLimits {
  /** Contents up to this size are held in memory; larger ones are made twice. */
  holdBytes: number;
  /** Above it an object goes in parts: S3 takes 5 GB in one request. */
  singlePutBytes: number;
  partBytes: number;
}

export const usualPutLimits: PutLimits = {
  holdBytes: 8 * 1024 * 1024,
  singlePutBytes: 5_000_000_000,
  partBytes: 16 * 1024 * 1024,
};

/** A window whose batches differ at every of so many attempts is a fault of ours. */
const maxGenerations = 1_000;

/** @throws TrunklineError S3_CHECKSUM_MISMATCH, S3_ENCRYPTION_MISMATCH (the object is then gone again), other S3_ codes */
export async function putOnce(
  bucket: Bucket,
  object: NewObject,
  signal?: AbortSignal,
  limits: PutLimits = usualPutLimits,
): Promise<StoredObject> {
  const content = await measure(object.content, limits.holdBytes, signal);
  const first = object.firstGeneration ?? 1;
  for (let generation = first; generation < first + maxGenerations; generation++) {
    const key = object.keyOf(generation, content.sha256);
    const facts = await place(bucket, object, key, content, limits, signal);
    if (facts === 'other') continue;
    return {
      key,
      bytes: content.bytes,
      sha256: content.sha256,
      generation,
      encryption: facts.encryption as StoredObject['encryption'],
      kmsKeyId: facts.kmsKeyId,
      storageClass: facts.storageClass ?? 'STANDARD',
    };
  }
  throw new TrunklineError('S3_REQUEST_REFUSED', {
    message: `There are ${maxGenerations} generations of ${object.keyOf(first, content.sha256)} in ${bucket.name}.`,
    remedy: 'Look what writes there.',
  });
}

/** @returns `other`: something with another content stands there */
async function place(
  bucket: Bucket,
  object: NewObject,
  key: string,
  content: MeasuredContent,
  limits: PutLimits,
  signal: AbortSignal | undefined,
): Promise<ObjectFacts | 'other'> {
  for (;;) {
    const answer = await retryConflicts(
      () => send(bucket, object, key, content, limits, signal),
      key,
      signal,
    );
    if (answer.kind === 'stored') return accept(bucket, key, content, answer, signal);
    const found = await bucket.head(key, undefined, signal);
    if (found === null) continue; // deleted in between
    const isWhole = content.bytes <= limits.singlePutBytes;
    if (!(await holds(bucket, key, content, found, isWhole, signal))) return 'other';
    if (!isEncrypted(bucket, found)) await removeUnencrypted(bucket, key, found.versionId, signal);
    return found;
  }
}

function send(
  bucket: Bucket,
  object: NewObject,
  key: string,
  content: MeasuredContent,
  limits: PutLimits,
  signal: AbortSignal | undefined,
): Promise<PutAnswer> {
  const request = {
    key,
    bytes: content.bytes,
    checksumSha256: Buffer.from(content.sha256, 'hex').toString('base64'),
    contentType: object.contentType,
    ...(object.contentEncoding === undefined ? {} : { contentEncoding: object.contentEncoding }),
    storageClass: object.storageClass,
    condition: 'absent' as const,
    metadata: { sha256: content.sha256 },
  };
  if (content.bytes > limits.singlePutBytes) {
    return putMultipart(bucket, request, content.again, limits.partBytes, signal);
  }
  const body = content.held ?? Readable.from(content.again(), { objectMode: false });
  return bucket.put({ ...request, body }, signal);
}

/** Compares what S3 says of an object that was just stored with what was asked for. */
async function accept(
  bucket: Bucket,
  key: string,
  content: MeasuredContent,
  answer: Extract<PutAnswer, { kind: 'stored' }>,
  signal: AbortSignal | undefined,
): Promise<ObjectFacts> {
  const { versionId } = answer.facts;
  const found = await bucket.head(key, undefined, signal);
  if (found === null) {
    throw new TrunklineError('S3_UNREACHABLE', {
      message: `S3 took ${key} and does not have it.`,
      remedy: 'It is tried again.',
    });
  }
  if (!isEncrypted(bucket, answer.facts.encryption === null ? found : { ...found, ...answer.facts })) {
    await removeUnencrypted(bucket, key, versionId, signal);
  }
  const stated = answer.facts.checksumSha256 ?? found.checksumSha256;
  const isSame =
    found.bytes === content.bytes &&
    (stated === null
      ? await readsAs(bucket, key, content, signal)
      : isSameChecksum(stated, answer.expectedChecksum)) &&
    (found.checksumSha256 === null || isSameChecksum(found.checksumSha256, answer.expectedChecksum));
  if (!isSame) {
    await bucket.delete(key, versionId ?? undefined, signal);
    throw new TrunklineError('S3_CHECKSUM_MISMATCH', {
      message: `S3 stored ${key} with another size or SHA-256 than was sent; it is deleted again.`,
      remedy: 'It is sent again; look for what alters requests on their way when it returns.',
    });
  }
  return found;
}

/** Some services leave out the number of parts behind the digest of the parts' digests. */
function isSameChecksum(stated: string, expected: string): boolean {
  return stated === expected || stated === expected.replace(/-\d+$/, '');
}

/** Whether an object that stood there has this content. */
async function holds(
  bucket: Bucket,
  key: string,
  content: MeasuredContent,
  found: ObjectFacts,
  isWhole: boolean,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  if (found.bytes !== content.bytes) return false;
  const stated = found.checksumSha256;
  if (stated !== null && isWhole && !stated.includes('-')) {
    return stated === Buffer.from(content.sha256, 'hex').toString('base64');
  }
  return readsAs(bucket, key, content, signal);
}

async function readsAs(
  bucket: Bucket,
  key: string,
  content: MeasuredContent,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const found = await bucket.get(key, signal);
  if (found === null) return false;
  const hash = createHash('sha256');
  for await (const chunk of found.body) hash.update(chunk);
  return hash.digest('hex') === content.sha256;
}

function isEncrypted(bucket: Bucket, facts: Pick<ObjectFacts, 'encryption' | 'kmsKeyId'>): boolean {
  const asked = bucket.encryption;
  if (facts.encryption === null) return false;
  if (asked === null) return true;
  if (asked.algorithm === 'AES256') return true; // what S3 does beyond it is no less
  if (!facts.encryption.startsWith('aws:kms')) return false;
  const { keyId } = asked;
  // S3 states the key's ARN; an alias says nothing about it.
  if (keyId === null || keyId.includes('alias/')) return true;
  return facts.kmsKeyId === null || facts.kmsKeyId === keyId || facts.kmsKeyId.endsWith(`/${keyId}`);
}

async function removeUnencrypted(
  bucket: Bucket,
  key: string,
  versionId: string | null,
  signal: AbortSignal | undefined,
): Promise<never> {
  await bucket.delete(key, versionId ?? undefined, signal);
  throw storedUnencrypted(bucket, key);
}
