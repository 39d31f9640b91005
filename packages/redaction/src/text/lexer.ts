import { addToHash, entryOfHash, flagsOfEntry, HASH_SEED, normalLetter } from '../words/lexicon.ts';
import {
  AT,
  CARD_CUE,
  DOT,
  EXTENSION,
  MAIL_PROVIDER,
  NUMBER,
  PHONE_CUE,
  SSN_CUE,
} from '../words/word-flags.ts';

/** Token types. */
export const WORD = 1;
/** ASCII digits only. */
export const DIGITS = 2;
/** Letters and digits in one piece: a part number, "5pm". */
export const MIXED = 3;
export const PUNCTUATION = 4;
/** End of a phrase, the same speaker goes on (perhaps behind an interjection). */
export const SOFT_BREAK = 5;
/** End of a phrase, nothing continues over it. */
export const HARD_BREAK = 6;
/** A token that an earlier redaction put there. */
export const REDACTED = 7;
/** `info` of a REDACTED token that stands for a mail address or an IBAN. */
export const ADDRESS_TOKEN = 1;

/** What stands before a token. */
export const TIGHT = 0;
const SPACED = 1;
export const NEW_LINE = 2;

const OTHER_CLASS = 0;
const LETTER_CLASS = 1;
const DIGIT_CLASS = 2;
const SPACE_CLASS = 3;
const LINE_CLASS = 4;
/** Letters of scripts written without spaces: they end a piece, digits beside them are digits. */
const UNSPACED_CLASS = 5;
/** Needs the folded copy. */
const FOLD_CLASS = 6;

const classes = new Uint8Array(256);
for (let code = 0; code < 256; code++) {
  if ((code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a)) classes[code] = LETTER_CLASS;
  else if (code >= 0x30 && code <= 0x39) classes[code] = DIGIT_CLASS;
  else if (code === 0x20 || code === 0x09) classes[code] = SPACE_CLASS;
  else if (code >= 0x0a && code <= 0x0d) classes[code] = LINE_CLASS;
  else if (code >= 0xc0 && code !== 0xd7 && code !== 0xf7) classes[code] = LETTER_CLASS;
  else if (code >= 0x80 && code < 0xc0) classes[code] = FOLD_CLASS;
}

function classOfHigh(code: number): number {
  if (code < 0xe00) return LETTER_CLASS;
  if (code < 0x1e00) return UNSPACED_CLASS;
  if (code < 0x2000) return LETTER_CLASS;
  if (code < 0x3040) return OTHER_CLASS;
  if (code >= 0xd800 && code < 0xe000) return OTHER_CLASS;
  return UNSPACED_CLASS;
}

const EARLIER_TOKEN = /[A-Z][A-Z0-9_]{1,31}-(?:[A-Za-z0-9_]{1,32}\.)?[0-9a-f]{16,64}(?![a-z0-9])/y;

/**
 * The tokens of a text, in columns. One object is reused for many texts, its columns grow and never shrink below
 * what the largest text needed.
 */
export class TokenStream {
  size = 0;
  type = new Uint8Array(256);
  start = new Int32Array(256);
  end = new Int32Array(256);
  /** WORD: lexicon entry (0 = unknown). PUNCTUATION: character code. Breaks: index of the phrase that ends. */
  info = new Int32Array(256);
  space = new Uint8Array(256);
  /** Digits, number words and signs of an address seen so far: none means there is nothing to find. */
  digitCount = 0;
  numberWordCount = 0;
  signCount = 0;
  /** The word "at", and what a domain behind it would need: a dot inside a word, a spoken dot, a provider's name. */
  atWordCount = 0;
  domainCount = 0;

  clear(): void {
    this.size = 0;
    this.digitCount = 0;
    this.numberWordCount = 0;
    this.signCount = 0;
    this.atWordCount = 0;
    this.domainCount = 0;
  }

  push(type: number, start: number, end: number, info: number, space: number): void {
    const at = this.size;
    if (at === this.type.length) this.grow();
    this.type[at] = type;
    this.start[at] = start;
    this.end[at] = end;
    this.info[at] = info;
    this.space[at] = space;
    this.size = at + 1;
  }

  private grow(): void {
    const capacity = this.type.length * 2;
    const type = new Uint8Array(capacity);
    type.set(this.type);
    this.type = type;
    const space = new Uint8Array(capacity);
    space.set(this.space);
    this.space = space;
    for (const column of ['start', 'end', 'info'] as const) {
      const larger = new Int32Array(capacity);
      larger.set(this[column]);
      this[column] = larger;
    }
  }
}

