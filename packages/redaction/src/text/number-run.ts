import { entriesOf, flagsOfEntry, numberOfEntry } from '../words/lexicon.ts';
import {
  AND,
  ANY_LANGUAGE,
  CORRECTION,
  DE,
  EN,
  ES,
  FILLER,
  FR,
  GLUE,
  INTERJECTION,
  NO_LOCAL_PART,
  NUMBER,
  NUMBER_WORD,
  type NumberWord,
  OTHER_CUE,
  PLUS,
  SEPARATOR,
} from '../words/word-flags.ts';
import {
  DIGITS,
  HARD_BREAK,
  MIXED,
  NEW_LINE,
  PUNCTUATION,
  REDACTED,
  SOFT_BREAK,
  TIGHT,
  type TokenStream,
  WORD,
} from './lexer.ts';

/**
 * How strongly two neighbouring groups are held apart. A value does not reach over a gap that is stronger than
 * those inside it, unless a checksum or the context proves it.
 */
const JOINED = 1; // one space, one "-", a filler
export const LOOSE = 2; // " - "
export const LISTED = 3; // ", ", ". ", "dash", a line end
export const LINKED = 4; // "and"
export const BROKEN = 5; // the next phrase of the same speaker
const TALKED = 6; // the next phrase, and words in it that belong to no number: "it took"
export const CORRECTED = 7; // "sorry", "no wait"
export const OUTSIDE = 9; // the edge of the run

/** Longer runs are cut here: no value has as many groups, and the search stays linear. */
const MAX_ITEMS = 256;
const MAX_GAP_TOKENS = 12;

/** "let me see", "you know", "hold on", "alors": a speaker who looks for the rest of a number. */
const HESITATION = entriesOf(
  'let me see check you know i mean think hold on so also alors donc bon voila puis na bueno digamos',
);

/** One group of digits: typed, or the words of one number. */
export interface RunItem {
  /** Tokens [first, last] of the stream. */
  readonly first: number;
  readonly last: number;
  /** Digits it contributes; empty for a trunk "(0)" behind a country code. */
  readonly digits: string;
  readonly spoken: boolean;
  /** Strength of the gap before it; OUTSIDE for the first. */
  readonly gap: number;
  /** The one character in a tight gap before it, 0x20 for a space, 0 for anything else. */
  readonly gapCharacter: number;
  /** '+' (or "plus") before it, as token index, or -1. */
  readonly plus: number;
  /** Opening bracket before it, as token index, or -1. */
  readonly bracket: number;
  /** Part of a date, an amount, an IP address, a coordinate: never part of a value. Set by the vetoes. */
  dead: boolean;
  /** Hangs on letters by a hyphen or the like: "72-8222-7605-C". Set by the vetoes. */
  tied: boolean;
}

export interface NumberRun {
  readonly items: RunItem[];
  /** The token behind the run. */
  readonly next: number;
}

interface ReadNumber {
  readonly digits: string;
  readonly last: number;
  readonly languages: number;
  readonly spoken: boolean;
}

/** Whether a run may begin at a token. */
export function startsNumber(stream: TokenStream, at: number): boolean {
  const type = stream.type[at] as number;
  if (type === DIGITS) return true;
  if (type === WORD) return (flagsOfEntry(stream.info[at] as number) & NUMBER) !== 0;
  return type === MIXED;
}

/**
 * Reads the run of digits and number words that begins at a token.
 * @returns null when the token begins no number
 */
export function readRun(stream: TokenStream, text: string, from: number): NumberRun | null {
  const items: RunItem[] = [];
  let at = from;
  let languages = ANY_LANGUAGE;
  let gap: Gap = { next: from, strength: OUTSIDE, character: 0 };
  while (items.length < MAX_ITEMS) {
    const number = readNumber(stream, text, at, languages, items.length > 0);
    if (number === null) break;
    languages &= number.languages;
    const bracket = bracketBefore(stream, at);
    const plus = plusBefore(stream, bracket === -1 ? at : bracket, items.length === 0);
    items.push({
      first: at,
      last: number.last,
      digits: isTrunkZero(stream, number, at, items) ? '' : number.digits,
      spoken: number.spoken,
      gap: gap.strength,
      gapCharacter: gap.character,
      plus,
      bracket,
      dead: false,
      tied: false,
    });
    at = number.last + 1;
    const next = isListMark(stream, number) ? null : readGap(stream, at, languages);
    if (next === null) break;
    gap = next;
    at = next.next;
  }
  const last = items[items.length - 1];
  return last === undefined ? null : { items, next: last.last + 1 };
}

