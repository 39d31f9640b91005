/** Whole lines of a batch. */
export interface CutLines {
  /** In memory of their own; several where a line is longer than a chunk. */
  readonly pieces: readonly Buffer[];
  readonly bytes: number;
  /** Place of the first line in the batch, and how many there are. */
  readonly firstLine: number;
  readonly lines: number;
}

/**
 * Cuts bytes into groups of whole lines of at least `leastBytes`: one message to a thread for many short conversations, and one
 * for each long one. What is needed of a chunk is copied before the next chunk is asked for.
 */
export async function* cutLines(chunks: AsyncIterable<Buffer>, leastBytes: number): AsyncGenerator<CutLines> {
  let pieces: Buffer[] = [];
  let bytes = 0;
  let firstLine = 0;
  let lines = 0;
  const group = (): CutLines => {
    const cut = { pieces, bytes, firstLine, lines };
    firstLine += lines;
    pieces = [];
    bytes = 0;
    lines = 0;
    return cut;
  };
  for await (const chunk of chunks) {
    for (let from = 0; from < chunk.length; ) {
      const end = chunk.indexOf(lineFeed, from + Math.max(0, leastBytes - bytes - 1));
      const piece = chunk.subarray(from, end === -1 ? chunk.length : end + 1);
      pieces.push(Buffer.from(piece));
      bytes += piece.length;
      lines += lineEnds(piece);
      from += piece.length;
      if (end !== -1) yield group();
    }
  }
  if (bytes === 0) return;
  // The last line may lack its end.
  if (pieces.at(-1)?.at(-1) !== lineFeed) lines++;
  yield group();
}

const lineFeed = 0x0a;

function lineEnds(piece: Buffer): number {
  let ends = 0;
  for (let at = piece.indexOf(lineFeed); at !== -1; at = piece.indexOf(lineFeed, at + 1)) ends++;
  return ends;
}
