/**
 * The guide's layout: one JSON array a window, each conversation on a line of its own, so that it can be told by its line as in
 * NDJSON. Line 0 is the bracket.
 */

/** @param members JSON texts without line breaks */
export async function* guideArray(members: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let isFirst = true;
  for await (const member of members) {
    yield Buffer.from(isFirst ? '[\n' : ',\n');
    yield member;
    isFirst = false;
  }
  yield Buffer.from(isFirst ? '[\n]\n' : '\n]\n');
}

/** Line on which the member of this number (from 0) stands. */
export function lineOfMember(member: number): number {
  return member + 1;
}

/** The conversations among the lines of an object, each with its line. */
export async function* conversationsIn(
  lines: AsyncIterable<Buffer>,
  layout: 'batches' | 'guide',
): AsyncGenerator<{ line: number; text: Buffer }> {
  let line = 0;
  for await (const bytes of lines) {
    if (layout === 'batches') yield { line, text: bytes };
    else if (!isBracket(bytes)) yield { line, text: withoutComma(bytes) };
    line++;
  }
}

function isBracket(bytes: Buffer): boolean {
  return bytes.length === 1 && (bytes[0] === 0x5b || bytes[0] === 0x5d);
}

function withoutComma(bytes: Buffer): Buffer {
  return bytes.at(-1) === 0x2c ? bytes.subarray(0, -1) : bytes;
}
