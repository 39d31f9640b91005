import { DROP, foldCodePoint, KEEP } from './unicode.ts';

/**
 * A copy of a text in which every decimal digit, dash and space is ASCII, invisible characters are gone and
 * escaped punctuation (`&#64;`, `%40`) is decoded, with the way back to the original.
 *
 * Invariant: `map === null` means the folded text is the original, offset for offset.
 */
export interface Folded {
  readonly text: string;
  readonly map: OffsetMap | null;
}

interface OffsetMap {
  /** Original UTF-16 offset at which the folded character begins; one more entry than characters. */
  readonly start: Int32Array;
  /** Original UTF-16 offset behind what the folded character stands for. */
  readonly end: Int32Array;
}

const NAMED_ENTITIES: Readonly<Record<string, number>> = {
  commat: 0x40,
  period: 0x2e,
  lowbar: 0x5f,
  hyphen: 0x2d,
  dash: 0x2d,
  plus: 0x2b,
  nbsp: 0x20,
  lpar: 0x28,
  rpar: 0x29,
  shy: DROP,
  zwnj: DROP,
  zwj: DROP,
  ndash: 0x2d,
  mdash: 0x2d,
};

const ENTITY = /&(?:#(\d{2,6})|#[xX]([0-9a-fA-F]{2,5})|([a-z]{3,6}));/y;
/** Percent escapes of the characters that stand inside mail addresses and telephone numbers, nothing else. */
const PERCENT = /%(2[0-9bBdDeE]|3[0-9]|40|5[fF])/y;

/** Folds a text. Linear; never throws, lone surrogates included. */
export function fold(original: string): Folded {
  const length = original.length;
  const codes = new Uint16Array(length);
  const start = new Int32Array(length + 1);
  const end = new Int32Array(length + 1);
  let size = 0;
  let at = 0;
  while (at < length) {
    const unit = original.charCodeAt(at);
    let width = 1;
    let target: number = KEEP;
    if (unit >= 0x80) {
      const codePoint = original.codePointAt(at) as number;
      if (codePoint > 0xffff) width = 2;
      target = foldCodePoint(codePoint);
    } else if (unit === 0x26 || unit === 0x25) {
      const escaped = unit === 0x26 ? entityAt(original, at) : percentAt(original, at);
      if (escaped !== null) {
        target = escaped.code;
        width = escaped.width;
      }
    }
    if (target === KEEP) {
      for (let i = 0; i < width; i++) {
        codes[size] = original.charCodeAt(at + i);
        start[size] = at + i;
        end[size++] = at + i + 1;
      }
    } else if (target !== DROP) {
      codes[size] = target;
      start[size] = at;
      end[size++] = at + width;
    }
    at += width;
  }
  start[size] = length;
  end[size] = length;
  const text = Buffer.from(codes.buffer, 0, size * 2).toString('utf16le');
  return { text, map: { start, end } };
}

function entityAt(original: string, at: number): { code: number; width: number } | null {
  ENTITY.lastIndex = at;
  const match = ENTITY.exec(original);
  if (match === null) return null;
  let code: number | undefined;
  if (match[1] !== undefined) code = Number.parseInt(match[1], 10);
  else if (match[2] !== undefined) code = Number.parseInt(match[2], 16);
  else code = NAMED_ENTITIES[match[3] as string];
  if (code === undefined) return null;
  if (code >= 0x80) code = foldCodePoint(code);
  const printable = code === DROP || (code >= 0x20 && code < 0x7f);
  return printable ? { code, width: match[0].length } : null;
}

function percentAt(original: string, at: number): { code: number; width: number } | null {
  PERCENT.lastIndex = at;
  const match = PERCENT.exec(original);
  return match === null ? null : { code: Number.parseInt(match[1] as string, 16), width: 3 };
}
