/** Bytes that are made while they are read, from any offset on. */
export interface Body {
  length: number;
  /** SHA-256 of the whole, hex. */
  sha256: string;
  /** The bytes from an offset to the end, in pieces; each call begins anew. */
  from(offset: number): Iterable<Buffer>;
}

/** Small enough for a turn of the event loop of about a millisecond. */
const CHUNK_BYTES = 262_144;

/**
 * The same bytes in pieces of one size (but for the last), without the first `skip`.
 * @param reused true: a chunk is overwritten when the next one is asked for, which spares memory
 */
export function* chunked(pieces: Iterable<Buffer>, skip: number, reused = false): Generator<Buffer> {
  let chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let filled = 0;
  let toSkip = skip;
  for (const piece of pieces) {
    let at = Math.min(toSkip, piece.length);
    toSkip -= at;
    while (at < piece.length) {
      const copied = piece.copy(chunk, filled, at);
      at += copied;
      filled += copied;
      if (filled < CHUNK_BYTES) break;
      yield chunk;
      // A chunk that was given away may still wait in a socket.
      if (!reused) chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      filled = 0;
    }
  }
  if (filled > 0) yield chunk.subarray(0, filled);
}
