import type { Transform } from 'node:stream';
import { constants, createGunzip, createGzip, createZstdCompress, createZstdDecompress } from 'node:zlib';
import type { ArchiveFormat } from './keys.ts';

/** Fast settings: beyond them conversations get little smaller and much slower (levels: gzip 1, zstd 3). */
function encoder(format: ArchiveFormat): Transform | null {
  switch (format) {
    case 'gzip':
      return createGzip({ level: 1 });
    case 'zstd':
      return createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 3 } });
    case 'plain':
      return null;
    default:
      return format satisfies never;
  }
}

function decoder(format: ArchiveFormat): Transform | null {
  switch (format) {
    case 'gzip':
      return createGunzip();
    case 'zstd':
      return createZstdDecompress();
    case 'plain':
      return null;
    default:
      return format satisfies never;
  }
}

/**
 * The same bytes give the same result at every run of one Node version; another may make a further generation.
 * Whatever compresses has done with a chunk of the source when it asks for the next one; `plain` hands on the chunks themselves.
 */
export function compress(format: ArchiveFormat, source: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  return through(encoder(format), source);
}

/** @throws as zlib does, where the bytes are not of this format */
export function decompress(format: ArchiveFormat, source: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  return through(decoder(format), source);
}

/** The `Content-Type` of what is stored. */
export function contentTypeOf(format: ArchiveFormat): string {
  return { gzip: 'application/gzip', zstd: 'application/zstd', plain: 'application/x-ndjson' }[format];
}

async function* through(transform: Transform | null, source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  if (transform === null) {
    yield* source;
    return;
  }
  const fed = feed(transform, source);
  try {
    for await (const chunk of transform) yield chunk as Buffer;
  } finally {
    transform.destroy();
    await fed;
  }
}

/** Never throws: an error of the source reaches the transform's reader. A reader that leaves ends the source. */
async function feed(transform: Transform, source: AsyncIterable<Buffer>): Promise<void> {
  try {
    for await (const chunk of source) {
      if (!(await taken(transform, chunk))) return;
    }
    transform.end();
  } catch (error) {
    transform.destroy(error as Error);
  }
}

/** @returns false where the transform takes nothing any more; it may be at work on this chunk still */
function taken(transform: Transform, chunk: Buffer): Promise<boolean> {
  return new Promise((resolve) => {
    const closed = (): void => resolve(false);
    if (transform.destroyed) closed();
    transform.once('close', closed);
    transform.write(chunk, (error) => {
      transform.off('close', closed);
      resolve(error === null || error === undefined);
    });
  });
}
