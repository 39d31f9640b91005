/**
 * Finds the items of a JSON array that comes in pieces, by bytes, so that every item keeps its source text, whatever its size. The
 * whole text is held to the grammar of JSON: one wrong byte, wherever it stands, is named. Whether its strings are valid UTF-8 is
 * not judged here.
 *
 * Pure: no I/O, and memory that grows with the depth of nesting alone.
 */
import { act, isEscape, isHexDigit, isWholeNumber, nextOf, state } from './json-grammar.ts';

/** The next bytes of an item, without the white space around it. */
export interface ItemPiece {
  /** A view of what was pushed; may be empty where an item ends. */
  bytes: Buffer;
  /** Whether the item ends with them. */
  ends: boolean;
}

/** The text is no JSON array. */
export class NotJsonArray extends Error {
  override readonly name = 'NotJsonArray';
  /** Offset of the byte that cannot stand there, or the length of a text that ends too early. */
  readonly offset: number;
  /** What was expected or found; never a byte of the text. */
  readonly what: string;

  constructor(offset: number, what: string) {
    super(`${what} at byte ${offset}`);
    this.offset = offset;
    this.what = what;
  }
}

/** Deeper than any document that a person or a program means. */
export const maxDepth = 100_000;

/** States of the text around the grammar's own. */
const start = 40; // before the array's bracket
const done = 41;
const string = 42;
const escaped = 43; // behind a backslash
const hex = 44; // behind `\u`

export class JsonArraySplitter {
  #state: number = start;
  /** Bytes pushed before the present piece. */
  #before = 0;
  #byteOrderMark = 0;
  /** What comes behind the present string. */
  #behindString: number = state.after;
  #hexDigits = 0;
  #isInItem = false;
  /** Open brackets, `[` or `{` each; the array's own is the first. */
  #open = Buffer.allocUnsafeSlow(256);
  #depth = 0;

