/**
 * Finds the items of a JSON array that comes in pieces, by bytes: only strings, escapes, depth and the kinds of brackets are looked
 * at, so that every item keeps its source text, whatever its size. Whether an item is valid inside is not judged here.
 *
 * Pure: no I/O, and memory that grows with the depth of nesting alone.
 */

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

type State =
  | 'start' // before the array's bracket
  | 'first' // behind it: an item or the end
  | 'item' // behind a comma: an item
  | 'inside' // an object or array
  | 'string' // of an item, or the item itself
  | 'scalar' // number, true, false, null, or what else stands there
  | 'after' // behind an item: a comma or the end
  | 'done';

export class JsonArraySplitter {
  #state: State = 'start';
  /** Bytes pushed before the present piece. */
  #before = 0;
  #byteOrderMark = 0;
  #escaped = false;
  /** Open brackets of the item, `[` or `{` each. */
  #open = Buffer.allocUnsafeSlow(256);
  #depth = 0;

  /**
   * @param piece bytes behind those pushed before. Raw line breaks inside of items are replaced by spaces in place, so that an item
   *   is one line; nothing else is changed
   * @returns the pieces of items that it holds, in order
   * @throws NotJsonArray
   */
  push(piece: Buffer): ItemPiece[] {
    const found: ItemPiece[] = [];
    const end = piece.length;
    let at = 0;
    /** Where the present item's bytes begin in this piece. */
    let from = 0;
    while (at < end) {
      switch (this.#state) {
        case 'inside': {
          let kind = kinds[piece[at] as number];
          while (kind === PLAIN && ++at < end) kind = kinds[piece[at] as number];
          if (at === end) break;
          switch (kind) {
            case QUOTE:
              this.#state = 'string';
              break;
            case OPEN:
              this.#push(piece[at] as number, at);
              break;
            case CLOSE:
              this.#pop(piece[at] as number, at);
              if (this.#depth === 0) {
                found.push({ bytes: piece.subarray(from, at + 1), ends: true });
                this.#state = 'after';
              }
              break;
            default: // LINE_BREAK
              piece[at] = SPACE;
          }
          at++;
          break;
        }
        case 'string': {
          if (this.#escaped) {
            this.#escaped = false;
            at++;
            break;
          }
          let kind = kindsInString[piece[at] as number];
          while (kind === PLAIN && ++at < end) kind = kindsInString[piece[at] as number];
          if (at === end) break;
          if (kind === CONTROL) throw this.#broken(at, 'a control character inside of a string');
          if (kind === BACKSLASH) {
            this.#escaped = true;
          } else if (this.#depth > 0) {
            this.#state = 'inside';
          } else {
            found.push({ bytes: piece.subarray(from, at + 1), ends: true });
            this.#state = 'after';
          }
          at++;
          break;
        }
        case 'scalar': {
          while (at < end && !endsScalar(piece[at] as number)) at++;
          if (at === end) break;
          found.push({ bytes: piece.subarray(from, at), ends: true });
          this.#state = 'after';
          break;
        }
        default: {
          const byte = piece[at] as number;
          if (isSpace(byte)) {
            if (this.#state === 'start') this.#byteOrderMark = BYTE_ORDER_MARK.length;
            at++;
            break;
          }
          from = at;
          this.#between(byte, at);
          at++;
        }
      }
    }
    if (this.#isInItem && from < end) found.push({ bytes: piece.subarray(from, end), ends: false });
    this.#before += end;
    return found;
  }

  /** To be called when everything was pushed. @throws NotJsonArray where the array has not ended */
  end(): void {
    if (this.#state !== 'done') throw this.#broken(0, 'the array does not end: the text ends');
  }

  get #isInItem(): boolean {
    return this.#state === 'inside' || this.#state === 'string' || this.#state === 'scalar';
  }

  /** A byte outside of items, no white space. */
  #between(byte: number, at: number): void {
    switch (this.#state) {
      case 'start':
        if (byte === BYTE_ORDER_MARK[this.#byteOrderMark]) {
          this.#byteOrderMark++;
          return;
        }
        if (
          byte !== OPEN_BRACKET ||
          (this.#byteOrderMark !== 0 && this.#byteOrderMark !== BYTE_ORDER_MARK.length)
        ) {
          throw this.#broken(at, 'no array');
        }
        this.#state = 'first';
        return;
      case 'after':
        if (byte === COMMA) this.#state = 'item';
        else if (byte === CLOSE_BRACKET) this.#state = 'done';
        else throw this.#broken(at, 'no comma and no end of the array');
        return;
      case 'done':
        throw this.#broken(at, 'something behind the end of the array');
      default:
        this.#begin(byte, at);
    }
  }

  /** The first byte of an item, or the end of an array that has none. */
  #begin(byte: number, at: number): void {
    if (byte === CLOSE_BRACKET && this.#state === 'first') {
      this.#state = 'done';
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      this.#state = 'inside';
      this.#push(byte, at);
    } else if (byte === QUOTE_MARK) {
      this.#state = 'string';
    } else if (endsScalar(byte) || byte === CLOSE_BRACE || byte === COLON) {
      throw this.#broken(at, 'no item');
    } else {
      this.#state = 'scalar';
    }
  }

  #push(bracket: number, at: number): void {
    if (this.#depth === maxDepth) throw this.#broken(at, `brackets nested deeper than ${maxDepth}`);
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

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
const SPACE = 0x20;
const QUOTE_MARK = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** What a byte means inside of an object or array. */
const PLAIN = 0;
const QUOTE = 1;
const OPEN = 2;
const CLOSE = 3;
const LINE_BREAK = 4;
const kinds = new Uint8Array(256);
kinds[QUOTE_MARK] = QUOTE;
kinds[OPEN_BRACKET] = OPEN;
kinds[OPEN_BRACE] = OPEN;
kinds[CLOSE_BRACKET] = CLOSE;
kinds[CLOSE_BRACE] = CLOSE;
kinds[0x0a] = LINE_BREAK;
kinds[0x0d] = LINE_BREAK;

/** What a byte means inside of a string. */
const BACKSLASH = 5;
const CONTROL = 6;
const kindsInString = new Uint8Array(256);
kindsInString.fill(CONTROL, 0, SPACE);
kindsInString[QUOTE_MARK] = QUOTE;
kindsInString[0x5c] = BACKSLASH;

function isSpace(byte: number): boolean {
  return byte === SPACE || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function endsScalar(byte: number): boolean {
  return byte === COMMA || byte === CLOSE_BRACKET || isSpace(byte);
}
