/**
 * What `scanText` finds, for the events that have nothing odd about them, from their bytes: no string is made of anything that is
 * not asked for. Whatever is not plain (a name that is not ASCII, is escaped or stands twice, deep nesting, and of course what is
 * no JSON) is left to `scanText`, which judges all of it; a test holds the two together.
 *
 * The event is read once and written once. Reading it notes which pieces of its text make up the canonical form, in their order:
 * an object whose names stand in another order moves its members' pieces, which are a few numbers, not their bytes.
 */
import { maxDepth, maxNames } from './event-text.ts';

/** An object without oddities. Holds only until the next scan. */
export interface ScannedBytes {
  /** Canonical form, UTF-8. */
  readonly canonical: Buffer;
  /** Names at the top, in the order of the text. The same array for every event that has the same. */
  readonly names: readonly string[];
  /** Source text of the value at a place of `names`. */
  value(place: number): string;
  /** First byte of that text. */
  firstByte(place: number): number;
}

const maxPlainNameLength = 64;
const maxPlainNumberLength = 64;
const maxPlainNamesAtTop = 64;

/** @returns `null` where `scanText` has to look */
export function scanBytes(bytes: Buffer): ScannedBytes | null {
  const length = bytes.length;
  // The text with a byte behind it, literals that stand in for its strings, and the canonical form: none longer than the text.
  if (memory.length < length * 3 + 1) memory = Buffer.allocUnsafeSlow(length * 6 + 1);
  memory.set(bytes);
  memory[length] = END;
  textEnd = length;
  literalEnd = length + 1;
  pieceCount = 0;
  memberCount = 0;
  nameCount = 0;
  const start = skipSpace(0);
  const behind = memory[start] === OPEN_BRACE ? scanObject(start, 1, 0) : NOT_PLAIN;
  return behind !== NOT_PLAIN && skipSpace(behind) === length ? scanned : null;
}

// One scan at a time, and none waits for anything: its state stands here, where the compiler finds it fastest.
let memory = Buffer.allocUnsafeSlow(65_536);
/** The place behind the text, which holds a byte that no JSON has: whatever looks for more of it ends there. */
let textEnd = 0;
let literalEnd = 0;
let nameCount = 0;
/** Two offsets in `memory` a piece: its first byte, and the one behind its last. */
let pieces = new Int32Array(4_096);
let pieceCount = 0;
let movedPieces = new Int32Array(4_096);
/** The first piece of each member of all objects that are open; each object takes its own off again. */
const members = new Int32Array(maxNames);
let memberCount = 0;
let topRow: Row;
/** Two offsets in `memory` a value at the top: its first byte, and the one behind its last. */
const topValues = new Int32Array(maxPlainNamesAtTop * 2);

const scanned: ScannedBytes = {
  get canonical() {
    return writeCanonical();
  },
  get names() {
    return namesOf(topRow);
  },
  value: (place) => memory.toString('utf8', topValues[place * 2], topValues[place * 2 + 1]),
  firstByte: (place) => memory[topValues[place * 2] as number] as number,
};

function writeCanonical(): Buffer {
  const target = memory;
  const start = literalEnd;
  let end = start;
  for (let piece = 0; piece < pieceCount * 2; piece += 2) {
    const from = pieces[piece] as number;
    const to = pieces[piece + 1] as number;
    if (to - from > FEW_BYTES) {
      target.copyWithin(end, from, to);
      end += to - from;
    } else for (let at = from; at < to; at++) target[end++] = target[at] as number;
  }
  return target.subarray(start, end);
}

/** Up to here a loop is faster than a call. */
const FEW_BYTES = 16;

/** Adds to the pieces. @param first the piece that it may continue, or one behind it; never one before */
function addPiece(from: number, to: number, first: number): void {
  const last = pieceCount - 1;
  if (last >= first && pieces[last * 2 + 1] === from) {
    pieces[last * 2 + 1] = to;
    return;
  }
  if (pieceCount * 2 === pieces.length) pieces = longer(pieces);
  pieces[pieceCount * 2] = from;
  pieces[pieceCount * 2 + 1] = to;
  pieceCount++;
}

function longer(numbers: Int32Array): Int32Array<ArrayBuffer> {
  const twice = new Int32Array(numbers.length * 2);
  twice.set(numbers);
  return twice;
}

