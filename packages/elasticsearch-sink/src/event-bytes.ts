/**
 * What `scanText` finds, for the events that have nothing odd about them, from their bytes: the canonical form is written to one
 * piece of memory that all events share, so no string is made of anything that is not asked for. Whatever is not plain (a name
 * that is not ASCII, is escaped or stands twice, deep nesting, and of course what is no JSON) is left to `scanText`, which judges
 * all of it; a test holds the two together.
 */
import { maxDepth, maxNames } from './event-text.ts';

/** An object without oddities. Holds only until the next scan. */
export interface ScannedBytes {
  /** Canonical form, UTF-8. */
  canonical: Buffer;
  /** Names at the top, in the order of the text. */
  names: readonly string[];
  /** Source text of the value at a place of `names`. */
  value: (place: number) => string;
  /** First byte of that text. */
  firstByte: (place: number) => number;
}

/** Up to here a loop is faster than a call. */
const fewBytes = 100;
const maxPlainNameLength = 64;
const maxPlainNumberLength = 64;

/** @returns `null` where `scanText` has to look */
export function scanBytes(bytes: Buffer): ScannedBytes | null {
  // The canonical form is never longer than its text.
  if (out.length < bytes.length) out = Buffer.allocUnsafeSlow(bytes.length * 2);
  if (spare.length < bytes.length) spare = Buffer.allocUnsafeSlow(bytes.length * 2);
  text = bytes;
  at = 0;
  end = 0;
  nameCount = 0;
  topNames.length = 0;
  topValues.length = 0;
  if (skipSpace() !== OPEN_BRACE || !copyObject(1)) return null;
  skipSpace();
  return at === bytes.length ? { canonical: out.subarray(0, end), names: topNames, value, firstByte } : null;
}

// One scan at a time, and none waits for anything: its state stands here, where the compiler finds it fastest.
let text: Buffer = Buffer.alloc(0);
/** Offset in `text` of what is read next. */
let at = 0;
let out = Buffer.allocUnsafeSlow(16_384);
let end = 0;
/** Where members are put in order. */
let spare = Buffer.allocUnsafeSlow(16_384);
let nameCount = 0;
const topNames: string[] = [];
/** Two offsets in `text` a value: its first byte, and the one behind its last. */
const topValues: number[] = [];
/** Names last seen at the top, by their place: events of one source list them in one order. */
const lastNames: { bytes: Buffer; name: string }[] = [];

function value(place: number): string {
  return text.toString('utf8', topValues[place * 2], topValues[place * 2 + 1]);
}

function firstByte(place: number): number {
  return text[topValues[place * 2] as number] as number;
}

function skipSpace(): number {
  let code = text[at] as number;
  while (code === SPACE || code === LINE_FEED || code === CARRIAGE_RETURN || code === TAB)
    code = text[++at] as number;
  return code;
}

// Each of these copies what stands at the position, which moves behind it; `false`: it is not plain.

function copyValue(depth: number): boolean {
  const code = skipSpace();
  if (code === QUOTE) return copyString();
  if (code === OPEN_BRACE) return copyObject(depth + 1);
  if (code === OPEN_BRACKET) return copyArray(depth + 1);
  return copyScalar(code);
}

function copyString(): boolean {
  const bytes = text;
  const target = out;
  let from = at;
  let to = end;
  target[to++] = QUOTE;
  for (from++; from < bytes.length; from++) {
    const code = bytes[from] as number;
    if (code === BACKSLASH) return copyEscaped();
    if (code < SPACE) return false;
    target[to++] = code;
    if (code === QUOTE) {
      at = from + 1;
      end = to;
      return true;
    }
  }
  return false;
}

/** A string with escapes, in its shortest ones; they take no more bytes than any others. */
function copyEscaped(): boolean {
  let from = at + 1;
  for (; text[from] !== QUOTE; from++) {
    const code = text[from];
    if (code === undefined || code < SPACE) return false;
    if (code === BACKSLASH) from++;
  }
  try {
    const token = JSON.stringify(JSON.parse(text.toString('utf8', at, from + 1)));
    end += out.write(token, end);
  } catch {
    return false; // no such escape
  }
  at = from + 1;
  return true;
}

/** A number exactly as written, `true`, `false` or `null`. */
function copyScalar(first: number): boolean {
  const start = at;
  if (first === LOWER_T) at += isWord('true') ? 4 : 0;
  else if (first === LOWER_F) at += isWord('false') ? 5 : 0;
  else if (first === LOWER_N) at += isWord('null') ? 4 : 0;
  else if (!skipNumber(first)) return false;
  if (at === start || at - start > maxPlainNumberLength || !endsScalar(text[at])) return false;
  for (let from = start; from < at; from++) out[end++] = text[from] as number;
  return true;
}

function skipNumber(first: number): boolean {
  if (first === MINUS) at++;
  const whole = at;
  if (!skipDigits() || (at - whole > 1 && text[whole] === DIGIT_0)) return false;
  if (text[at] === POINT) {
    at++;
    if (!skipDigits()) return false;
  }
  if (text[at] === LOWER_E || text[at] === LETTER_E) {
    at++;
    if (text[at] === PLUS || text[at] === MINUS) at++;
    return skipDigits();
  }
  return true;
}

/** At least one. */
function skipDigits(): boolean {
  const start = at;
  let code = text[at];
  while (code !== undefined && code >= DIGIT_0 && code <= DIGIT_9) code = text[++at];
  return at > start;
}