/** "2) 212 ...": a number of a list, closed by a bracket that nothing opened. */
function isListMark(stream: TokenStream, number: ReadNumber): boolean {
  const { last, digits, spoken } = number;
  if (spoken || digits.length > 2 || last + 1 >= stream.size || !isPunctuation(stream, last + 1, 0x29))
    return false;
  const isOpened = isPunctuation(stream, last - 1, 0x28) || isPunctuation(stream, last - 2, 0x28);
  return stream.space[last + 1] === TIGHT && !isOpened && (last === 0 || stream.type[last - 1] !== DIGITS);
}

/** "+44 (0)20": the zero in brackets is dialled at home only. */
function isTrunkZero(stream: TokenStream, number: ReadNumber, at: number, items: RunItem[]): boolean {
  if (number.digits !== '0' || items.length === 0 || items.length > 2) return false;
  const next = number.last + 1;
  return (
    isPunctuation(stream, at - 1, 0x28) &&
    next < stream.size &&
    isPunctuation(stream, next, 0x29) &&
    (items[0] as RunItem).digits.length <= 5
  );
}

function isPunctuation(stream: TokenStream, at: number, code: number): boolean {
  return at >= 0 && stream.type[at] === PUNCTUATION && stream.info[at] === code;
}

function bracketBefore(stream: TokenStream, at: number): number {
  const before = at - 1;
  if (before < 0 || stream.type[before] !== PUNCTUATION || stream.space[at] === NEW_LINE) return -1;
  const code = stream.info[before];
  return code === 0x28 || code === 0x5b || code === 0x7b ? before : -1;
}

function plusBefore(stream: TokenStream, at: number, isFirst: boolean): number {
  let before = at - 1;
  if (before < 0) return -1;
  if (isPunctuation(stream, before, 0x28) && isPunctuation(stream, before - 1, 0x2b)) before--;
  if (isPunctuation(stream, before, 0x2b)) {
    return isTightBetween(stream, before) || isTightBehindThing(stream, before) ? -1 : before;
  }
  if (isFirst && stream.type[before] === WORD && (flagsOfEntry(stream.info[before] as number) & PLUS) !== 0) {
    return before;
  }
  return -1;
}

/** "212+555+2279", "2.8.1+1218": a sign between groups, touching both, is no beginning of a number. */
function isTightBetween(stream: TokenStream, sign: number): boolean {
  const before = sign - 1;
  const behind = sign + 1;
  if (before < 0 || behind >= stream.size) return false;
  const isDigits = stream.type[before] === DIGITS && stream.type[behind] === DIGITS;
  return isDigits && stream.space[sign] === TIGHT && stream.space[behind] === TIGHT;
}

/** "zip+4": the sign hangs on a word that names another thing. */
function isTightBehindThing(stream: TokenStream, sign: number): boolean {
  const before = sign - 1;
  if (before < 0 || stream.space[sign] !== TIGHT || stream.type[before] !== WORD) return false;
  return (flagsOfEntry(stream.info[before] as number) & OTHER_CUE) !== 0;
}

/** "541:30:5263", but no time, no port: the colon touches both groups, and one of them is too long for a time. */
export function isColonBetweenGroups(stream: TokenStream, colon: number): boolean {
  if (!isTightBetween(stream, colon)) return false;
  const lengthOf = (at: number): number => (stream.end[at] as number) - (stream.start[at] as number);
  const [before, behind] = [lengthOf(colon - 1), lengthOf(colon + 1)];
  return before >= 2 && before <= 4 && behind >= 2 && behind <= 4 && Math.max(before, behind) > 2;
}

/** The number that begins at a token, in a language of the mask. */
function readNumber(
  stream: TokenStream,
  text: string,
  at: number,
  languages: number,
  inRun: boolean,
): ReadNumber | null {
  if (at >= stream.size) return null;
  const type = stream.type[at];
  if (type === DIGITS) {
    const digits = text.slice(stream.start[at] as number, stream.end[at] as number);
    return { digits, last: at, languages: ANY_LANGUAGE, spoken: false };
  }
  if (type === MIXED) return readLookalike(stream, text, at, inRun);
  if (type !== WORD) return null;
  const word = numberAt(stream, at, languages);
  return word === null ? null : readWords(stream, text, at, word, languages, inRun);
}

const LOOKALIKE = /^[0-9oOlI]{2,12}$/;

