/**
 * One pass over the bytes of a JSON object: whether it is JSON, where the members at its top stand, and where the elements of one
 * of them that is an array. Nothing is decoded and no object made, so a page of any size costs no memory beside its bytes. What
 * counts as JSON is what `JSON.parse` takes (a test holds the two together).
 */
import type { Range } from './split-array.ts';

/** Where the parts of an object stand, as offsets of bytes. */
export interface ScannedObject {
  /** By name; of a name that stands twice the last, as for `JSON.parse`. */
  members: ReadonlyMap<string, Range>;
  /** The elements of the member that was asked for, in order; `null` where there is none, or it is no array. */
  elements: readonly Range[] | null;
}

/** A member of an object, as offsets of bytes. */
export interface Member extends Range {
  /** As it reads, without quotes and escapes. */
  name: string;
  /** Where its name stands in the text, quotes included. */
  nameFrom: number;
  nameTo: number;
}

/**
 * @param bytes valid UTF-8, without a byte order mark
 * @param arrayName the member whose elements are wanted
 * @returns `null` where the bytes are no JSON, or their value is no object
 */
export function scanObject(bytes: Buffer, arrayName: string): ScannedObject | null {
  const members = new Map<string, Range>();
  let elements: Range[] | null = null;
  const isObject = walkObject(bytes, (name, from) => {
    const wanted: Range[] | null = name === arrayName && bytes[from] === OPEN_BRACKET ? [] : null;
    const to = wanted === null ? skipValue(bytes, from) : skipArray(bytes, from, wanted);
    members.set(name, { from, to });
    if (name === arrayName) elements = wanted;
    return to;
  });
  return isObject ? { members, elements } : null;
}

/**
 * Where the elements of an array stand.
 * @param bytes valid UTF-8, without a byte order mark
 * @returns `null` where the bytes are no JSON, or their value is no array
 */
export function scanArray(bytes: Buffer): Range[] | null {
  const elements: Range[] = [];
  const from = skipSpace(bytes, 0);
  if (bytes[from] !== OPEN_BRACKET) return null;
  const to = skipArray(bytes, from, elements);
  return to >= 0 && isEnd(bytes, to) ? elements : null;
}

/**
 * All members of an object, in the order of the text: a name that stands twice is here twice. Each `from` to `to` is the value.
 * @param bytes valid UTF-8, without a byte order mark
 * @returns `null` where the bytes are no JSON, or their value is no object
 */
export function scanMembers(bytes: Buffer): Member[] | null {
  const members: Member[] = [];
  const isObject = walkObject(bytes, (name, from, nameFrom, nameTo) => {
    const to = skipValue(bytes, from);
    members.push({ name, nameFrom, nameTo, from, to });
    return to;
  });
  return isObject ? members : null;
}

/**
 * @param skip told of each member at its value; returns the offset behind the value, or NO_JSON
 * @returns whether the bytes are an object
 */
function walkObject(
  bytes: Buffer,
  skip: (name: string, from: number, nameFrom: number, nameTo: number) => number,
): boolean {
  let at = skipSpace(bytes, 0);
  if (bytes[at] !== OPEN_BRACE) return false;
  at = skipSpace(bytes, at + 1);
  if (bytes[at] === CLOSE_BRACE) return isEnd(bytes, at + 1);
  for (;;) {
    const nameFrom = at;
    const nameTo = skipString(bytes, at);
    if (nameTo < 0) return false;
    at = skipSpace(bytes, nameTo);
    if (bytes[at] !== COLON) return false;
    at = skip(nameOf(bytes, nameFrom, nameTo), skipSpace(bytes, at + 1), nameFrom, nameTo);
    if (at < 0) return false;
    at = skipSpace(bytes, at);
    if (bytes[at] === CLOSE_BRACE) return isEnd(bytes, at + 1);
    if (bytes[at] !== COMMA) return false;
    at = skipSpace(bytes, at + 1);
  }
}

function nameOf(bytes: Buffer, from: number, to: number): string {
  for (let at = from; at < to; at++) {
    if (bytes[at] === BACKSLASH) return JSON.parse(bytes.toString('utf8', from, to)) as string;
  }
  return bytes.toString('utf8', from + 1, to - 1);
}

function isEnd(bytes: Buffer, at: number): boolean {
  return skipSpace(bytes, at) === bytes.length;
}

// Each of these returns the offset behind what it skips; those that judge return NO_JSON where it does not stand there.

function skipSpace(bytes: Buffer, start: number): number {
  let at = start;
  for (;;) {
    const code = bytes[at];
    if (code !== SPACE && code !== LINE_FEED && code !== CARRIAGE_RETURN && code !== TAB) return at;
    at++;
  }
}

/** Notes where its elements stand. */
function skipArray(bytes: Buffer, start: number, elements: Range[]): number {
  let at = skipSpace(bytes, start + 1);
  if (bytes[at] === CLOSE_BRACKET) return at + 1;
  for (;;) {
    const to = skipValue(bytes, at);
    if (to < 0) return NO_JSON;
    elements.push({ from: at, to });
    at = skipSpace(bytes, to);
    if (bytes[at] === CLOSE_BRACKET) return at + 1;
    if (bytes[at] !== COMMA) return NO_JSON;
    at = skipSpace(bytes, at + 1);
  }
}