/**
 * Cuts text[from, to) into tokens and appends them.
 * @param folded whether the text is a folded copy already
 * @returns false when the text must be folded first; the stream then holds rubbish behind its former size
 */
export function lex(stream: TokenStream, text: string, from: number, to: number, folded: boolean): boolean {
  let at = from;
  let space = NEW_LINE;
  while (at < to) {
    const code = text.charCodeAt(at);
    let kind = code < 256 ? (classes[code] as number) : folded ? classOfHigh(code) : FOLD_CLASS;
    if (kind === FOLD_CLASS) {
      if (!folded) return false;
      kind = OTHER_CLASS;
    }
    switch (kind) {
      case SPACE_CLASS:
        if (space === TIGHT) space = SPACED;
        at++;
        break;
      case LINE_CLASS:
        space = NEW_LINE;
        at++;
        break;
      case LETTER_CLASS:
      case DIGIT_CLASS: {
        const start = at;
        let hash = HASH_SEED;
        let letters = 0;
        let digits = 0;
        while (at < to) {
          const next = text.charCodeAt(at);
          const nextKind = next < 256 ? (classes[next] as number) : folded ? classOfHigh(next) : FOLD_CLASS;
          if (nextKind === LETTER_CLASS) {
            const letter = next < 0x80 ? next | 0x20 : normalLetter(next);
            if (letter !== 0) hash = addToHash(hash, letter);
            letters++;
          } else if (nextKind === DIGIT_CLASS) {
            digits++;
          } else if (next === 0x27 && digits === 0 && isLetterAt(text, at + 1, to)) {
            // "it's", "d'accord": one word, the apostrophe leaves no trace in the hash.
          } else {
            if (nextKind === FOLD_CLASS && !folded) return false;
            break;
          }
          at++;
        }
        if (digits === 0) {
          const entry = entryOfHash(hash);
          const flags = entry === 0 ? 0 : flagsOfEntry(entry);
          if ((flags & (NUMBER | AT | DOT | MAIL_PROVIDER)) !== 0) {
            if ((flags & NUMBER) !== 0) stream.numberWordCount++;
            if ((flags & AT) !== 0) stream.atWordCount++;
            if ((flags & (DOT | MAIL_PROVIDER)) !== 0) stream.domainCount++;
          }
          stream.push(WORD, start, at, entry, space);
        } else if (letters === 0) {
          stream.digitCount += digits;
          stream.push(DIGITS, start, at, 0, space);
        } else {
          pushMixed(stream, text, start, at, digits, space);
        }
        space = TIGHT;
        break;
      }
      default: {
        if (!folded && (code === 0x26 || code === 0x25) && isEscape(text, at, to)) return false;
        if (code === 0x2d && stream.size > 0 && space === TIGHT) {
          const end = earlierTokenEnd(stream, text, at, to);
          if (end !== -1) {
            at = end;
            space = TIGHT;
            break;
          }
          const behindId = idEnd(stream, text, at, to);
          if (behindId !== -1) {
            at = behindId;
            space = TIGHT;
            break;
          }
        }
        if (code === 0x40) stream.signCount++;
        else if (code === 0x2e && at + 1 < to && !isSpaceAt(text, at + 1)) stream.domainCount++;
        stream.push(
          kind === UNSPACED_CLASS ? WORD : PUNCTUATION,
          at,
          at + 1,
          kind === UNSPACED_CLASS ? 0 : code,
          space,
        );
        space = TIGHT;
        at++;
      }
    }
  }
  return true;
}

function isSpaceAt(text: string, at: number): boolean {
  return text.charCodeAt(at) <= 0x20;
}

function isLetterAt(text: string, at: number, to: number): boolean {
  if (at >= to) return false;
  const code = text.charCodeAt(at);
  return code < 256 && classes[code] === LETTER_CLASS;
}

/** Whether `&` or `%` may open an escape that folding decodes. */
function isEscape(text: string, at: number, to: number): boolean {
  if (at + 2 >= to) return false;
  const next = text.charCodeAt(at + 1);
  if (text.charCodeAt(at) === 0x25) return next >= 0x32 && next <= 0x35;
  return next === 0x23 || (next >= 0x61 && next <= 0x7a);
}

const LONGEST_TYPE = 32;