/** "O155", "4l5": letters that stand for digits, only where digits stand around them. */
function readLookalike(stream: TokenStream, text: string, at: number, inRun: boolean): ReadNumber | null {
  const start = stream.start[at] as number;
  const end = stream.end[at] as number;
  if (end - start > 12) return null;
  const piece = text.slice(start, end);
  if (!LOOKALIKE.test(piece)) return null;
  const digits = piece.replace(/[oO]/g, '0').replace(/[lI]/g, '1');
  let letters = 0;
  for (let i = 0; i < piece.length; i++) if (piece.charCodeAt(i) > 0x39) letters++;
  if (letters * 2 > piece.length) return null;
  const next = at + 2;
  const digitsFollow =
    next < stream.size &&
    stream.type[at + 1] === PUNCTUATION &&
    stream.type[next] === DIGITS &&
    stream.space[next] === TIGHT;
  const spacedDigitsFollow = at + 1 < stream.size && stream.type[at + 1] === DIGITS;
  if (!inRun && !digitsFollow && !spacedDigitsFollow) return null;
  return { digits, last: at, languages: ANY_LANGUAGE, spoken: false };
}

function numberAt(stream: TokenStream, at: number, languages: number): NumberWord | null {
  if (at >= stream.size || stream.type[at] !== WORD) return null;
  const number = numberOfEntry(stream.info[at] as number);
  return number !== null && (number.languages & languages) !== 0 ? number : null;
}

/** The next number word behind a token, over a space or a tight hyphen; -1 if another thing stands there. */
function nextWord(stream: TokenStream, after: number, languages: number): number {
  let at = after + 1;
  if (isPunctuation(stream, at, 0x2d) && stream.space[at] === TIGHT) at++;
  return numberAt(stream, at, languages) === null ? -1 : at;
}

function isAnd(stream: TokenStream, at: number): boolean {
  return (
    at < stream.size && stream.type[at] === WORD && (flagsOfEntry(stream.info[at] as number) & AND) !== 0
  );
}

/** Behind "treinta", "vingt", "two hundred": the index of the number word that follows "y", "et", "and", or -1. */
function nextBehindAnd(stream: TokenStream, after: number, languages: number): number {
  let at = after + 1;
  if (isPunctuation(stream, at, 0x2d)) at++;
  if (!isAnd(stream, at)) return -1;
  at++;
  if (isPunctuation(stream, at, 0x2d)) at++;
  return numberAt(stream, at, languages) === null ? -1 : at;
}

function isFiller(stream: TokenStream, at: number): boolean {
  return (
    at < stream.size && stream.type[at] === WORD && (flagsOfEntry(stream.info[at] as number) & FILLER) !== 0
  );
}

function readWords(
  stream: TokenStream,
  text: string,
  at: number,
  word: NumberWord,
  allowed: number,
  inRun: boolean,
): ReadNumber | null {
  const languages = word.languages & allowed;
  const spoken = (digits: string, last: number): ReadNumber => ({ digits, last, languages, spoken: true });
  switch (word.kind) {
    case 'repeat': {
      const next = nextWord(stream, at, languages);
      if (next !== -1) {
        const repeated = numberAt(stream, next, languages) as NumberWord;
        if (repeated.kind === 'digit') return spoken(String(repeated.value).repeat(word.value), next);
        // "double fifty": the pair is said twice.
        if (repeated.kind === 'teen' || repeated.kind === 'tens')
          return spoken(String(repeated.value).repeat(word.value), next);
      }
      const digit = at + 1;
      if (digit < stream.size && stream.type[digit] === DIGITS) {
        const start = stream.start[digit] as number;
        if ((stream.end[digit] as number) - start === 1)
          return spoken(text.charAt(start).repeat(word.value), digit);
      }
      return null;
    }
    case 'hundred':
    case 'thousand':
      return inRun ? spoken(word.kind === 'hundred' ? '00' : '000', at) : null;
    case 'hundreds':
      return spoken(...addBelow(stream, at, word.value, 100, languages));
    case 'tens':
    case 'teen':
    case 'digit':
      break;
  }
  // "oh" opens a number only where a number word follows at once: "oh, five" is an interjection.
  if (!inRun && word.value === 0 && (stream.end[at] as number) - (stream.start[at] as number) <= 2) {
    let next = at + 1;
    while (isFiller(stream, next)) next++;
    const follows =
      nextWord(stream, next - 1, languages) !== -1 || (next < stream.size && stream.type[next] === DIGITS);
    if (!follows) return null;
  }
  let [digits, last] = readBelowHundred(stream, at, word, languages);
  const scale = nextWord(stream, last, languages);
  if (scale !== -1) {
    const scaleWord = numberAt(stream, scale, languages) as NumberWord;
    if (scaleWord.kind === 'hundred' && digits.length <= 2) {
      [digits, last] = addBelow(stream, scale, Number(digits) * 100, 100, languages);
    } else if (scaleWord.kind === 'thousand' && digits.length <= 3) {
      [digits, last] = [`${digits}000`, scale];
    }
  }
  return spoken(digits, last);
}

