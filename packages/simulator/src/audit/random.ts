import { createHash } from 'node:crypto';

/** Four words derived from the simulator's seed; every random choice starts from them. */
export type Seed = readonly [number, number, number, number];

/** Turns the seed as a person writes it into words. The same text gives the same words everywhere. */
export function seedFrom(text: string): Seed {
  const digest = createHash('sha256').update(text).digest();
  return [digest.readUInt32LE(0), digest.readUInt32LE(4), digest.readUInt32LE(8), digest.readUInt32LE(12)];
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

function hex32(word: number): string {
  return `${HEX[word >>> 24]}${HEX[(word >>> 16) & 255]}${HEX[(word >>> 8) & 255]}${HEX[word & 255]}`;
}

/**
 * Deterministic random numbers (sfc32 of Chris Doty-Humphrey's PractRand, public domain).
 *
 * A generator is bound to (seed, purpose, index), so that what one event draws never depends on what was drawn before.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(seed: Seed, purpose: number, index: number) {
    this.#a = seed[0] ^ Math.imul(purpose + 1, 0x85ebca6b);
    this.#b = seed[1] ^ (index | 0);
    this.#c = seed[2] ^ Math.floor(index / 0x1_0000_0000);
    this.#d = 1;
    // Neighbouring indices differ in a few bits at first; the rounds spread them over the whole state.
    for (let round = 0; round < 12; round++) this.word();
  }

  /** Next 32 random bits, as an unsigned number. */
  word(): number {
    const result = (this.#a + this.#b + this.#d) | 0;
    this.#d = (this.#d + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + result) | 0;
    return result >>> 0;
  }

  /** A whole number from 0 up to, but not including, `bound`. */
  below(bound: number): number {
    return Math.floor((this.word() / 0x1_0000_0000) * bound);
  }

  /** True once in `n` times. */
  oneIn(n: number): boolean {
    return this.below(n) === 0;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  /** `length` decimal digits, the first of them not 0. */
  digits(length: number): string {
    let text = String(1 + this.below(9));
    while (text.length < length) text += String(this.below(1_000_000_000)).padStart(9, '0');
    return text.slice(0, length);
  }

  /** A random UUID (version 4, RFC 9562). */
  uuid(): string {
    return this.#uuid(0x4000, this.word() & 0xffff, this.word());
  }

  /**
   * A UUID that no other number below 2^48 of the same seed and version can get: its last 48 bits are a
   * permutation of the number.
   */
  uuidOf(number: number, version: 4 | 8): string {
    const low = Math.imul(number | 0, 0x9e3779b1) ^ 0x5bd1e995;
    return this.#uuid(version << 12, Math.floor(number / 0x1_0000_0000) ^ 0x6a09, low);
  }

  #uuid(versionBits: number, high16: number, low32: number): string {
    const first = hex32(this.word());
    const second = hex32(((this.word() & 0xffff0fff) | versionBits) >>> 0);
    const third = hex32((((this.word() & 0x3fff) | 0x8000) << 16) | high16);
    return `${first}-${second.slice(0, 4)}-${second.slice(4)}-${third.slice(0, 4)}-${third.slice(4)}${hex32(low32)}`;
  }
}