/** Any value. Levels are counted in a list, not on the stack: a text may be nested as deeply as it likes. */
function skipValue(bytes: Buffer, start: number): number {
  const inObject: boolean[] = [];
  let at = start;
  for (;;) {
    const code = bytes[at];
    if (code === OPEN_BRACE) {
      at = skipSpace(bytes, at + 1);
      if (bytes[at] !== CLOSE_BRACE) {
        inObject.push(true);
        at = skipName(bytes, at);
        if (at < 0) return NO_JSON;
        continue;
      }
      at++;
    } else if (code === OPEN_BRACKET) {
      at = skipSpace(bytes, at + 1);
      if (bytes[at] !== CLOSE_BRACKET) {
        inObject.push(false);
        continue;
      }
      at++;
    } else {
      at = code === QUOTE ? skipString(bytes, at) : skipScalar(bytes, at);
      if (at < 0) return NO_JSON;
    }
    // Behind a value: the end of what holds it, and of what holds that, or the next value.
    for (;;) {
      const level = inObject.length - 1;
      if (level < 0) return at;
      at = skipSpace(bytes, at);
      const next = bytes[at];
      if (next === COMMA) {
        at = skipSpace(bytes, at + 1);
        if (inObject[level] === true) at = skipName(bytes, at);
        if (at < 0) return NO_JSON;
        break;
      }
      if (next !== (inObject[level] === true ? CLOSE_BRACE : CLOSE_BRACKET)) return NO_JSON;
      inObject.pop();
      at++;
    }
  }
}

/** A member's name, its colon, and the space behind it. */
function skipName(bytes: Buffer, start: number): number {
  const end = skipString(bytes, start);
  if (end < 0) return NO_JSON;
  const colon = skipSpace(bytes, end);
  return bytes[colon] === COLON ? skipSpace(bytes, colon + 1) : NO_JSON;
}

function skipString(bytes: Buffer, start: number): number {
  if (bytes[start] !== QUOTE) return NO_JSON;
  for (let at = start + 1; at < bytes.length; at++) {
    const code = bytes[at] as number;
    if (code === QUOTE) return at + 1;
    if (code < SPACE) return NO_JSON;
    if (code === BACKSLASH) {
      at++;
      if (bytes[at] === LETTER_U) {
        for (const end = at + 4; at < end; at++) if (!isHexDigit(bytes[at + 1])) return NO_JSON;
      } else if (!isEscape(bytes[at])) return NO_JSON;
    }
  }
  return NO_JSON;
}

/** A number, `true`, `false` or `null`. */
function skipScalar(bytes: Buffer, start: number): number {
  switch (bytes[start]) {
    case LETTER_T:
      return skipWord(bytes, start, 'true');
    case LETTER_F:
      return skipWord(bytes, start, 'false');
    case LETTER_N:
      return skipWord(bytes, start, 'null');
    default:
      return skipNumber(bytes, start);
  }
}

function skipWord(bytes: Buffer, start: number, word: string): number {
  for (let place = 0; place < word.length; place++) {
    if (bytes[start + place] !== word.charCodeAt(place)) return NO_JSON;
  }
  return start + word.length;
}

function skipNumber(bytes: Buffer, start: number): number {
  let at = bytes[start] === MINUS ? start + 1 : start;
  const whole = at;
  at = skipDigits(bytes, at);
  if (at === whole || (bytes[whole] === DIGIT_0 && at > whole + 1)) return NO_JSON;
  if (bytes[at] === POINT) {
    const fraction = at + 1;
    at = skipDigits(bytes, fraction);
    if (at === fraction) return NO_JSON;
  }
  if (bytes[at] === LETTER_E || bytes[at] === LETTER_CAPITAL_E) {
    at++;
    if (bytes[at] === PLUS || bytes[at] === MINUS) at++;
    const exponent = at;
    at = skipDigits(bytes, exponent);
    if (at === exponent) return NO_JSON;
  }
  return at;
}

function skipDigits(bytes: Buffer, start: number): number {
  let at = start;
  while (isDigit(bytes[at])) at++;
  return at;
}

function isDigit(code: number | undefined): boolean {
  return code !== undefined && code >= DIGIT_0 && code <= DIGIT_9;
}

function isHexDigit(code: number | undefined): boolean {
  if (code === undefined) return false;
  const lower = code | 0x20;
  return (code >= DIGIT_0 && code <= DIGIT_9) || (lower >= LETTER_A && lower <= LETTER_F);
}

function isEscape(code: number | undefined): boolean {
  switch (code) {
    case QUOTE:
    case BACKSLASH:
    case SLASH:
    case LETTER_B:
    case LETTER_F:
    case LETTER_N:
    case LETTER_R:
    case LETTER_T:
      return true;
    default:
      return false;
  }
}

const NO_JSON = -1;
const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const PLUS = 0x2b;
const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const SLASH = 0x2f;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const COLON = 0x3a;
const LETTER_CAPITAL_E = 0x45;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const LETTER_A = 0x61;
const LETTER_B = 0x62;
const LETTER_E = 0x65;
const LETTER_F = 0x66;
const LETTER_N = 0x6e;
const LETTER_R = 0x72;
const LETTER_T = 0x74;
const LETTER_U = 0x75;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
