/**
 * Memory of large buffers, given back at once.
 *
 * Chunks pass through in megabytes and leave next to no JavaScript objects behind, so the garbage collector sees no reason to
 * come before sixty megabytes of them lie about.
 */

/** Below it buffers may share their memory, and are not worth it (bytes). */
const leastBytes = 131_072;

/**
 * Frees the memory of a buffer that nobody reads or writes any more, the operating system and Node's threads included: every view
 * of it is empty from then on. A view counts as the whole; a small buffer is left to the garbage collector.
 */
export function release(bytes: Uint8Array): void {
  const { buffer } = bytes;
  if (buffer instanceof ArrayBuffer && buffer.byteLength >= leastBytes) buffer.transfer(0);
}

/**
 * The same chunks, each released when the next one is asked for: for readers that are done with a chunk by then, or have copied
 * what they still need of it.
 */
export async function* releasedBehind<Bytes extends Uint8Array>(
  chunks: AsyncIterable<Bytes>,
): AsyncGenerator<Bytes> {
  for await (const chunk of chunks) {
    yield chunk;
    // Not where the reader leaves in the middle: it may be at work on it still.
    release(chunk);
  }
}
