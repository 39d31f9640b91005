/**
 * One pass over the source text of an event: its canonical form, and what about it a mapping could choke on.
 *
 * The canonical form is that of `canonicalJson` of `@trunkline/json-source` (a test holds the two together), written from
 * the text's own tokens instead of from parsed values: this runs once for every event and is the hot path.
 */

/** What Elasticsearch, or a reader of its documents, could choke on. */
export type Oddity =
  | 'deep' // nested deeper than a `flattened` field may be
  | 'many-names'
  | 'bad-name' // empty, blank, only dots, over-long, with a NUL, or one that means something to JavaScript
  | 'duplicate-name' // Elasticsearch refuses what JSON.parse takes
  | 'long-number'; // Elasticsearch reads at most 1,000 digits

export interface ScannedText {
  canonical: string;
  /** Empty for almost every event. */
  oddities: ReadonlySet<Oddity>;
}

/** Levels of objects and arrays, the event itself being the first; `flattened` takes 20 below the field. */
export const maxDepth = 20;
/** Member names in an event, at all levels together. */
export const maxNames = 1_000;
/** UTF-16 units; with `ignore_above` it keeps a flattened key and its value within Lucene's 32,766 bytes. */
const maxNameLength = 512;
const maxNumberLength = 1_000;
/** Deeper texts are their own canonical form: fixed, so that the digest does not depend on the size of a stack. */
const maxCanonicalDepth = 1_000;

const noOddities: ReadonlySet<Oddity> = new Set();

/**
 * @param text valid JSON, as `JSON.parse` has found
 */
export function scanText(text: string): ScannedText {
  const scan = new TextScan(text);
  const canonical = scan.run();
  return { canonical, oddities: scan.oddities ?? noOddities };
}

class TooDeep extends Error {}

class TextScan {
  readonly #text: string;
  #at = 0;
  #names = 0;
  oddities: Set<Oddity> | null = null;

  constructor(text: string) {
    this.#text = text;
  }

  run(): string {
    try {
      return this.#value(0);
    } catch (error) {
      if (error instanceof TooDeep) return this.#text;
      throw error;
    }
  }

  #note(oddity: Oddity): void {
    this.oddities ??= new Set();
    this.oddities.add(oddity);
  }

  /** The canonical text of the value that starts at or behind the position, which moves behind it. */
  #value(depth: number): string {
    switch (this.#skipSpace()) {
      case QUOTE:
        return this.#string();
      case OPEN_BRACE:
        return this.#object(depth + 1);
      case OPEN_BRACKET:
        return this.#array(depth + 1);
      default:
        return this.#scalar();
    }
  }

  #skipSpace(): number {
    const text = this.#text;
    let code = text.charCodeAt(this.#at);
    while (code <= SPACE) code = text.charCodeAt(++this.#at);
    return code;
  }

  #enter(depth: number): void {
    this.#at++;
    if (depth <= maxDepth) return;
    this.#note('deep');
    if (depth > maxCanonicalDepth) throw new TooDeep();
  }

  #array(depth: number): string {
    this.#enter(depth);
    if (this.#skipSpace() === CLOSE_BRACKET) {
      this.#at++;
      return '[]';
    }
    let out = `[${this.#value(depth)}`;
    while (this.#skipSpace() === COMMA) {
      this.#at++;
      out += `,${this.#value(depth)}`;
    }
    this.#at++;
    return `${out}]`;
  }

  #object(depth: number): string {
    this.#enter(depth);
    const names: string[] = [];
    const members: string[] = [];
    let sorted = true;
    while (this.#skipSpace() !== CLOSE_BRACE) {
      if (this.#text.charCodeAt(this.#at) === COMMA) {
        this.#at++;
        this.#skipSpace();
      }
      const token = this.#string();
      // Without a backslash a string's token holds the string as it is.
      const name = token.includes('\\') ? (JSON.parse(token) as string) : token.slice(1, -1);
      if (isBadName(name)) this.#note('bad-name');
      this.#skipSpace();
      this.#at++; // the colon
      if (sorted && names.length > 0 && (names[names.length - 1] as string) >= name) sorted = false;
      names.push(name);
      members.push(`${token}:${this.#value(depth)}`);
    }
    this.#at++;
    this.#names += names.length;
    if (this.#names > maxNames) this.#note('many-names');
    return sorted ? `{${members.join(',')}}` : this.#sorted(names, members);
  }

  #sorted(names: string[], members: string[]): string {
    const order = names.map((_, index) => index);
    order.sort((a, b) => {
      const left = names[a] as string;
      const right = names[b] as string;
      return left < right ? -1 : left > right ? 1 : a - b;
    });
    let out = '';
    for (let place = 0; place < order.length; place++) {
      const index = order[place] as number;
      const next = order[place + 1];
      if (next !== undefined && names[index] === names[next]) {
        this.#note('duplicate-name');
        continue; // the last one counts, as for JSON.parse
      }
      out += out === '' ? members[index] : `,${members[index]}`;
    }
    return `{${out}}`;
  }

  /** The string's token in its shortest escapes. */
  #string(): string {
    const text = this.#text;
    const start = this.#at;
    let quote = text.indexOf('"', start + 1);
    while (text.charCodeAt(quote - 1) === BACKSLASH && isEscaped(text, quote)) {
      quote = text.indexOf('"', quote + 1);
    }
    this.#at = quote + 1;
    const token = text.slice(start, quote + 1);
    return token.includes('\\') ? JSON.stringify(JSON.parse(token)) : token;
  }

  /** A number exactly as written, `true`, `false` or `null`. */
  #scalar(): string {
    const text = this.#text;
    const start = this.#at;
    let at = start;
    for (let code = text.charCodeAt(at); code > SPACE; code = text.charCodeAt(++at)) {
      if (code === COMMA || code === CLOSE_BRACE || code === CLOSE_BRACKET) break;
    }
    this.#at = at;
    if (at - start > maxNumberLength) this.#note('long-number');
    return text.slice(start, at);
  }
}

function isBadName(name: string): boolean {
  if (name.length > maxNameLength) return true;
  const first = name.charCodeAt(0);
  if (first >= LETTER_A && first <= LETTER_z) {
    return name === '__proto__' || name === 'constructor' || name.includes('\0');
  }
  return /^[\s.]*$/u.test(name) || name.includes('\0');
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++;
  return backslashes % 2 === 1;
}

const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const LETTER_A = 0x41;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const LETTER_z = 0x7a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
