import { hash } from 'node:crypto';
import { lexemesOf } from '../json-lexemes.ts';

/**
 * SHA-256 (hex) over the values of a JSON text, each with its place and the characters it is written with: two texts have the same
 * where nothing but the order of members, white space between them, and escapes in their names differs.
 */
export function valuesDigest(json: string): string {
  return hash('sha256', valuesOf(json).sort().join('\n'), 'hex');
}

/** An object or list whose end is not reached. */
interface Open {
  isList: boolean;
  /** The member that is read. */
  place: string | number;
  expectsName: boolean;
  isEmpty: boolean;
}

/** Every value that holds no other, as it is written, behind its place; an empty object or list is one. */
function valuesOf(json: string): string[] {
  const values: string[] = [];
  const open: Open[] = [];
  const note = (text: string) => values.push(`${JSON.stringify(open.map(({ place }) => place))} ${text}`);
  for (const { kind, text } of lexemesOf(json)) {
    const inner = open.at(-1);
    if (kind !== 'sign') {
      if (inner !== undefined) inner.isEmpty = false;
      if (inner?.expectsName) inner.place = JSON.parse(text) as string;
      else note(text);
    } else if (text === '{' || text === '[') {
      if (inner !== undefined) inner.isEmpty = false;
      const isList = text === '[';
      open.push({ isList, place: isList ? 0 : '', expectsName: !isList, isEmpty: true });
    } else if (text === '}' || text === ']') {
      open.pop();
      if (inner?.isEmpty) note(inner.isList ? '[]' : '{}');
    } else if (inner !== undefined) {
      inner.expectsName = !inner.isList && text === ',';
      if (inner.isList) inner.place = Number(inner.place) + 1;
    }
  }
  return values;
}