function skipSpace(from: number): number {
  const text = memory;
  let at = from;
  let code = text[at] as number;
  while (code <= SPACE && (code === SPACE || code === LINE_FEED || code === CARRIAGE_RETURN || code === TAB))
    code = text[++at] as number;
  return at;
}

// Each of these reads what stands at an offset, adds its canonical form to the pieces, and returns the offset behind it, or
// NOT_PLAIN. `first`: the piece that it may continue.

const NOT_PLAIN = -1;

function scanValue(from: number, depth: number, first: number): number {
  const code = memory[from] as number;
  if (code === QUOTE) return scanString(from, first);
  if (code === OPEN_BRACE) return scanObject(from, depth + 1, first);
  if (code === OPEN_BRACKET) return scanArray(from, depth + 1, first);
  const to = skipScalar(from, code);
  if (to !== NOT_PLAIN) addPiece(from, to, first);
  return to;
}

function scanString(from: number, first: number): number {
  const text = memory;
  let at = from + 1;
  for (;;) {
    const code = text[at] as number;
    if (code > QUOTE) {
      if (code === BACKSLASH) {
        if (!isShortestEscape(text[at + 1] as number)) return scanEscaped(from, at, first);
        at++;
      }
    } else if (code === QUOTE) break;
    else if (code < SPACE) return NOT_PLAIN;
    at++;
  }
  addPiece(from, at + 1, first);
  return at + 1;
}

/** Whether the canonical form has this escape too: by a single letter, and of what has to be escaped. */
function isShortestEscape(code: number): boolean {
  switch (code) {
    case QUOTE:
    case BACKSLASH:
    case LOWER_B:
    case LOWER_F:
    case LOWER_N:
    case LOWER_R:
    case LOWER_T:
      return true;
    default:
      return false;
  }
}

/** A string with other escapes, as a literal: in its shortest ones, which take no more bytes than any others. */
function scanEscaped(from: number, backslash: number, first: number): number {
  const text = memory;
  let at = backslash;
  for (; text[at] !== QUOTE; at++) {
    const code = text[at] as number;
    if (code < SPACE) return NOT_PLAIN;
    if (code === BACKSLASH && ++at === textEnd) return NOT_PLAIN;
  }
  let literal: string;
  try {
    literal = JSON.stringify(JSON.parse(text.toString('utf8', from, at + 1)));
  } catch {
    return NOT_PLAIN; // no such escape
  }
  const start = literalEnd;
  literalEnd += text.write(literal, start);
  addPiece(start, literalEnd, first);
  return at + 1;
}

/** A number exactly as written, `true`, `false` or `null`. */
function skipScalar(from: number, code: number): number {
  let to: number;
  if (code === LOWER_T) to = skipWord(from, 'true');
  else if (code === LOWER_F) to = skipWord(from, 'false');
  else if (code === LOWER_N) to = skipWord(from, 'null');
  else to = skipNumber(from);
  return to - from <= maxPlainNumberLength && endsScalar(memory[to]) ? to : NOT_PLAIN;
}

function skipNumber(from: number): number {
  const text = memory;
  const whole = text[from] === MINUS ? from + 1 : from;
  let at = skipDigits(whole);
  if (at === NOT_PLAIN || (at - whole > 1 && text[whole] === DIGIT_0)) return NOT_PLAIN;
  if (text[at] === POINT) {
    at = skipDigits(at + 1);
    if (at === NOT_PLAIN) return NOT_PLAIN;
  }
  if (text[at] === LOWER_E || text[at] === LETTER_E) {
    const sign = text[at + 1];
    at = skipDigits(sign === PLUS || sign === MINUS ? at + 2 : at + 1);
  }
  return at;
}

/** At least one. */
function skipDigits(from: number): number {
  const text = memory;
  let at = from;
  let code = text[at] as number;
  while (code >= DIGIT_0 && code <= DIGIT_9) code = text[++at] as number;
  return at > from ? at : NOT_PLAIN;
}

function skipWord(from: number, word: string): number {
  for (let place = 1; place < word.length; place++) {
    if (memory[from + place] !== word.charCodeAt(place)) return NOT_PLAIN;
  }
  return from + word.length;
}

