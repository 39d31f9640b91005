import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Body } from './body.ts';

/** What may be wrong with the bytes of a body. */
export type Spoiling =
  /** One byte is another one: broken JSON, digest and length of what is sent. */
  | { kind: 'broken-json'; at: number | null; byte: number }
  /** It ends early, with digest and length of what is sent. Null: half. */
  | { kind: 'truncated-json'; bytes: number | null }
  /** Other digits throughout, under the length, digest and ETag of the sound body. */
  | { kind: 'other-bytes' };

/** The body with that done to it. */
export async function spoiltBody(body: Body, spoiling: Spoiling): Promise<Body> {
  switch (spoiling.kind) {
    case 'broken-json': {
      // The middle of the body, or its last byte where it is shorter than asked.
      const at = Math.min(spoiling.at ?? Math.floor(body.length / 2), body.length - 1);
      const from = (offset: number) => withByte(body.from(offset), at - offset, spoiling.byte);
      return { length: body.length, sha256: await digestOf(from(0)), from };
    }
    case 'truncated-json': {
      const length = Math.min(spoiling.bytes ?? Math.floor(body.length / 2), body.length);
      const from = (offset: number) => firstOf(body.from(offset), length - offset);
      return { length, sha256: await digestOf(from(0)), from };
    }
    case 'other-bytes':
      return { ...body, from: (offset) => otherDigits(body.from(offset)) };
    default:
      return spoiling satisfies never;
  }
}

function* withByte(chunks: Iterable<Buffer>, at: number, byte: number): Generator<Buffer> {
  let offset = 0;
  for (const chunk of chunks) {
    if (at >= offset && at < offset + chunk.length) chunk[at - offset] = byte;
    offset += chunk.length;
    yield chunk;
  }
}

/** The first so many bytes. */
export function* firstOf(chunks: Iterable<Buffer>, bytes: number): Generator<Buffer> {
  let left = bytes;
  if (left <= 0) return;
  for (const chunk of chunks) {
    yield chunk.length <= left ? chunk : chunk.subarray(0, left);
    left -= chunk.length;
    if (left <= 0) return;
  }
}

/** 1 to 8 become the next digit: JSON stays JSON, for no number begins with a 0 that did not. */
function* otherDigits(chunks: Iterable<Buffer>): Generator<Buffer> {
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] as number;
      if (byte > 0x30 && byte < 0x39) chunk[at] = byte + 1;
    }
    yield chunk;
  }
}

async function digestOf(chunks: Iterable<Buffer>): Promise<string> {
  const digest = createHash('sha256');
  for (const chunk of chunks) {
    digest.update(chunk);
    await nextTurn();
  }
  return digest.digest('hex');
}
