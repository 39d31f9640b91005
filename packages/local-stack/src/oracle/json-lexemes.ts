/** A piece of a JSON text: a string with its quotes, a number or a word (`true`, `null`) as written, or a sign. */
export interface Lexeme {
  kind: 'string' | 'scalar' | 'sign';
  text: string;
}

const space = /[\t\n\r ]*/y;
const scalar = /[^\t\n\r ,:[\]{}"]+/y;

/** The pieces of a JSON text in order, white space between them left out. It only cuts: what is no JSON comes out in pieces too. */
export function* lexemesOf(json: string): Generator<Lexeme> {
  for (let at = pastSpace(json, 0); at < json.length; at = pastSpace(json, at)) {
    const first = json.charAt(at);
    if (first === '"') {
      const end = endOfString(json, at);
      yield { kind: 'string', text: json.slice(at, end) };
      at = end;
    } else if (',:[]{}'.includes(first)) {
      yield { kind: 'sign', text: first };
      at += 1;
    } else {
      scalar.lastIndex = at;
      const text = scalar.exec(json)?.[0] ?? first;
      yield { kind: 'scalar', text };
      at += text.length;
    }
  }
}

function pastSpace(json: string, at: number): number {
  space.lastIndex = at;
  return at + (space.exec(json)?.[0].length ?? 0);
}

/** Behind the closing quote. */
function endOfString(json: string, from: number): number {
  for (let at = json.indexOf('"', from + 1); at !== -1; at = json.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (json.charAt(at - 1 - backslashes) === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return at + 1;
  }
  return json.length;
}

/** Every string of a JSON text (or of several, a line each) without its escapes; also those of JSON within strings. */
export function decodedStrings(json: string): string[] {
  const strings: string[] = [];
  for (const { kind, text } of lexemesOf(json)) {
    if (kind !== 'string') continue;
    const decoded = decodedString(text);
    if (decoded === null) continue;
    strings.push(decoded);
    if (/^\s*[[{]/.test(decoded)) strings.push(...decodedStrings(decoded));
  }
  return strings;
}

/** @param text a string with its quotes; `null`: it is none */
export function decodedString(text: string): string | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? value : null;
  } catch {
    return null;
  }
}