function endsScalar(code: number | undefined): boolean {
  switch (code) {
    case COMMA:
    case CLOSE_BRACE:
    case CLOSE_BRACKET:
    case SPACE:
    case LINE_FEED:
    case CARRIAGE_RETURN:
    case TAB:
      return true;
    default:
      return false;
  }
}

function scanArray(from: number, depth: number, first: number): number {
  if (depth > maxDepth) return NOT_PLAIN;
  addPiece(from, from + 1, first);
  let at = skipSpace(from + 1);
  if (memory[at] !== CLOSE_BRACKET) {
    for (;;) {
      at = scanValue(at, depth, first);
      if (at === NOT_PLAIN) return NOT_PLAIN;
      at = skipSpace(at);
      const code = memory[at];
      if (code === CLOSE_BRACKET) break;
      if (code !== COMMA) return NOT_PLAIN;
      addPiece(at, at + 1, first);
      at = skipSpace(at + 1);
    }
  }
  addPiece(at, at + 1, first);
  return at + 1;
}

/** Reads the members as they come, each from a piece of its own on, and puts their pieces in order where they are not. */
function scanObject(from: number, depth: number, first: number): number {
  if (depth > maxDepth) return NOT_PLAIN;
  addPiece(from, from + 1, first);
  const firstMember = memberCount;
  const firstPiece = pieceCount;
  let row = noNames;
  let at = skipSpace(from + 1);
  if (memory[at] !== CLOSE_BRACE) {
    for (;;) {
      const next = memory[at] === QUOTE ? rowBehind(row, at + 1) : null;
      if (next === null || ++nameCount > maxNames) return NOT_PLAIN;
      row = next;
      const piece = pieceCount;
      members[memberCount++] = piece;
      const behindName = at + 1 + row.bytes.length;
      const colon = skipSpace(behindName);
      if (memory[colon] !== COLON) return NOT_PLAIN;
      if (colon === behindName) addPiece(at, colon + 1, piece);
      else {
        addPiece(at, behindName, piece);
        addPiece(colon, colon + 1, piece);
      }
      const start = skipSpace(colon + 1);
      at = scanValue(start, depth, piece);
      if (at === NOT_PLAIN) return NOT_PLAIN;
      if (depth === 1) {
        if (row.length > maxPlainNamesAtTop) return NOT_PLAIN;
        topValues[row.length * 2 - 2] = start;
        topValues[row.length * 2 - 1] = at;
      }
      at = skipSpace(at);
      const code = memory[at];
      if (code === CLOSE_BRACE) break;
      if (code !== COMMA) return NOT_PLAIN;
      addPiece(at, at + 1, piece);
      at = skipSpace(at + 1);
    }
  }
  row.order ??= orderOf(row);
  if (row.order === 'twice') return NOT_PLAIN;
  if (depth === 1) topRow = row;
  memberCount = firstMember;
  if (row.order === 'sorted') {
    joinPieces(firstPiece, first);
    addPiece(at, at + 1, first);
  } else {
    movePieces(firstMember, row.order);
    addPiece(at, at + 1, pieceCount);
  }
  return at + 1;
}

/** Makes one piece of those that follow one another in the text. @param first the piece that they may continue */
function joinPieces(from: number, first: number): void {
  let last = from - 1;
  for (let piece = from; piece < pieceCount; piece++) {
    const start = pieces[piece * 2] as number;
    const end = pieces[piece * 2 + 1] as number;
    if (last >= first && pieces[last * 2 + 1] === start) pieces[last * 2 + 1] = end;
    else {
      last++;
      pieces[last * 2] = start;
      pieces[last * 2 + 1] = end;
    }
  }
  pieceCount = last + 1;
}

/**
 * Puts the pieces of an object's members in their order. Each member but the last of the text has a comma behind it; in the new
 * order each but the last again.
 */
