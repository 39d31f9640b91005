/** Texts in which personal data must not stand, from the places where the archive pipeline leaves any. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { type Bucket, formOf, type ObjectFacts } from '@trunkline/archive-store';

export interface PlacedText {
  /** What a person would call the place: a key, a file, an object. */
  place: string;
  text: string;
}

/** Every file below a folder; what goes meanwhile is left out, as is a folder that is not there. */
export async function* fileTexts(folder: string): AsyncGenerator<PlacedText> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const text = await readFile(file, 'utf8').catch(() => null);
    if (text !== null) yield { place: path.relative(folder, file), text };
  }
}

/** Every object of a bucket, decompressed. */
export async function* objectTexts(
  bucket: Bucket,
): AsyncGenerator<{ key: string; text: string; facts: ObjectFacts }> {
  for await (const { key } of bucket.list(bucket.keys.prefix)) {
    const found = await bucket.get(key);
    if (found === null) continue;
    const text = plain(key, await buffer(found.body)).toString('utf8');
    yield { key, text, facts: found.facts };
  }
}

function plain(key: string, bytes: Buffer): Buffer {
  switch (formOf(key).format) {
    case 'gzip':
      return gunzipSync(bytes);
    case 'zstd':
      return zstdDecompressSync(bytes);
    default:
      return bytes;
  }
}
