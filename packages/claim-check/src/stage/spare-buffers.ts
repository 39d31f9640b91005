/**
 * Buffers of one size for what is sealed: each is large, lives for one call, and would otherwise lie about until the garbage
 * collector comes.
 */
export class SpareBuffers {
  readonly #bytes: number;
  readonly #most: number;
  readonly #spare: Buffer[] = [];

  /** @param bytes of each; @param most how many are kept */
  constructor(bytes: number, most: number) {
    this.#bytes = bytes;
    this.#most = most;
  }

  /** @returns a buffer of at least `bytes`, with anything in it */
  take(bytes: number): Buffer {
    if (bytes > this.#bytes || bytes < this.#bytes / 2) return Buffer.allocUnsafeSlow(bytes);
    return this.#spare.pop() ?? Buffer.allocUnsafeSlow(this.#bytes);
  }

  /** Takes back a buffer that nobody reads any more; a view of it counts as the whole. */
  giveBack(view: Buffer): void {
    if (view.buffer.byteLength !== this.#bytes || this.#spare.length >= this.#most) return;
    this.#spare.push(Buffer.from(view.buffer));
  }
}
