import { createHash } from 'node:crypto';

/** Bytes that can be produced again, always the same: what is large is never held, but made twice. */
export type Content = () => AsyncIterable<Buffer>;

/** What has to be known of an object before its first byte is sent. */
export interface MeasuredContent {
  bytes: number;
  /** Hex. */
  sha256: string;
  /** The bytes, where they fit into the limit. */
  held: Buffer | null;
  again: Content;
}

/**
 * Runs through a content once, for its length and digest.
 * @param holdBytes up to this size the bytes are kept, so that they need not be made again
 */
export async function measure(
  content: Content,
  holdBytes: number,
  signal?: AbortSignal,
): Promise<MeasuredContent> {
  const hash = createHash('sha256');
  let chunks: Buffer[] | null = [];
  let bytes = 0;
  for await (const chunk of content()) {
    signal?.throwIfAborted();
    hash.update(chunk);
    bytes += chunk.length;
    if (bytes > holdBytes) chunks = null;
    chunks?.push(chunk);
  }
  return {
    bytes,
    sha256: hash.digest('hex'),
    held: chunks === null ? null : Buffer.concat(chunks),
    again: content,
  };
}
