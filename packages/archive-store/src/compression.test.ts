import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { compress, decompress } from './compression.ts';

const chunks = [randomBytes(300_000), Buffer.alloc(2_000_000, 'text '), Buffer.from('end')];

async function* from(source: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* source;
}

async function whole(source: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of source) parts.push(part);
  return Buffer.concat(parts);
}

describe.each(['gzip', 'zstd'] as const)('%s', (format) => {
  it('gives back what it was given, though chunks are gone when the next one is asked for', async () => {
    const fleeting = async function* (): AsyncGenerator<Buffer> {
      for (const chunk of chunks) {
        const copy = Buffer.from(chunk);
        yield copy;
        copy.fill('!');
      }
    };
    const back = await whole(decompress(format, compress(format, fleeting())));
    expect(back.equals(Buffer.concat(chunks))).toBe(true);
  });

  it('fails with the error of its source', async () => {
    const broken = async function* (): AsyncGenerator<Buffer> {
      yield chunks[0] as Buffer;
      throw new Error('of the source');
    };
    await expect(whole(compress(format, broken()))).rejects.toThrow('of the source');
  });

  it('ends its source when its reader leaves', async () => {
    let isEnded = false;
    const endless = async function* (): AsyncGenerator<Buffer> {
      try {
        for (;;) yield chunks[0] as Buffer;
      } finally {
        isEnded = true;
      }
    };
    for await (const _ of compress(format, endless())) break;
    expect(isEnded).toBe(true);
  });

  it('fails where the bytes are of no such format', async () => {
    await expect(whole(decompress(format, from([Buffer.from('neither of them')])))).rejects.toThrow();
  });
});
