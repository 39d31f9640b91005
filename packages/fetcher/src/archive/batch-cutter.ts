import { setImmediate as turn } from 'node:timers/promises';
import { type ItemPiece, JsonArraySplitter } from './json-array-splitter.ts';

/** Where a batch ends. */
export interface BatchLimits {
  /** Conversations of a batch, at most. */
  conversations: number;
  /** Bytes of its NDJSON, at most; a conversation that is larger is a batch of its own. */
  bytes: number;
}

/** An item that has begun: what is known of it already. */
interface Begun {
  pieces: Buffer[];
  bytes: number;
  ended: boolean;
}

const lineEnd = Buffer.from('\n');

/** What is looked at in one go: some milliseconds of work. */
const stepBytes = 1024 * 1024;

/**
 * Cuts the items of arrays into batches of NDJSON: a line each, in the order of the source.
 *
 * Holds no more than one batch's worth of an item that may belong to the next batch; an item too large for any batch passes
 * through in pieces.
 */
export class BatchCutter {
  readonly #limits: BatchLimits;
  readonly #pieces: AsyncGenerator<ItemPiece>;
  #carried: Begun | null = null;
  #conversations = 0;

  /**
   * @param pages the bytes of each page, in order; they are altered, see `JsonArraySplitter.push`. What is needed of a piece is
   * copied before the next one is asked for
   */
  constructor(pages: AsyncIterable<AsyncIterable<Buffer>>, limits: BatchLimits) {
    this.#limits = limits;
    this.#pieces = piecesOf(pages);
  }

  /** Of the batch whose bytes were read last. */
  get conversations(): number {
    return this.#conversations;
  }

  /** Whether there is another batch. @throws NotJsonArrayOfPage */
  async more(): Promise<boolean> {
    this.#carried ??= await this.#begin();
    return this.#carried !== null;
  }

  /** The NDJSON of the next batch; to be read to its end. @throws NotJsonArrayOfPage */
  async *bytes(): AsyncGenerator<Buffer> {
    this.#conversations = 0;
    let room = this.#limits.bytes;
    while (this.#conversations < this.#limits.conversations && room > 0) {
      const item = this.#carried ?? (await this.#begin());
      this.#carried = null;
      if (item === null) return;
      while (!item.ended && item.bytes < room) await this.#gather(item);
      if (item.bytes + lineEnd.length > room && this.#conversations > 0) {
        this.#carried = item;
        return;
      }
      yield* item.pieces;
      let size = item.bytes;
      for (let ended = item.ended; !ended; ) {
        const piece = await this.#next();
        if (piece === null) break; // not before the end of an item
        yield piece.bytes;
        size += piece.bytes.length;
        ended = piece.ends;
      }
      yield lineEnd;
      room -= size + lineEnd.length;
      this.#conversations++;
    }
  }

  async #begin(): Promise<Begun | null> {
    const piece = await this.#next();
    return piece === null ? null : { pieces: [piece.bytes], bytes: piece.bytes.length, ended: piece.ends };
  }

  async #gather(item: Begun): Promise<void> {
    const piece = await this.#next();
    if (piece === null) throw new Error('an item without an end'); // the splitter throws before
    item.pieces.push(piece.bytes);
    item.bytes += piece.bytes.length;
    item.ended = piece.ends;
  }

  async #next(): Promise<ItemPiece | null> {
    const next = await this.#pieces.next();
    return next.done === true ? null : next.value;
  }
}

/** A page is no JSON array; `page` counts from 1. */
export class NotJsonArrayOfPage extends Error {
  override readonly name = 'NotJsonArrayOfPage';
  readonly page: number;

  constructor(page: number, cause: unknown) {
    super(`page ${page}`, { cause });
    this.page = page;
  }
}

async function* piecesOf(pages: AsyncIterable<AsyncIterable<Buffer>>): AsyncGenerator<ItemPiece> {
  let page = 0;
  for await (const chunks of pages) {
    page++;
    const splitter = new JsonArraySplitter();
    const split = <T>(step: () => T): T => {
      try {
        return step();
      } catch (error) {
        throw new NotJsonArrayOfPage(page, error);
      }
    };
    for await (const chunk of chunks) {
      for (let at = 0; at < chunk.length; at += stepBytes) {
        for (const piece of split(() => splitter.push(chunk.subarray(at, at + stepBytes)))) {
          // The end of an item is used up before the next piece is asked for; what comes before it may be gathered.
          yield piece.ends ? piece : { ...piece, bytes: Buffer.from(piece.bytes) };
        }
        await turn();
      }
    }
    split(() => splitter.end());
  }
}

/**
 * The same bytes in larger pieces, for a reader to whom each piece costs something, and who is done with a piece when it asks for
 * the next: their memory is the same.
 * @param size of all pieces but the last
 */
export async function* inPieces(source: AsyncIterable<Buffer>, size: number): AsyncGenerator<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(size);
  let filled = 0;
  for await (const bytes of source) {
    for (let at = 0; at < bytes.length; ) {
      const taken = bytes.copy(buffer, filled, at);
      filled += taken;
      at += taken;
      if (filled < size) continue;
      yield buffer;
      filled = 0;
    }
  }
  if (filled > 0) yield buffer.subarray(0, filled);
}