/** A tens word with its units, by the habits of each language. */
function readBelowHundred(
  stream: TokenStream,
  at: number,
  word: NumberWord,
  languages: number,
): [digits: string, last: number] {
  if (word.kind === 'digit') {
    const next = nextWord(stream, at, languages);
    if ((languages & FR) !== 0 && word.value === 4 && next !== -1) {
      const twenty = numberAt(stream, next, FR);
      if (twenty !== null && twenty.value === 20) return frenchUnits(stream, next, 80);
    }
    if ((languages & DE) !== 0 && word.value > 0) {
      const tens = nextBehindAnd(stream, at, DE);
      const tensWord = tens === -1 ? null : numberAt(stream, tens, DE);
      if (tensWord?.kind === 'tens') return [String(tensWord.value + word.value), tens];
    }
    return [String(word.value), at];
  }
  if (word.kind === 'teen') {
    // dix-sept, dix-huit, dix-neuf
    const next = word.value === 10 && (languages & FR) !== 0 ? nextWord(stream, at, FR) : -1;
    const unit = next === -1 ? null : numberAt(stream, next, FR);
    if (unit !== null && unit.kind === 'digit' && unit.value >= 7) return [String(10 + unit.value), next];
    return [String(word.value), at];
  }
  if ((languages & FR) !== 0 && (word.languages & FR) !== 0) return frenchUnits(stream, at, word.value);
  let next = nextWord(stream, at, languages);
  if (next === -1 && (languages & ES) !== 0) next = nextBehindAnd(stream, at, ES);
  const unit = next === -1 ? null : numberAt(stream, next, languages);
  if (unit !== null && unit.kind === 'digit' && unit.value > 0)
    return [String(word.value + unit.value), next];
  return [String(word.value), at];
}

/** vingt et un, soixante-dix-sept, quatre-vingt-onze */
function frenchUnits(stream: TokenStream, at: number, tens: number): [digits: string, last: number] {
  let next = nextWord(stream, at, FR);
  if (next === -1) next = nextBehindAnd(stream, at, FR);
  const unit = next === -1 ? null : numberAt(stream, next, FR);
  if (unit === null) return [String(tens), at];
  // "trente quatre-vingt-douze" is 30 and 92.
  if (unit.kind === 'digit' && unit.value === 4 && tens < 80) {
    const twenty = nextWord(stream, next, FR);
    if (twenty !== -1 && numberAt(stream, twenty, FR)?.value === 20) return [String(tens), at];
  }
  if (unit.kind === 'digit' && unit.value > 0) return [String(tens + unit.value), next];
  if (unit.kind === 'teen' && unit.value < 20 && (tens === 60 || tens === 80)) {
    const [digits, last] = readBelowHundred(stream, next, unit, FR);
    return [String(tens + Number(digits)), last];
  }
  return [String(tens), at];
}

/**
 * What follows a whole hundred: "two hundred (and) twelve", "seiscientos doce". In English a single digit is added
 * only behind "and": "eight hundred five five five" is a toll-free number.
 */
function addBelow(
  stream: TokenStream,
  at: number,
  base: number,
  limit: number,
  languages: number,
): [digits: string, last: number] {
  const direct = nextWord(stream, at, languages);
  const next = direct === -1 ? nextBehindAnd(stream, at, languages) : direct;
  const word = next === -1 ? null : numberAt(stream, next, languages);
  if (
    word === null ||
    word.kind === 'hundred' ||
    word.kind === 'thousand' ||
    word.kind === 'repeat' ||
    word.kind === 'hundreds'
  ) {
    return [String(base), at];
  }
  if (word.kind === 'digit' && direct !== -1 && (languages & EN) !== 0) return [String(base), at];
  if (word.value === 0) return [String(base), at];
  const [digits, last] = readBelowHundred(stream, next, word, languages);
  return Number(digits) < limit ? [String(base + Number(digits)), last] : [String(base), at];
}

interface Gap {
  readonly next: number;
  readonly strength: number;
  readonly character: number;
}

/** "and then": the same number goes on, where "and" alone may lead to another. */
function isAndThen(stream: TokenStream, and: number): boolean {
  const next = and + 1;
  if (next >= stream.size || stream.type[next] !== WORD) return false;
  return (flagsOfEntry(stream.info[next] as number) & SEPARATOR) !== 0;
}

