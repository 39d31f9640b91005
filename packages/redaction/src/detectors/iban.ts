import type { Conversation } from '../text/conversation.ts';
import {
  DIGITS,
  MIXED,
  NEW_LINE,
  PUNCTUATION,
  SOFT_BREAK,
  TIGHT,
  type TokenStream,
  WORD,
} from '../text/lexer.ts';
import { type Claim, CONTEXT, PROVEN } from '../types.ts';
import { flagsOfEntry } from '../words/lexicon.ts';
import { IBAN_CUE } from '../words/word-flags.ts';

/**
 * International bank account numbers: a country that issues them, that country's length, and the mod 97 check, in
 * any case and grouping. With an IBAN named directly before, one that fails the check is taken as mistyped.
 */

/** Lengths by country (IBAN registry, SWIFT). */
const LENGTHS: Readonly<Record<string, number>> = {
  AD: 24,
  AE: 23,
  AL: 28,
  AT: 20,
  AZ: 28,
  BA: 20,
  BE: 16,
  BG: 22,
  BH: 22,
  BI: 27,
  BR: 29,
  BY: 28,
  CH: 21,
  CR: 22,
  CY: 28,
  CZ: 24,
  DE: 22,
  DJ: 27,
  DK: 18,
  DO: 28,
  EE: 20,
  EG: 29,
  ES: 24,
  FI: 18,
  FK: 18,
  FO: 18,
  FR: 27,
  GB: 22,
  GE: 22,
  GI: 23,
  GL: 18,
  GR: 27,
  GT: 28,
  HN: 28,
  HR: 21,
  HU: 28,
  IE: 22,
  IL: 23,
  IQ: 23,
  IS: 26,
  IT: 27,
  JO: 30,
  KW: 30,
  KZ: 20,
  LB: 28,
  LC: 32,
  LI: 21,
  LT: 20,
  LU: 20,
  LV: 21,
  LY: 25,
  MC: 27,
  MD: 24,
  ME: 22,
  MK: 19,
  MN: 20,
  MR: 27,
  MT: 31,
  MU: 30,
  NI: 28,
  NL: 18,
  NO: 15,
  OM: 23,
  PK: 24,
  PL: 28,
  PS: 29,
  PT: 25,
  QA: 29,
  RO: 24,
  RS: 22,
  RU: 33,
  SA: 24,
  SC: 31,
  SD: 18,
  SE: 24,
  SI: 19,
  SK: 24,
  SM: 27,
  SO: 23,
  ST: 25,
  SV: 28,
  TL: 23,
  TN: 24,
  TR: 26,
  UA: 29,
  VA: 22,
  VG: 24,
  XK: 20,
  YE: 30,
};

const MAX_TOKENS = 48;

export function findIbans(conversation: Conversation, claims: Claim[]): void {
  const { stream, text } = conversation;
  for (let at = 0; at < stream.size; at++) {
    const type = stream.type[at];
    if (type !== MIXED && type !== WORD) continue;
    const length = (stream.end[at] as number) - (stream.start[at] as number);
    if (type === WORD ? length > 2 || !isFollowedByDigits(stream, at, length) : length < 4 || length > 34)
      continue;
    if (type === MIXED && !isDigit(text.charCodeAt((stream.start[at] as number) + 2))) continue;
    if (at > 0 && stream.space[at] === TIGHT && stream.type[at - 1] !== PUNCTUATION) continue;
    const country = text.slice(stream.start[at], (stream.start[at] as number) + 2);
    const found = readIban(conversation, at, country);
    if (found === null) continue;
    claims.push({ type: 'IBAN', ...found, first: at });
    at = found.last;
  }
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** Behind a country of two letters come digits; behind one letter, the other letter. */
function isFollowedByDigits(stream: TokenStream, at: number, length: number): boolean {
  const next = at + 1;
  if (next >= stream.size) return false;
  const type = stream.type[next];
  return length === 1 ? type === WORD : type === DIGITS || type === MIXED || type === PUNCTUATION;
}

function readIban(
  conversation: Conversation,
  first: number,
  country: string,
): { canonical: string; confidence: typeof PROVEN | typeof CONTEXT; last: number } | null {
  const { stream, text } = conversation;
  // "d e 89": the country spelled.
  let upper = country.toUpperCase();
  if (stream.type[first] === WORD && (stream.end[first] as number) - (stream.start[first] as number) === 1) {
    const second = first + 1;
    if (second >= stream.size || stream.type[second] !== WORD) return null;
    if ((stream.end[second] as number) - (stream.start[second] as number) !== 1) return null;
    upper = (
      text.charAt(stream.start[first] as number) + text.charAt(stream.start[second] as number)
    ).toUpperCase();
  }
  const length = LENGTHS[upper];
  if (length === undefined) return null;
  // "is 5325...", "at 20...": a country apart from its digits is written in capitals, or the IBAN is named.
  if (stream.type[first] === WORD && country !== upper && !isNamed(conversation, first)) return null;
  let value = '';
  let last = first;
  for (
    let at = first, tokens = 0;
    at < stream.size && tokens < MAX_TOKENS && value.length < length;
    at++, tokens++
  ) {
    const type = stream.type[at];
    if (type === WORD || type === MIXED || type === DIGITS) {
      const piece = text.slice(stream.start[at], stream.end[at]).toUpperCase();
      if (!/^[0-9A-Z]+$/.test(piece)) return null;
      // A word of the sentence is no group of an account number.
      if (type === WORD && piece.length > 4) return null;
      value += piece;
      last = at;
      // Behind the country two check digits must follow: no word of everyday speech passes this.
      if (value.length >= 4 && !/^[A-Z]{2}\d{2}/.test(value)) return null;
    } else if (type === PUNCTUATION) {
      const code = stream.info[at];
      if (code !== 0x2d && code !== 0x2e && code !== 0x2f && code !== 0x5f && code !== 0x2c) return null;
    } else if (type !== SOFT_BREAK) {
      return null;
    }
  }
  if (value.length !== length) return null;
  const next = last + 1;
  const goesOn =
    next < stream.size &&
    stream.space[next] === TIGHT &&
    stream.type[next] !== PUNCTUATION &&
    stream.type[next] !== SOFT_BREAK;
  if (goesOn && (stream.type[next] === DIGITS || stream.type[next] === MIXED)) return null;
  if (passesMod97(value)) return { canonical: value, confidence: PROVEN, last };
  return isNamed(conversation, first) && /^[A-Z]{2}\d{2}/.test(value)
    ? { canonical: value, confidence: CONTEXT, last }
    : null;
}

/** ISO 7064 mod 97-10 over the value with its first four characters moved to the end. */
export function passesMod97(value: string): boolean {
  let remainder = 0;
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt((i + 4) % value.length);
    remainder = code <= 0x39 ? (remainder * 10 + code - 0x30) % 97 : (remainder * 100 + code - 0x37) % 97;
  }
  return remainder === 1;
}

function isNamed(conversation: Conversation, first: number): boolean {
  const { stream } = conversation;
  for (let at = first - 1, words = 0; at >= 0 && words < 5; at--) {
    if (stream.type[at] === PUNCTUATION) continue;
    if (stream.type[at] !== WORD || stream.space[at] === NEW_LINE) {
      if (stream.type[at] !== WORD) return false;
    }
    if ((flagsOfEntry(stream.info[at] as number) & IBAN_CUE) !== 0) return true;
    words++;
  }
  return false;
}