function isWord(word: string): boolean {
  for (let place = 0; place < word.length; place++) {
    if (text[at + place] !== word.charCodeAt(place)) return false;
  }
  return true;
}

function endsScalar(code: number | undefined): boolean {
  return (
    code === COMMA || code === CLOSE_BRACE || code === CLOSE_BRACKET || (code !== undefined && code <= SPACE)
  );
}

function copyArray(depth: number): boolean {
  if (depth > maxDepth) return false;
  at++;
  out[end++] = OPEN_BRACKET;
  if (skipSpace() !== CLOSE_BRACKET) {
    for (;;) {
      if (!copyValue(depth)) return false;
      const code = skipSpace();
      if (code === CLOSE_BRACKET) break;
      if (code !== COMMA) return false;
      at++;
      out[end++] = COMMA;
    }
  }
  at++;
  out[end++] = CLOSE_BRACKET;
  return true;
}

/** Copies the members as they come, and puts them in order where they are not. */
function copyObject(depth: number): boolean {
  if (depth > maxDepth) return false;
  at++;
  out[end++] = OPEN_BRACE;
  // Of each member in `out`: its name's first byte, the one behind its name, and the one behind its value.
  const members: number[] = [];
  let sorted = true;
  if (skipSpace() !== CLOSE_BRACE) {
    for (;;) {
      const nameFrom = end + 1;
      if (!copyName(depth)) return false;
      const nameTo = end - 1;
      if (skipSpace() !== COLON) return false;
      at++;
      out[end++] = COLON;
      skipSpace();
      const valueFrom = at;
      if (!copyValue(depth)) return false;
      if (depth === 1) topValues.push(valueFrom, at);
      if (members.length > 0) {
        const order = compareNames(
          members[members.length - 3] as number,
          members[members.length - 2] as number,
          nameFrom,
          nameTo,
        );
        if (order === 0) return false;
        if (order > 0) sorted = false;
      }
      members.push(nameFrom, nameTo, end);
      const code = skipSpace();
      if (code === CLOSE_BRACE) break;
      if (code !== COMMA) return false;
      at++;
      skipSpace();
      out[end++] = COMMA;
    }
  }
  at++;
  nameCount += members.length / 3;
  if (nameCount > maxNames || (!sorted && !sortMembers(members))) return false;
  out[end++] = CLOSE_BRACE;
  return true;
}

/** A name of ASCII that `scanText` finds nothing wrong with. */
function copyName(depth: number): boolean {
  const from = at + 1;
  const first = text[from] as number;
  if (
    text[at] !== QUOTE ||
    !((first >= LETTER_A && first <= LETTER_Z) || (first >= LOWER_A && first <= LOWER_Z))
  )
    return false;
  if (!copyString()) return false;
  const to = at - 1;
  if (to - from > maxPlainNameLength) return false;
  for (let place = from; place < to; place++)
    if ((text[place] as number) > ASCII || text[place] === BACKSLASH) return false;
  if (to - from === constructorName.length && constructorName.compare(text, from, to) === 0) return false;
  if (depth === 1) topNames.push(nameAt(topNames.length, from, to));
  return true;
}

function nameAt(place: number, from: number, to: number): string {
  const last = lastNames[place];
  if (last !== undefined && last.bytes.length === to - from) {
    let same = 0;
    while (same < last.bytes.length && last.bytes[same] === text[from + same]) same++;
    if (same === last.bytes.length) return last.name;
  }
  const name = text.toString('latin1', from, to);
  if (place < 100) lastNames[place] = { bytes: Buffer.from(name, 'latin1'), name };
  return name;
}

/** Order of two names in `out`: of ASCII, so that bytes are UTF-16 units. */
function compareNames(from: number, to: number, otherFrom: number, otherTo: number): number {
  const length = Math.min(to - from, otherTo - otherFrom);
  for (let place = 0; place < length; place++) {
    const difference = (out[from + place] as number) - (out[otherFrom + place] as number);
    if (difference !== 0) return difference;
  }
  return to - from - (otherTo - otherFrom);
}

/** By insertion: an event has few members. `false` where a name stands twice. */
function sortMembers(members: readonly number[]): boolean {
  const order: number[] = [];
  for (let member = 0; member < members.length; member += 3) {
    let place = order.length;
    for (; place > 0; place--) {
      const before = order[place - 1] as number;
      const compared = compareNames(
        members[before] as number,
        members[before + 1] as number,
        members[member] as number,
        members[member + 1] as number,
      );
      if (compared === 0) return false;
      if (compared < 0) break;
      order[place] = before;
    }
    order[place] = member;
  }
  const start = (members[0] as number) - 1;
  out.copy(spare, start, start, end);
  let to = start;
  for (const member of order) {
    if (to > start) out[to++] = COMMA;
    const from = (members[member] as number) - 1;
    const behind = members[member + 2] as number;
    if (behind - from > fewBytes) {
      spare.copy(out, to, from, behind);
      to += behind - from;
    } else for (let place = from; place < behind; place++) out[to++] = spare[place] as number;
  }
  return true;
}

const constructorName = Buffer.from('constructor');
const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const PLUS = 0x2b;
const MINUS = 0x2d;
const POINT = 0x2e;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const COLON = 0x3a;
const LETTER_A = 0x41;
const LETTER_E = 0x45;
const LETTER_Z = 0x5a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const LOWER_A = 0x61;
const LOWER_E = 0x65;
const LOWER_F = 0x66;
const LOWER_N = 0x6e;
const LOWER_T = 0x74;
const LOWER_Z = 0x7a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const ASCII = 0x7f;
