import { createHmac, timingSafeEqual } from 'node:crypto';

const MAC_BYTES = 12;

/**
 * Opaque strings that carry numbers and prove that this simulator issued them (cursors, tokens).
 *
 * Nothing is stored for them, so they stay valid over a restart with the same key.
 */
export class SealedText {
  readonly #key: string;

  constructor(key: string) {
    this.#key = key;
  }

  /** Numbers: whole, 0 to 2^48 - 1. */
  seal(purpose: string, numbers: readonly number[]): string {
    const body = Buffer.alloc(numbers.length * 6);
    for (const [index, number] of numbers.entries()) body.writeUIntBE(number, index * 6, 6);
    return Buffer.concat([body, this.#mac(purpose, body)]).toString('base64url');
  }

  /** The numbers, or null where the string is not one that was sealed with this key for this purpose. */
  open(purpose: string, text: string): number[] | null {
    const bytes = Buffer.from(text, 'base64url');
    // Base64 has several spellings of the same bytes; only the one that was issued counts.
    if (bytes.length <= MAC_BYTES || bytes.toString('base64url') !== text) return null;
    const body = bytes.subarray(0, -MAC_BYTES);
    if (body.length % 6 !== 0 || !timingSafeEqual(bytes.subarray(-MAC_BYTES), this.#mac(purpose, body)))
      return null;
    return Array.from({ length: body.length / 6 }, (_, index) => body.readUIntBE(index * 6, 6));
  }

  #mac(purpose: string, body: Buffer): Buffer {
    return createHmac('sha256', this.#key)
      .update(purpose)
      .update('\0')
      .update(body)
      .digest()
      .subarray(0, MAC_BYTES);
  }
}
