import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type CutLines, cutLines } from './cut-lines.ts';
import { gathered } from './gathered.fixture.ts';
import { inOrder } from './in-order.ts';
import { lineRanges } from './redact-lines.ts';

async function* from<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

/** Each is gone when the next one is asked for. */
async function* fleeting(chunks: readonly Buffer[]): AsyncGenerator<Buffer> {
  for (const chunk of chunks) {
    const copy = Buffer.from(chunk);
    yield copy;
    copy.fill('!');
  }
}

const cutOf = (chunks: readonly Buffer[], least: number): Promise<CutLines[]> =>
  gathered(cutLines(fleeting(chunks), least));

it('cuts whole lines, loses no byte, and numbers the lines, however the chunks fall', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: fc.constantFrom('a', 'é', ' '), maxLength: 30 })),
      fc.boolean(),
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 60 }),
      async (texts, endsWithLine, chunkBytes, least) => {
        const whole = Buffer.from(texts.join('\n') + (endsWithLine && texts.length > 0 ? '\n' : ''));
        const chunks: Buffer[] = [];
        for (let at = 0; at < whole.length; at += chunkBytes)
          chunks.push(whole.subarray(at, at + chunkBytes));
        const cuts = await cutOf(chunks, least);
        expect(Buffer.concat(cuts.flatMap(({ pieces }) => pieces)).equals(whole)).toBe(true);
        let line = 0;
        for (const [place, cut] of cuts.entries()) {
          const bytes = Buffer.concat(cut.pieces);
          expect(cut.bytes).toBe(bytes.length);
          expect(cut.firstLine).toBe(line);
          expect([...lineRanges(bytes)]).toHaveLength(cut.lines);
          if (place < cuts.length - 1) {
            expect(bytes.at(-1)).toBe(10);
            expect(bytes.length).toBeGreaterThanOrEqual(least);
          }
          line += cut.lines;
        }
      },
    ),
  );
});

it('yields results in order, with no more under way than there is room for', async () => {
  const items = [5, 1, 4, 2, 30, 3].map((bytes, place) => ({ bytes, place }));
  let underWay = 0;
  const most = { items: 0 };
  const results = inOrder(from(items), { items: 3, bytes: 10 }, async ({ bytes, place }) => {
    underWay++;
    most.items = Math.max(most.items, underWay);
    for (let turn = 0; turn < bytes; turn++) await Promise.resolve();
    underWay--;
    return place;
  });
  expect(await gathered(results)).toEqual([0, 1, 2, 3, 4, 5]);
  expect(most.items).toBeLessThanOrEqual(3);
  expect(most.items).toBeGreaterThan(1);
});

it('ends with the first error in order', async () => {
  const work = async ({ place }: { place: number }): Promise<number> => {
    if (place > 0) throw new Error(`of ${place}`);
    return place;
  };
  const items = [0, 1, 2].map((place) => ({ bytes: 1, place }));
  await expect(gathered(inOrder(from(items), { items: 3, bytes: 9 }, work))).rejects.toThrow('of 1');
});
