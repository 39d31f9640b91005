import type { Layout } from './archive-settings.ts';

/** What stands around the conversations of a body. */
export const FRAMES: Record<Layout, { open: Buffer; between: Buffer; close: Buffer }> = {
  compact: frame('[', ',', ']'),
  lines: frame('[\n', ',\n', '\n]\n'),
  pretty: frame('[\n  ', ',\n  ', '\n]\n'),
};

function frame(open: string, between: string, close: string) {
  return { open: Buffer.from(open), between: Buffer.from(between), close: Buffer.from(close) };
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;

/** JSON text without white space, indented from the second level on. Works on bytes, so that every number keeps its digits. */
export function indented(compact: Buffer): Buffer {
  const pieces: (Buffer | string)[] = [];
  let depth = 1;
  let taken = 0;
  const breakAt = (end: number) => {
    pieces.push(compact.subarray(taken, end), `\n${'  '.repeat(depth)}`);
    taken = end;
  };
  for (let at = 0; at < compact.length; at++) {
    const byte = compact[at] as number;
    if (byte === QUOTE) {
      for (at++; compact[at] !== QUOTE; at++) if (compact[at] === BACKSLASH) at++;
    } else if (byte === COMMA) {
      breakAt(at + 1);
    } else if (byte === COLON) {
      pieces.push(compact.subarray(taken, at + 1), ' ');
      taken = at + 1;
    } else if (isOpening(byte) && !isClosing(compact[at + 1])) {
      depth += 1;
      breakAt(at + 1);
    } else if (isClosing(byte) && !isOpening(compact[at - 1])) {
      depth -= 1;
      breakAt(at);
    }
  }
  pieces.push(compact.subarray(taken));
  return Buffer.concat(pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece)));
}

const isOpening = (byte: number | undefined) => byte === 0x7b || byte === 0x5b;
const isClosing = (byte: number | undefined) => byte === 0x7d || byte === 0x5d;