function movePieces(firstMember: number, order: Int32Array): void {
  const last = order.length - 1;
  const start = members[firstMember] as number;
  while (movedPieces.length < (pieceCount - start + 1) * 2) movedPieces = longer(movedPieces);
  const comma = (pieces[(members[firstMember + 1] as number) * 2 - 1] as number) - 1;
  let moved = 0;
  for (let place = 0; place <= last; place++) {
    const member = order[place] as number;
    const to = member === last ? pieceCount : (members[firstMember + member + 1] as number);
    for (let piece = members[firstMember + member] as number; piece < to; piece++) {
      movedPieces[moved++] = pieces[piece * 2] as number;
      movedPieces[moved++] = pieces[piece * 2 + 1] as number;
    }
    if (member === last) {
      movedPieces[moved++] = comma;
      movedPieces[moved++] = comma + 1;
    }
  }
  // The comma of the one that is last now.
  movedPieces[moved - 1] = (movedPieces[moved - 1] as number) - 1;
  while (pieces.length < start * 2 + moved) pieces = longer(pieces);
  for (let place = 0; place < moved; place++) pieces[start * 2 + place] = movedPieces[place] as number;
  pieceCount = start + moved / 2;
}

/**
 * The names of an object from its first up to one of them. Objects of one source have few such rows, so each is kept, as a way
 * through a tree: a name that is met again behind the same ones is known by its bytes, and so is the order of them all.
 */
interface Row {
  readonly before: Row | null;
  /** Of these names. */
  readonly length: number;
  /** The last of them. */
  readonly name: string;
  /** The same, with the quote behind it. */
  readonly bytes: Buffer;
  readonly next: Row[];
  names: readonly string[] | null;
  /** Places of the names as they are sorted; `twice`: one of them stands there twice. */
  order: Int32Array | 'sorted' | 'twice' | null;
}

const noNames: Row = {
  before: null,
  length: 0,
  name: '',
  bytes: Buffer.alloc(0),
  next: [],
  names: [],
  order: 'sorted',
};
/** How many there are: where objects have ever other names, all are forgotten now and then. */
let rowCount = 0;
const maxRows = 2_000;
const maxRowsBehindOne = 8;

/** The row that goes on with the name at an offset; `null`: no name that `scanText` finds nothing wrong with. */
function rowBehind(row: Row, start: number): Row | null {
  const text = memory;
  for (let place = 0; place < row.next.length; place++) {
    const next = row.next[place] as Row;
    const { bytes } = next;
    let same = 0;
    while (same < bytes.length && bytes[same] === text[start + same]) same++;
    if (same === bytes.length) return next;
  }
  const length = plainNameLength(start);
  if (length === 0) return null;
  if (++rowCount > maxRows) {
    rowCount = 0;
    noNames.next.length = 0;
  }
  if (row.next.length === maxRowsBehindOne) row.next.length = 0;
  const name = text.toString('latin1', start, start + length);
  const next: Row = {
    before: row,
    length: row.length + 1,
    name,
    bytes: Buffer.from(`${name}"`, 'latin1'),
    next: [],
    names: null,
    order: null,
  };
  row.next.push(next);
  return next;
}

/** Of ASCII, without escapes; 0: it is none. */
function plainNameLength(start: number): number {
  const text = memory;
  const letter = text[start] as number;
  if (!((letter >= LOWER_A && letter <= LOWER_Z) || (letter >= LETTER_A && letter <= LETTER_Z))) return 0;
  let at = start + 1;
  for (let code = text[at] as number; code !== QUOTE; code = text[++at] as number) {
    if (code < SPACE || code > ASCII || code === BACKSLASH) return 0;
  }
  const length = at - start;
  if (length > maxPlainNameLength || text.toString('latin1', start, at) === 'constructor') return 0;
  return length;
}

function namesOf(row: Row): readonly string[] {
  if (row.names !== null) return row.names;
  const names: string[] = [];
  for (let one = row; one.before !== null; one = one.before) names.push(one.name);
  row.names = names.reverse();
  return row.names;
}

/** By UTF-16 units, which these names have one a byte. */
function orderOf(row: Row): Int32Array | 'sorted' | 'twice' {
  const names = namesOf(row);
  if (new Set(names).size < names.length) return 'twice';
  const order = Int32Array.from(names.keys()).sort((a, b) =>
    (names[a] as string) < (names[b] as string) ? -1 : 1,
  );
  return order.every((member, place) => member === place) ? 'sorted' : order;
}

/** No JSON has it outside of a string, and none inside. */
const END = 0x00;
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
const LOWER_B = 0x62;
const LOWER_E = 0x65;
const LOWER_F = 0x66;
const LOWER_N = 0x6e;
const LOWER_R = 0x72;
const LOWER_T = 0x74;
const LOWER_Z = 0x7a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const ASCII = 0x7f;
