import { Random, type Seed } from '../audit/random.ts';

const PURPOSE_ID = 20;
const DAY_MASK = 0x6a09;
/** Its inverse modulo 2^32 undoes it. */
const SPREAD = 0x9e3779b1;
const UNSPREAD = 0x0e8b2f51;

const HEX = Array.from({ length: 65_536 }, (_, value) => value.toString(16).padStart(4, '0'));

/**
 * A UUID (version 4, RFC 9562) whose last group has a letter in its middle. So no UUID holds nine digits in a row,
 * which somebody who looks for leaked numbers could mistake for one.
 */
export function uuid(random: Random): string {
  return assemble(random, random.word(), random.word() & 0xffff);
}

/** The id of a conversation: carries day and index, so that a conversation is found by its id without a search. */
export function conversationId(seed: Seed, day: number, index: number): string {
  const random = new Random(seed, PURPOSE_ID, day * 0x1_0000_0000 + index);
  return assemble(random, Math.imul(index, SPREAD) ^ seed[0], (day ^ DAY_MASK) & 0xffff);
}

/** Day number and index of a conversation's id; null where this seed never made it. */
export function readConversationId(seed: Seed, id: string): { day: number; index: number } | null {
  if (!/^[0-9a-f]{8}-[0-9a-f]{4}-/.test(id)) return null;
  const index = Math.imul(Number.parseInt(id.slice(0, 8), 16) ^ seed[0], UNSPREAD) >>> 0;
  const day = Number.parseInt(id.slice(9, 13), 16) ^ DAY_MASK;
  return conversationId(seed, day, index) === id ? { day, index } : null;
}

function assemble(random: Random, first: number, second: number): string {
  const third = HEX[0x4000 | (random.word() & 0xfff)];
  const word = random.word();
  const fourth = HEX[0x8000 | (word & 0x3fff)];
  const letter = 'abcdef'[(word >>> 16) % 6];
  const low = random.word();
  const last = `${HEX[low >>> 16]}${(word >>> 28).toString(16)}${letter}${HEX[low & 0xffff]}${HEX[(word >>> 20) & 0xff]?.slice(2)}`;
  return `${HEX[first >>> 16]}${HEX[first & 0xffff]}-${HEX[second]}-${third}-${fourth}-${last}`;
}
