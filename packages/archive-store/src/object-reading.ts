import { createHash } from 'node:crypto';
import { type StoredObject, TrunklineError } from '@trunkline/contracts';
import type { Bucket } from './bucket.ts';
import { decompress } from './compression.ts';
import { conversationsIn } from './guide-array.ts';
import { formOf } from './keys.ts';
import { linesOf } from './lines.ts';

/** What the manifest says of an object. */
export type NamedObject = Pick<StoredObject, 'key' | 'bytes' | 'sha256'>;

/**
 * The lines of an object, decompressed as they are read. Its digest is known with its end: the last line is handed out, and
 * only then it throws; whoever uses a line reads to the end first.
 *
 * @throws TrunklineError ARCHIVE_OBJECT_ALTERED where the bytes are not those that were stored, or there are none
 */
export async function* verifiedLines(
  bucket: Bucket,
  object: NamedObject,
  signal?: AbortSignal,
): AsyncGenerator<Buffer> {
  const found = await bucket.get(object.key, signal);
  if (found === null) throw altered(object, 'is not in the bucket');
  const hash = createHash('sha256');
  let bytes = 0;
  async function* watched(): AsyncGenerator<Buffer> {
    for await (const chunk of found?.body ?? []) {
      hash.update(chunk);
      bytes += chunk.length;
      yield chunk;
    }
  }
  try {
    yield* linesOf(decompress(formOf(object.key).format, watched()));
  } catch (error) {
    // What zlib says of bytes that are not its own.
    if (error instanceof Error && 'code' in error && /^(Z_|ERR_ZSTD|ZSTD)/.test(String(error.code))) {
      throw altered(object, 'cannot be decompressed', error);
    }
    throw error;
  }
  if (bytes !== object.bytes || hash.digest('hex') !== object.sha256) {
    throw altered(object, 'has another size or SHA-256 than its manifest says');
  }
}

export function altered(object: NamedObject, how: string, cause?: unknown): TrunklineError {
  return new TrunklineError('ARCHIVE_OBJECT_ALTERED', {
    message: `${object.key} ${how}.`,
    remedy:
      "Restore it from its version history or a copy of the bucket; find out who writes to the archive's bucket.",
    cause,
  });
}

/** The conversations of an object, each with its line; throws as `verifiedLines`. */
export function verifiedConversations(
  bucket: Bucket,
  object: NamedObject,
  signal?: AbortSignal,
): AsyncGenerator<{ line: number; text: Buffer }> {
  return conversationsIn(verifiedLines(bucket, object, signal), formOf(object.key).layout);
}
