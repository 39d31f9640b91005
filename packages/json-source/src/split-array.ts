/** Where something stands: the offset of its first character or byte, and of the one behind its last. */
export interface Range {
  from: number;
  to: number;
}

/**
 * Cuts the source text of a JSON array into the source texts of its elements.
 *
 * Only strings, escapes and depth are looked at, which is several times faster than a tokeniser and leaves every number as
 * it was written. Whether the elements are valid JSON is not judged here.
 *
 * @param text holds the array
 * @param start index of its `[`
 * @returns the elements' texts without the white space around them, and the index behind the closing `]`
 * @throws SyntaxError with the position where no array stands at `start`, or where it does not end
 */
export function splitArray(text: string, start: number): { elements: string[]; end: number } {
  if (text.charCodeAt(start) !== OPEN_BRACKET) throw new SyntaxError(`No JSON array at position ${start}`);
  const elements: string[] = [];
  let depth = 0;
  let from = start + 1;
  for (let at = start; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(text, at);
        break;
      case OPEN_BRACKET:
      case OPEN_BRACE:
        depth++;
        break;
      case CLOSE_BRACKET:
      case CLOSE_BRACE:
        depth--;
        if (depth === 0) {
          const last = withoutSpace(text, from, at);
          if (last !== '' || elements.length > 0) elements.push(last);
          return { elements, end: at + 1 };
        }
        break;
      case COMMA:
        if (depth === 1) {
          elements.push(withoutSpace(text, from, at));
          from = at + 1;
        }
        break;
    }
  }
  throw new SyntaxError(`The JSON array at position ${start} does not end`);
}

/**
 * The source text of each member's value of the JSON object that `text` is, by name; a name that stands twice keeps the
 * last value, as `JSON.parse` does.
 * @param text a valid JSON object, as `JSON.parse` has found
 */
export function memberTexts(text: string): Map<string, string> {
  const members = new Map<string, string>();
  let at = text.indexOf('{') + 1;
  while (at < text.length) {
    const quote = text.indexOf('"', at);
    if (quote === -1) break;
    const nameEnd = endOfString(text, quote);
    const name = JSON.parse(text.slice(quote, nameEnd + 1)) as string;
    const colon = text.indexOf(':', nameEnd + 1);
    const end = endOfValue(text, colon + 1);
    members.set(name, withoutSpace(text, colon + 1, end));
    at = end + 1;
  }
  return members;
}

/** The part of a text that stands between its white space (RFC 8259: space, tab, line feed, carriage return). */
function withoutSpace(text: string, from: number, to: number): string {
  let first = from;
  let end = to;
  while (first < end && isSpace(text.charCodeAt(first))) first++;
  while (end > first && isSpace(text.charCodeAt(end - 1))) end--;
  return text.slice(first, end);
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

/** Index of the `,`, `}` or `]` that ends the value which starts at `start`. */
function endOfValue(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(text, at);
        break;
      case OPEN_BRACKET:
      case OPEN_BRACE:
        depth++;
        break;
      case CLOSE_BRACKET:
      case CLOSE_BRACE:
        if (depth === 0) return at;
        depth--;
        break;
      case COMMA:
        if (depth === 0) return at;
        break;
    }
  }
  return text.length;
}

/** Index of the quote that ends the string which starts with the quote at `start`; the text's length where none does. */
function endOfString(text: string, start: number): number {
  let quote = text.indexOf('"', start + 1);
  while (quote !== -1 && isEscaped(text, quote)) quote = text.indexOf('"', quote + 1);
  return quote === -1 ? text.length : quote;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++;
  return backslashes % 2 === 1;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
