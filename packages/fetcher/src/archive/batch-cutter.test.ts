import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BatchCutter, type BatchLimits, inPieces } from './batch-cutter.ts';

async function* pagesOf(
  texts: readonly string[],
  pieceBytes: number,
): AsyncGenerator<AsyncGenerator<Buffer>> {
  for (const text of texts) yield piecesOf(Buffer.from(text), pieceBytes);
}

async function* piecesOf(bytes: Buffer, pieceBytes: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    const piece = Buffer.from(bytes.subarray(at, at + pieceBytes));
    yield piece;
    piece.fill('!'); // its memory is gone when the next one is asked for
  }
}

async function cut(
  pages: readonly string[],
  limits: BatchLimits,
  pieceBytes = 7,
): Promise<{ text: string; conversations: number }[]> {
  const cutter = new BatchCutter(pagesOf(pages, pieceBytes), limits);
  const batches: { text: string; conversations: number }[] = [];
  while (await cutter.more()) {
    const parts: Buffer[] = [];
    for await (const bytes of inPieces(cutter.bytes(), 16)) parts.push(Buffer.from(bytes));
    batches.push({ text: Buffer.concat(parts).toString('utf8'), conversations: cutter.conversations });
  }
  return batches;
}

const wide = { conversations: 500, bytes: 1 << 24 };

describe('BatchCutter', () => {
  it('makes a line of each conversation, through all pages', async () => {
    expect(await cut(['[{"a":1},{"b":\n2}]', '[]', ' [ {"c":3} ]\n'], wide)).toEqual([
      { text: '{"a":1}\n{"b": 2}\n{"c":3}\n', conversations: 3 },
    ]);
  });

  it('makes no batch of an empty window', async () => {
    expect(await cut(['[]'], wide)).toEqual([]);
  });

  it('ends a batch at its count', async () => {
    expect(await cut(['[1,2,3,4,5]'], { conversations: 2, bytes: 100 })).toEqual([
      { text: '1\n2\n', conversations: 2 },
      { text: '3\n4\n', conversations: 2 },
      { text: '5\n', conversations: 1 },
    ]);
  });

  it('ends a batch before the conversation that would make it too large', async () => {
    expect(await cut(['["aa","bb","cccc","d"]'], { conversations: 9, bytes: 10 })).toEqual([
      { text: '"aa"\n"bb"\n', conversations: 2 },
      { text: '"cccc"\n', conversations: 1 },
      { text: '"d"\n', conversations: 1 },
    ]);
  });

  it('gives a conversation that is larger than any batch one of its own', async () => {
    const huge = JSON.stringify('x'.repeat(1_000));
    expect(await cut([`[1,${huge},2]`], { conversations: 9, bytes: 10 })).toEqual([
      { text: '1\n', conversations: 1 },
      { text: `${huge}\n`, conversations: 1 },
      { text: '2\n', conversations: 1 },
    ]);
  });

  it('names the page that is no array', async () => {
    await expect(cut(['[1]', '[2'], wide)).rejects.toMatchObject({ page: 2, cause: { offset: 2 } });
  });

  it('loses nothing, doubles nothing, and keeps its limits, whatever is cut how', async () => {
    const page = fc.array(fc.jsonValue({ maxDepth: 2 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(page, { maxLength: 4 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 50 }),
        async (pages, conversations, bytes, pieceBytes) => {
          const batches = await cut(
            pages.map((items) => JSON.stringify(items)),
            { conversations, bytes },
            pieceBytes,
          );
          const lines = batches.map(({ text }) => text.split('\n').slice(0, -1));
          expect(lines.flat()).toEqual(pages.flat().map((item) => JSON.stringify(item)));
          for (const [index, batch] of batches.entries()) {
            expect(batch.conversations).toBe(lines[index]?.length);
            expect(batch.conversations).toBeLessThanOrEqual(conversations);
            if (batch.conversations > 1) expect(Buffer.byteLength(batch.text)).toBeLessThanOrEqual(bytes);
          }
        },
      ),
    );
  });
});
