import { LOOSE, type RunItem } from '../text/number-run.ts';
import { CONTEXT, type Confidence, PROVEN } from '../types.ts';
import { CARD_CUE, OTHER_CUE } from '../words/word-flags.ts';
import { type Candidate, isIsolated, isOnePiece, isReadOut, isTied } from './candidate.ts';

/**
 * Payment card numbers: an issuer prefix, a length that the issuer uses, and the Luhn check digit.
 *
 * Without a card named nearby the grouping must be that of a card too (in one piece, fours, 4-6-5, 4-6-4, read out):
 * one digit run in ten passes Luhn by chance. A tracking or item number named directly before a bare run wins over
 * the checksum. With a card named, groups may be any, and a number of 13 to 19 digits that fails Luhn is taken as a
 * mistyped or misheard card. A card in one piece with its expiry or security code fails Luhn as a whole: the prefix
 * of the issuer's length is tried, and what is glued to it goes with it.
 */

/** Prefix ranges and lengths (ISO/IEC 7812 issuer ranges as published by the schemes). */
const ISSUERS: ReadonlyArray<
  readonly [from: string, to: string, lengths: readonly number[], common: boolean]
> = [
  ['4', '4', [16, 13, 19], true],
  ['51', '55', [16], true],
  ['2221', '2720', [16], true],
  ['34', '34', [15], true],
  ['37', '37', [15], true],
  ['300', '305', [14], true],
  ['3095', '3095', [14], true],
  ['36', '36', [14], true],
  ['38', '39', [14], true],
  ['3528', '3589', [16, 17, 18, 19], true],
  ['6011', '6011', [16, 17, 18, 19], true],
  ['644', '649', [16, 17, 18, 19], true],
  ['65', '65', [16, 17, 18, 19], true],
  ['62', '62', [16, 17, 18, 19], true],
  ['81', '81', [16, 17, 18, 19], false],
  ['2200', '2204', [16], true],
  ['5018', '5018', [16, 12, 13, 14, 15, 17, 18, 19], true],
  ['5020', '5020', [16, 12, 13, 14, 15, 17, 18, 19], true],
  ['5038', '5038', [16, 12, 13, 14, 15, 17, 18, 19], true],
  ['5893', '5893', [16, 12, 13, 14, 15, 17, 18, 19], true],
  ['6304', '6304', [16, 12, 13, 14, 15, 17, 18, 19], true],
  ['6759', '6759', [16, 12, 13, 14, 15, 17, 18, 19], true],
  ['6761', '6763', [16, 12, 13, 14, 15, 17, 18, 19], true],
  ['50', '50', [16, 12, 13, 14, 15, 17, 18, 19], false],
  ['56', '58', [16, 12, 13, 14, 15, 17, 18, 19], false],
  ['60', '61', [16], false],
  ['63', '64', [16], false],
  ['66', '69', [16, 12, 13, 14, 15, 17, 18, 19], false],
];

interface Issuer {
  readonly lengths: readonly number[];
  /** Known well enough to be believed without context. */
  readonly common: boolean;
}

/** The issuer of each prefix of four digits, by its place in ISSUERS plus one; 0 for none. */
const issuerOfPrefix = new Uint8Array(10_000);
for (let prefix = 0; prefix < 10_000; prefix++) {
  const digits = String(prefix).padStart(4, '0');
  const found = ISSUERS.findIndex(([from, to]) => {
    const own = digits.slice(0, from.length);
    return own >= from && own <= to;
  });
  issuerOfPrefix[prefix] = found + 1;
}
const issuers: readonly Issuer[] = ISSUERS.map(([, , lengths, common]) => ({ lengths, common }));

function issuerOf(digits: string): Issuer | null {
  let prefix = 0;
  for (let i = 0; i < 4; i++) prefix = prefix * 10 + digits.charCodeAt(i) - 0x30;
  return issuers[(issuerOfPrefix[prefix] as number) - 1] ?? null;
}

/** The Luhn check over digits [0, length). */
export function passesLuhn(digits: string, length: number = digits.length): boolean {
  let sum = 0;
  for (let i = length - 1, double = false; i >= 0; i--, double = !double) {
    let digit = digits.charCodeAt(i) - 0x30;
    if (double) {
      digit *= 2;
      if (digit > 9) digit -= 9;
    }
    sum += digit;
  }
  return sum % 10 === 0;
}

const EXPIRY = '(?:0[1-9]|1[0-2])(?:2[0-9]|3[0-9]|4[0-9]|20[2-4][0-9])?';
const GLUED = new RegExp(`^(?:${EXPIRY}(?:\\d{3,4})?|\\d{3})$`);

