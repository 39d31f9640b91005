import { RedactionError } from '../redaction-error.ts';

/**
 * JSON source text as a tree whose leaves know where they stand, so that a document can be changed in some places and
 * stays byte for byte as it was in all others: numbers keep their digits, members their order, gaps their spaces.
 *
 * The reader keeps its own stack: depth is bounded by memory, not by the call stack.
 */
export type JsonNode = JsonObject | JsonArray | JsonString | JsonLeaf;

interface Placed {
  /** Offsets [start, end) of the source. */
  readonly start: number;
  end: number;
}

export interface JsonObject extends Placed {
  readonly kind: 'object';
  readonly members: JsonMember[];
}

interface JsonMember {
  readonly key: JsonString;
  readonly value: JsonNode;
}

export interface JsonArray extends Placed {
  readonly kind: 'array';
  readonly items: JsonNode[];
}

export interface JsonString extends Placed {
  readonly kind: 'string';
  readonly value: string;
}

interface JsonLeaf extends Placed {
  readonly kind: 'number' | 'literal';
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const LITERAL = /true|false|null/y;
const SPACES = /[ \t\n\r]*/y;

/** @throws RedactionError DOCUMENT_NOT_JSON with the offset, never the text */
export function parseJson(source: string): JsonNode {
  const open: Array<JsonObject | JsonArray> = [];
  let keyOfNext: JsonString | null = null;
  let root: JsonNode | null = null;
  let at = skipSpaces(source, 0);
  for (;;) {
    const container = open[open.length - 1];
    if (container?.kind === 'object' && keyOfNext === null && source.charCodeAt(at) !== 0x7d) {
      keyOfNext = readString(source, at);
      at = skipSpaces(source, keyOfNext.end);
      if (source.charCodeAt(at) !== 0x3a) throw notJson(at);
      at = skipSpaces(source, at + 1);
    }
    const code = source.charCodeAt(at);
    let value: JsonNode | null = null;
    if (code === 0x7b || code === 0x5b) {
      const opened: JsonObject | JsonArray =
        code === 0x7b
          ? { kind: 'object', start: at, end: at, members: [] }
          : { kind: 'array', start: at, end: at, items: [] };
      attach(container, keyOfNext, opened);
      root ??= opened;
      keyOfNext = null;
      at = skipSpaces(source, at + 1);
      const closing = code === 0x7b ? 0x7d : 0x5d;
      open.push(opened);
      if (source.charCodeAt(at) !== closing) continue;
    } else if (container === undefined || !isClosing(container, code) || keyOfNext !== null) {
      value = readScalar(source, at);
      attach(container, keyOfNext, value);
      root ??= value;
      keyOfNext = null;
      at = skipSpaces(source, value.end);
    } else {
      // A closing bracket where a value must follow: "[1,]".
      throw notJson(at);
    }
    // Behind a value: close what ends here, then a comma or the end of the text.
    for (;;) {
      const top = open[open.length - 1];
      if (top === undefined) {
        if (at !== source.length) throw notJson(at);
        return root as JsonNode;
      }
      const next = source.charCodeAt(at);
      if (isClosing(top, next)) {
        top.end = at + 1;
        open.pop();
        at = skipSpaces(source, at + 1);
        continue;
      }
      if (next !== 0x2c) throw notJson(at);
      at = skipSpaces(source, at + 1);
      if (top.kind === 'object' && source.charCodeAt(at) !== 0x22) throw notJson(at);
      break;
    }
  }
}

function isClosing(container: JsonObject | JsonArray, code: number): boolean {
  return code === (container.kind === 'object' ? 0x7d : 0x5d);
}

function attach(
  container: JsonObject | JsonArray | undefined,
  key: JsonString | null,
  value: JsonNode,
): void {
  if (container?.kind === 'array') container.items.push(value);
  else if (container?.kind === 'object') container.members.push({ key: key as JsonString, value });
}

function readScalar(source: string, at: number): JsonNode {
  const code = source.charCodeAt(at);
  if (code === 0x22) return readString(source, at);
  const expression = code === 0x2d || (code >= 0x30 && code <= 0x39) ? NUMBER : LITERAL;
  expression.lastIndex = at;
  if (!expression.test(source)) throw notJson(at);
  return { kind: expression === NUMBER ? 'number' : 'literal', start: at, end: expression.lastIndex };
}

function readString(source: string, start: number): JsonString {
  if (source.charCodeAt(start) !== 0x22) throw notJson(start);
  let escaped = false;
  let at = start + 1;
  for (; ; at++) {
    const code = source.charCodeAt(at);
    if (code === 0x22) break;
    if (code === 0x5c) {
      escaped = true;
      at++;
    } else if (!(code >= 0x20)) {
      // A control character, or NaN behind the end of the text.
      throw notJson(at);
    }
  }
  const end = at + 1;
  if (!escaped) return { kind: 'string', start, end, value: source.slice(start + 1, at) };
  try {
    return { kind: 'string', start, end, value: JSON.parse(source.slice(start, end)) as string };
  } catch {
    throw notJson(start);
  }
}

function skipSpaces(source: string, at: number): number {
  if (source.charCodeAt(at) > 0x20) return at;
  SPACES.lastIndex = at;
  SPACES.test(source);
  return SPACES.lastIndex;
}

function notJson(at: number): RedactionError {
  return new RedactionError(
    'DOCUMENT_NOT_JSON',
    `The document is not JSON: unexpected text at offset ${at}.`,
  );
}
