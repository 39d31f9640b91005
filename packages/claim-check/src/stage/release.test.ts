import { expect, it } from 'vitest';
import { gathered } from './gathered.fixture.ts';
import { release, releasedBehind } from './release.ts';

const large = 1024 * 1024;

it('frees a large buffer whole, whichever view of it is named', () => {
  const buffer = Buffer.alloc(large, 'a');
  const other = buffer.subarray(5);
  release(buffer.subarray(0, 1));
  expect([buffer.length, other.length]).toEqual([0, 0]);
});

it('leaves small buffers alone, which may share their memory', () => {
  const first = Buffer.from('first');
  const second = Buffer.from('second');
  release(first);
  expect([first.toString(), second.toString()]).toEqual(['first', 'second']);
});

it('keeps a chunk until the next one is asked for', async () => {
  const chunks = [Buffer.alloc(large, 'a'), Buffer.alloc(large, 'b')];
  const seen: string[] = [];
  for await (const chunk of releasedBehind(chunksOf(chunks)))
    seen.push(`${chunk.length} ${chunk.toString('utf8', 0, 1)}`);
  expect(seen).toEqual([`${large} a`, `${large} b`]);
  expect(chunks.map(({ length }) => length)).toEqual([0, 0]);
});

it('keeps a chunk that its reader left at', async () => {
  const chunk = Buffer.alloc(large, 'a');
  for await (const _ of releasedBehind(chunksOf([chunk]))) break;
  expect(chunk.length).toBe(large);
  expect(await gathered(releasedBehind(chunksOf([])))).toEqual([]);
});

async function* chunksOf(chunks: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* chunks;
}