export function cardAt(candidate: Candidate): { canonical: string; confidence: Confidence } | null {
  const { digits, cue } = candidate;
  if (digits.length < 12) return null;
  const issuer = issuerOf(digits);
  const named = (cue.kind & CARD_CUE) !== 0;
  if (!named && isInternational(candidate)) return null;
  if (issuer === null) return named ? mistyped(candidate) : null;
  if (isOnePiece(candidate) && digits.length > 15) {
    const glued = gluedCard(digits, issuer);
    if (glued !== null && !isOther(candidate)) return { canonical: glued, confidence: PROVEN };
  }
  const glued = gluedToLastGroup(candidate, issuer);
  if (glued !== null && !isOther(candidate)) return { canonical: glued, confidence: PROVEN };
  if (digits.length > 19) return null;
  if (!issuer.lengths.includes(digits.length) || !passesLuhn(digits))
    return named ? mistyped(candidate) : null;
  if (!named) {
    if (isOther(candidate) || isTied(candidate)) return null;
    if (!issuer.common || !isCardGrouping(candidate)) return null;
    if (candidate.inner > candidate.outer && candidate.inner > LOOSE && !isBeforeExpiry(candidate))
      return null;
    // Read out digit by digit inside a longer run: every offset looks alike, so only the whole run counts.
    if (isReadOut(candidate) && !isIsolated(candidate)) return null;
  }
  return { canonical: digits, confidence: PROVEN };
}

/** Written with '+', and no longer than a telephone number may be (E.164): it is one, whatever its check digit says. */
function isInternational({ context, from, digits }: Candidate): boolean {
  return (context.items[from] as RunItem).plus !== -1 && digits.length <= 15;
}

/** "tracking 4111...": named directly before, or asked for, and not written in a card's groups. */
function isOther(candidate: Candidate): boolean {
  const { cue } = candidate;
  if ((cue.kind & OTHER_CUE) === 0 || (cue.kind & CARD_CUE) !== 0) return false;
  if (cue.source === 'right') return false;
  return cue.distance <= 2 && candidate.to - candidate.from < 2;
}

function mistyped(candidate: Candidate): { canonical: string; confidence: Confidence } | null {
  const { digits, cue } = candidate;
  if (digits.length < 13 || digits.length > 19 || !isIsolated(candidate) || cue.distance > 3) return null;
  if (cue.source === 'right' || issuerOf(digits) === null) return null;
  return { canonical: digits, confidence: CONTEXT };
}

function gluedCard(digits: string, issuer: Issuer): string | null {
  for (const length of issuer.lengths) {
    if (length >= digits.length || length < 14) continue;
    if (!passesLuhn(digits, length) || !GLUED.test(digits.slice(length))) continue;
    // A longer card of the same issuer that is valid as a whole is believed before a glued one.
    if (issuer.lengths.includes(digits.length) && passesLuhn(digits) && length !== issuer.lengths[0])
      continue;
    return digits.slice(0, length);
  }
  return null;
}

/** "6304-1263-2057-86130628": the expiry glued to the last group of a card in fours. */
function gluedToLastGroup(candidate: Candidate, issuer: Issuer): string | null {
  const { digits, from, to } = candidate;
  const { items } = candidate.context;
  const length = issuer.lengths[0] as number;
  const extra = digits.length - length;
  if (to - from < 2 || (extra !== 4 && extra !== 3 && extra !== 7)) return null;
  if ((items[to] as RunItem).digits.length <= extra || !issuer.common || isTied(candidate)) return null;
  for (let i = from; i < to; i++)
    if ((items[i] as RunItem).spoken || (items[i] as RunItem).digits.length < 4) return null;
  return passesLuhn(digits, length) && GLUED.test(digits.slice(length)) ? digits.slice(0, length) : null;
}

/** "6011, 0926, 0601, 2319 01 33": what goes on behind a whole card is its month. */
function isBeforeExpiry(candidate: Candidate): boolean {
  const { items } = candidate.context;
  const month = items[candidate.to + 1];
  return candidate.before > LOOSE && month !== undefined && /^(?:0[1-9]|1[0-2])$/.test(month.digits);
}

function isCardGrouping(candidate: Candidate): boolean {
  const { items } = candidate.context;
  if (isOnePiece(candidate) || isReadOut(candidate)) return true;
  const lengths: number[] = [];
  for (let i = candidate.from; i <= candidate.to; i++) lengths.push((items[i] as RunItem).digits.length);
  const shape = lengths.join('-');
  if (
    shape === '4-6-5' ||
    shape === '4-6-4' ||
    shape === '8-8' ||
    shape === '6-4-6' ||
    shape === '4-6-6' ||
    shape === '6-13'
  )
    return true;
  return lengths.every((length, i) => length === 4 || (i === lengths.length - 1 && length < 4));
}