/** The gap between an item and the next; null when the run ends. */
function readGap(stream: TokenStream, from: number, languages: number): Gap | null {
  let at = from;
  let strength = 0;
  let punctuation = 0;
  let character = 0;
  let words = 0;
  let loose = false;
  let broken = false;
  let corrected = false;
  let needsReason = false;
  let bracketed = false;
  let listed = false;
  for (let count = 0; count < MAX_GAP_TOKENS; count++) {
    if (at >= stream.size) return null;
    const type = stream.type[at] as number;
    if (type === HARD_BREAK || type === REDACTED) return null;
    if (stream.space[at] === NEW_LINE && count > 0 && type !== SOFT_BREAK && !broken)
      strength = Math.max(strength, LISTED);
    if (type === DIGITS || type === MIXED || (type === WORD && numberAt(stream, at, languages) !== null)) {
      if (needsReason && !corrected && !broken) return null;
      const spaced = stream.space[at] !== TIGHT;
      if (stream.space[at] === NEW_LINE && !broken) strength = Math.max(strength, LISTED);
      if (corrected) return { next: at, strength: CORRECTED, character: 0 };
      if (broken) return { next: at, strength: needsReason ? TALKED : BROKEN, character: 0 };
      if (punctuation === 0 && words === 0) {
        return { next: at, strength: Math.max(JOINED, strength), character: spaced ? 0x20 : 0 };
      }
      if (punctuation === 1 && words === 0 && !spaced && !loose) {
        return { next: at, strength: Math.max(JOINED, strength), character };
      }
      // ") " and ")-" hold a number's groups together as a space does.
      const isList = listed || character === 0x2c || character === 0x3b;
      if (punctuation > 0) strength = Math.max(strength, isList ? LISTED : bracketed ? JOINED : LOOSE);
      return { next: at, strength: Math.max(JOINED, strength), character: 0 };
    }
    if (type === SOFT_BREAK) {
      if (broken) return null;
      broken = true;
    } else if (type === PUNCTUATION) {
      const code = stream.info[at] as number;
      if (stream.space[at] !== TIGHT) loose = true;
      switch (code) {
        case 0x2b: {
          if (isTightBetween(stream, at)) break;
          // A plus opens another number, except in "(+".
          const isNext = at + 1 < stream.size && stream.type[at + 1] === DIGITS;
          if (!isNext) return null;
          strength = Math.max(strength, LISTED);
          break;
        }
        case 0x2e:
        case 0x2c:
        case 0x3b: {
          listed ||= code !== 0x2e;
          const nextSpaced = at + 1 < stream.size && stream.space[at + 1] !== TIGHT;
          if (nextSpaced || (punctuation > 0 && character === code)) strength = Math.max(strength, LISTED);
          break;
        }
        case 0x21:
        case 0x3f: // "555?" goes on only in the next phrase
          needsReason = true;
          break;
        case 0x28:
        case 0x29:
        case 0x5b:
        case 0x5d:
        case 0x7b:
        case 0x7d:
          bracketed = true;
          break;
        case 0x2d:
        case 0x2f:
        case 0x5c:
        case 0x5f:
        case 0x2a:
        case 0x7e:
        case 0x7c:
        case 0x27:
        case 0x3e:
        case 0x3c:
        case 0x3d:
        case 0x22:
          break;
        case 0x23:
          listed = true;
          break;
        case 0x3a:
          if (!isColonBetweenGroups(stream, at)) return null;
          break;
        default:
          return null;
      }
      character = code;
      punctuation++;
      if (punctuation > 5) return null;
    } else if (type === WORD) {
      const flags = flagsOfEntry(stream.info[at] as number);
      words++;
      if (words > 6) return null;
      if ((flags & CORRECTION) !== 0) corrected = true;
      else if ((flags & FILLER) !== 0) strength = Math.max(strength, JOINED);
      else if ((flags & SEPARATOR) !== 0) strength = Math.max(strength, LISTED);
      else if ((flags & AND) !== 0) strength = Math.max(strength, isAndThen(stream, at) ? LISTED : LINKED);
      else if (HESITATION.has(stream.info[at] as number)) strength = Math.max(strength, LISTED);
      else if ((flags & OTHER_CUE) !== 0 && (flags & GLUE) === 0) return null;
      else if ((flags & (INTERJECTION | GLUE | NUMBER_WORD | NO_LOCAL_PART)) !== 0) needsReason = true;
      else return null;
    }
    at++;
  }
  return null;
}
