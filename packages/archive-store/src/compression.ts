import { finished, Readable, type Transform } from 'node:stream';
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

/** The same bytes give the same result at every run of one Node version; another may make a further generation. */
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
  const input = Readable.from(source, { objectMode: false });
  // An error of the source has to reach the reader, and a reader that leaves has to end the source.
  finished(input, (error) => {
    if (error) transform.destroy(error);
  });
  input.pipe(transform);
  try {
    for await (const chunk of transform) yield chunk as Buffer;
  } finally {
    input.destroy();
    transform.destroy();
  }
}
