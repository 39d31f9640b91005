import type { StoredObject } from '@trunkline/contracts';
import { z } from 'zod';
import type { Bucket } from './bucket.ts';
import { compress } from './compression.ts';
import type { Content } from './measured-content.ts';
import { altered, verifiedLines } from './object-reading.ts';
import { type PutLimits, putOnce } from './put-once.ts';

/** Where one conversation lies, and the tokens in it. */
const indexEntry = z.object({
  id: z.string(),
  /** Key of the object. */
  object: z.string().min(1),
  /** From 0, among the lines of the object. */
  line: z.number().int().nonnegative(),
  tokens: z.array(z.string()),
  /** Texts that it is without; written only where there are such. */
  missingTexts: z.number().int().nonnegative().default(0),
});
export type IndexEntry = z.infer<typeof indexEntry>;

/** As it is given to be written. */
export type NewIndexEntry = z.input<typeof indexEntry>;

/** Written at once, so that the stream is not made of thousands of small pieces (bytes). */
const pieceBytes = 65_536;

/**
 * Writes the index of a window. It is named by its content, so the same entries are the same object.
 * @param entries gives them from the beginning each time it is called
 */
export async function writeIndex(
  bucket: Bucket,
  windowId: string,
  entries: () => AsyncIterable<NewIndexEntry>,
  storageClass: string,
  signal?: AbortSignal,
  limits?: PutLimits,
): Promise<StoredObject> {
  const content: Content = () => compress('gzip', lines(entries()));
  return putOnce(
    bucket,
    {
      keyOf: (_generation, sha256) => bucket.keys.index(windowId, sha256),
      content,
      contentType: 'application/gzip',
      storageClass,
    },
    signal,
    limits,
  );
}

/** @throws TrunklineError ARCHIVE_OBJECT_ALTERED, after the last entry where the digest does not hold */
export async function* readIndex(
  bucket: Bucket,
  index: StoredObject,
  signal?: AbortSignal,
): AsyncGenerator<IndexEntry> {
  for await (const line of verifiedLines(bucket, index, signal)) {
    let entry: IndexEntry;
    try {
      entry = indexEntry.parse(JSON.parse(line.toString('utf8')));
    } catch (cause) {
      throw altered(index, 'holds a line that is no entry of an index', cause);
    }
    yield entry;
  }
}

async function* lines(entries: AsyncIterable<NewIndexEntry>): AsyncGenerator<Buffer> {
  let text = '';
  for await (const { id, object, line, tokens, missingTexts = 0 } of entries) {
    const entry = { id, object, line, tokens, ...(missingTexts === 0 ? {} : { missingTexts }) };
    text += `${JSON.stringify(entry)}\n`;
    if (text.length > pieceBytes) {
      yield Buffer.from(text);
      text = '';
    }
  }
  if (text !== '') yield Buffer.from(text);
}
