import type { SealedText } from '../sealed-text.ts';

/** What a cursor says: read on at this position. */
export interface Cursor {
  position: number;
  /** Simulated time of issue, epoch ms. */
  issuedMs: number;
  /** Cursors of an older generation were declared expired by a fault or over the control API. */
  generation: number;
}

const PURPOSE = 'cursor';

/** Writes and reads cursors: opaque to the client, a new string each time, valid over a restart. */
export class CursorBook {
  readonly #sealed: SealedText;
  #salt = 0;

  constructor(sealed: SealedText) {
    this.#sealed = sealed;
  }

  issue(cursor: Cursor): string {
    this.#salt = (this.#salt + 1) % 0xffff_ffff;
    return this.#sealed.seal(PURPOSE, [cursor.position, cursor.issuedMs, cursor.generation, this.#salt]);
  }

  /** Null where this simulator did not issue it. */
  read(text: string): Cursor | null {
    const numbers = this.#sealed.open(PURPOSE, text);
    if (numbers?.length !== 4) return null;
    const [position, issuedMs, generation] = numbers as [number, number, number, number];
    return { position, issuedMs, generation };
  }
}