  /**
   * @param piece bytes behind those pushed before. Raw line breaks between tokens are replaced by spaces in place, so that an item
   *   is one line; nothing else is changed
   * @returns the pieces of items that it holds, in order
   * @throws NotJsonArray
   */
  push(piece: Buffer): ItemPiece[] {
    const found: ItemPiece[] = [];
    const end = piece.length;
    /** Where the present item's bytes begin in this piece. */
    let from = 0;
    const itemEnds = (to: number): void => {
      found.push({ bytes: piece.subarray(from, to), ends: true });
      this.#isInItem = false;
    };
    for (let at = 0; at < end; at++) {
      const now = this.#state;
      if (now === string) {
        let kind = kindsInString[piece[at] as number];
        while (kind === PLAIN && ++at < end) kind = kindsInString[piece[at] as number];
        if (at === end) break;
        if (kind === CONTROL) throw this.#broken(at, 'a control character inside of a string');
        this.#state = kind === BACKSLASH ? escaped : this.#behindString;
        if (kind === QUOTE && this.#depth === 1) itemEnds(at + 1);
        continue;
      }
      const byte = piece[at] as number;
      if (now >= start) {
        this.#around(byte, at);
        continue;
      }
      const next = nextOf(now, byte);
      if (byte === LINE_FEED || byte === CARRIAGE_RETURN) piece[at] = SPACE;
      if (next === now) continue;
      if (this.#depth === 1) {
        if (isWholeNumber(now) && (next === state.after || next > act.beginString)) itemEnds(at);
        else if (now !== state.after && !this.#isInItem && next !== act.close && next !== act.refuse) {
          this.#isInItem = true;
          from = at;
        }
      }
      switch (next) {
        case act.refuse:
          throw this.#broken(at, expected(now, this.#depth));
        case act.beginString:
          this.#behindString = now === state.key || now === state.firstKey ? state.colon : state.after;
          this.#state = string;
          break;
        case act.open:
          this.#push(byte, at);
          this.#state = byte === OPEN_BRACE ? state.firstKey : state.firstItem;
          break;
        case act.close:
          this.#pop(byte, at);
          this.#state = this.#depth === 0 ? done : state.after;
          if (this.#depth === 1) itemEnds(at + 1);
          break;
        case act.comma:
          this.#state = this.#open[this.#depth - 1] === OPEN_BRACE ? state.key : state.value;
          break;
        default:
          this.#state = next;
          // The last letter of `true`, `false` or `null`.
          if (this.#depth === 1 && next === state.after && this.#isInItem) itemEnds(at + 1);
      }
    }
    if (this.#isInItem && from < end) found.push({ bytes: piece.subarray(from, end), ends: false });
    this.#before += end;
    return found;
  }

  /** To be called when everything was pushed. @throws NotJsonArray where the array has not ended */
  end(): void {
    if (this.#state !== done) throw this.#broken(0, 'the array does not end: the text ends');
  }

  /** A byte of an escape, or outside of the array. */
  #around(byte: number, at: number): void {
    switch (this.#state) {
      case escaped:
        if (!isEscape(byte)) throw this.#broken(at, 'no escape that JSON has');
        this.#state = byte === LOWER_U ? hex : string;
        this.#hexDigits = 0;
        return;
      case hex:
        if (!isHexDigit(byte)) throw this.#broken(at, 'no digit of base 16');
        if (++this.#hexDigits === 4) this.#state = string;
        return;
      case done:
        if (!isSpace(byte)) throw this.#broken(at, 'something behind the end of the array');
        return;
      default:
        this.#begin(byte, at);
    }
  }

  #begin(byte: number, at: number): void {
    const isUnmarked = this.#byteOrderMark === 0 || this.#byteOrderMark === BYTE_ORDER_MARK.length;
    if (byte === BYTE_ORDER_MARK[this.#byteOrderMark]) {
      this.#byteOrderMark++;
    } else if (isSpace(byte) && isUnmarked) {
      // No mark may follow.
      this.#byteOrderMark = BYTE_ORDER_MARK.length;
    } else if (byte === OPEN_BRACKET && isUnmarked) {
      this.#push(byte, at);
      this.#state = state.firstItem;
    } else {
      throw this.#broken(at, 'no array');
    }
  }

  #push(bracket: number, at: number): void {
    // The array's own is not counted.
    if (this.#depth > maxDepth) throw this.#broken(at, `brackets nested deeper than ${maxDepth}`);
    if (this.#depth === this.#open.length) this.#open = Buffer.concat([this.#open, this.#open]);
    this.#open[this.#depth++] = bracket;
  }

  #pop(bracket: number, at: number): void {
    // `[` and `]`, `{` and `}` are two apart.
    if (this.#open[--this.#depth] !== bracket - 2)
      throw this.#broken(at, 'a bracket that closes none of its kind');
  }

  #broken(at: number, what: string): NotJsonArray {
    return new NotJsonArray(this.#before + at, what);
  }
}

/** What a byte that was refused is not. */
function expected(now: number, depth: number): string {
  switch (now) {
    case state.firstItem:
    case state.value:
      return depth === 1 ? 'no item' : 'no value';
    case state.firstKey:
    case state.key:
      return 'no key';
    case state.colon:
      return 'no colon';
    case state.after:
      return depth === 1 ? 'no comma and no end of the array' : 'no comma and no end of what is open';
    default:
      return now < state.literals ? 'no part of a number' : 'no part of true, false or null';
  }
}

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const OPEN_BRACKET = 0x5b;
const LOWER_U = 0x75;
const OPEN_BRACE = 0x7b;

/** What a byte means inside of a string. */
const PLAIN = 0;
const QUOTE = 1;
const BACKSLASH = 2;
const CONTROL = 3;
const kindsInString = new Uint8Array(256);
kindsInString.fill(CONTROL, 0, SPACE);
kindsInString[0x22] = QUOTE;
kindsInString[0x5c] = BACKSLASH;

function isSpace(byte: number): boolean {
  return byte === SPACE || byte === LINE_FEED || byte === CARRIAGE_RETURN || byte === 0x09;
}