/** At a '-' behind a type's name: the end of an earlier redaction's token, or -1. Replaces the name's tokens. */
function earlierTokenEnd(stream: TokenStream, text: string, at: number, to: number): number {
  let name = at;
  while (name > 0 && at - name < LONGEST_TYPE && isTypeCharacter(text.charCodeAt(name - 1))) name--;
  while (name < at && !isCapital(text.charCodeAt(name))) name++;
  if (at - name < 2) return -1;
  EARLIER_TOKEN.lastIndex = name;
  if (!EARLIER_TOKEN.test(text)) return -1;
  const end = EARLIER_TOKEN.lastIndex;
  if (end > to || end <= at) return -1;
  let space = TIGHT;
  while (stream.size > 0 && (stream.end[stream.size - 1] as number) > name) {
    const last = stream.size - 1;
    if ((stream.start[last] as number) < name) {
      // "telPHONE-...": what stands before the name stays a word.
      stream.end[last] = name;
      stream.info[last] = 0;
      stream.type[last] = WORD;
      break;
    }
    space = stream.space[last] as number;
    stream.size = last;
  }
  const isAddress = text.startsWith('EMAIL', name) || text.startsWith('IBAN', name);
  stream.push(REDACTED, name, end, isAddress ? ADDRESS_TOKEN : 0, space);
  return end;
}

const UUID_BEHIND_FIRST_GROUP = /-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9a-z])/iy;

/**
 * At a '-' behind the first group of a UUID: its end, or -1. Its token becomes an unknown word: none of its groups, which may be digits
 * only, is a number.
 */
function idEnd(stream: TokenStream, text: string, at: number, to: number): number {
  const last = stream.size - 1;
  const start = stream.start[last] as number;
  if (at - start !== 8 || (stream.end[last] as number) !== at || !isHex(text, start, at)) return -1;
  UUID_BEHIND_FIRST_GROUP.lastIndex = at;
  if (!UUID_BEHIND_FIRST_GROUP.test(text) || UUID_BEHIND_FIRST_GROUP.lastIndex > to) return -1;
  const end = UUID_BEHIND_FIRST_GROUP.lastIndex;
  stream.type[last] = WORD;
  stream.info[last] = 0;
  stream.end[last] = end;
  return end;
}

function isHex(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    const isDigit = code >= 0x30 && code <= 0x39;
    const letter = code | 0x20;
    if (!isDigit && !(letter >= 0x61 && letter <= 0x66)) return false;
  }
  return true;
}

function isCapital(code: number): boolean {
  return code >= 0x41 && code <= 0x5a;
}

function isTypeCharacter(code: number): boolean {
  return isCapital(code) || code === 0x5f || (code >= 0x30 && code <= 0x39);
}

const WITH_EXTENSION = /^(\d+)(x|ext)(\d{1,6})$/i;
const CUE_THEN_DIGITS = /^(\D+)(\d+)$/;

/**
 * Letters and digits in one piece. Two of them are taken apart: a cue glued to its number ("tel4155552671"), and a
 * number glued to its extension ("2671x12").
 */
function pushMixed(
  stream: TokenStream,
  text: string,
  start: number,
  end: number,
  digits: number,
  space: number,
): void {
  stream.digitCount += digits;
  if (end - start <= 40) {
    const piece = text.slice(start, end);
    const extension = WITH_EXTENSION.exec(piece);
    if (extension !== null) {
      const wordAt = start + (extension[1] as string).length;
      const behind = wordAt + (extension[2] as string).length;
      stream.push(DIGITS, start, wordAt, 0, space);
      stream.push(WORD, wordAt, behind, entryOf(extension[2] as string), TIGHT);
      stream.push(DIGITS, behind, end, 0, TIGHT);
      return;
    }
    const cue = CUE_THEN_DIGITS.exec(piece);
    if (cue !== null) {
      const entry = entryOf(cue[1] as string);
      // Two letters are too often the beginning of a reference ("PH03...").
      const flags = flagsOfEntry(entry);
      const isCue = (flags & (PHONE_CUE | SSN_CUE | CARD_CUE)) !== 0 && (cue[1] as string).length >= 3;
      const isExtension = (flags & EXTENSION) !== 0 && cue[1] !== 'X' && (cue[2] as string).length <= 6;
      if (isCue || isExtension) {
        const letters = (cue[1] as string).length;
        stream.push(WORD, start, start + letters, entry, space);
        stream.push(DIGITS, start + letters, end, 0, TIGHT);
        return;
      }
    }
  }
  stream.push(MIXED, start, end, 0, space);
}

function entryOf(word: string): number {
  let hash = HASH_SEED;
  for (let i = 0; i < word.length; i++) {
    const letter = normalLetter(word.charCodeAt(i));
    if (letter !== 0) hash = addToHash(hash, letter);
  }
  return entryOfHash(hash);
}
