/**
 * One pass over the source text of an event: whether it is JSON at all, its canonical form, the values at its top, and what about
 * it a mapping could choke on.
 *
 * The canonical form is that of `canonicalJson` of `@trunkline/json-source`, and what counts as JSON is what `JSON.parse` takes
 * (tests hold both together). Both are had from the text's own tokens: parsing an event into objects and writing it anew takes
 * several times as long, and this runs once for every event.
 */
import { memberTexts } from '@trunkline/json-source';

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
  /** Of a JSON object: the values at its top; of any other value `null`. */
  top: TopValues | null;
}

/** The values at the top of an object, in the order of the text. A name that stands twice is here twice. */
export class TopValues {
  readonly names: string[] = [];
  /** Canonical text of each value. */
  readonly values: string[] = [];

  /** The value of a name, the last where it stands twice, as for `JSON.parse`. */
  get(name: string): string | undefined {
    const place = this.names.lastIndexOf(name);
    return place === -1 ? undefined : this.values[place];
  }
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

/** Up to here sorting by insertion is faster than calling a comparison. */
const fewNames = 24;

const noOddities: ReadonlySet<Oddity> = new Set();

/**
 * @returns `null` where the text is no JSON. One thing is taken that `JSON.parse` refuses, because looking for it would cost as
 *   much as all the rest: a raw control character inside a string. No page that was parsed holds one, and Elasticsearch refuses it.
 */
export function scanText(text: string): ScannedText | null {
  const scan = new TextScan(text);
  try {
    const canonical = scan.run();
    return { canonical, oddities: scan.oddities ?? noOddities, top: scan.top };
  } catch (error) {
    if (error instanceof TooDeep) return scanDeep(text);
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function scanDeep(text: string): ScannedText | null {
  try {
    JSON.parse(text);
  } catch {
    return null;
  }
  let top: TopValues | null = null;
  if (text.trimStart().startsWith('{')) {
    top = new TopValues();
    for (const [name, value] of memberTexts(text)) {
      top.names.push(name);
      top.values.push(value);
    }
  }
  return { canonical: text, oddities: new Set(['deep']), top };
}

class TooDeep extends Error {}

class TextScan {
  readonly #text: string;
  /** Without a backslash in the text, every string's token holds the string as it is. */
  readonly #escapes: boolean;
  #at = 0;
  #names = 0;
  oddities: Set<Oddity> | null = null;
  top: TopValues | null = null;

  constructor(text: string) {
    this.#text = text;
    this.#escapes = text.includes('\\');
  }

  /** @throws SyntaxError where the text is no JSON; TooDeep */
  run(): string {
    const canonical = this.#value(0);
    this.#skipSpace();
    if (this.#at !== this.#text.length) throw notJson();
    return canonical;
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
    let code = this.#text.charCodeAt(this.#at);
    while (code <= SPACE) {
      if (code !== SPACE && code !== TAB && code !== LINE_FEED && code !== CARRIAGE_RETURN) throw notJson();
      code = this.#text.charCodeAt(++this.#at);
    }
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
    let code = this.#skipSpace();
    for (; code === COMMA; code = this.#skipSpace()) {
      this.#at++;
      out += `,${this.#value(depth)}`;
    }
    if (code !== CLOSE_BRACKET) throw notJson();
    this.#at++;
    return `${out}]`;
  }

  #object(depth: number): string {
    const top = depth === 1 ? new TopValues() : null;
    this.#enter(depth);
    const names: string[] = [];
    const members: string[] = [];
    let sorted = true;
    let last = '';
    let code = this.#skipSpace();
    while (code !== CLOSE_BRACE) {
      if (names.length > 0) {
        if (code !== COMMA) throw notJson();
        this.#at++;
        code = this.#skipSpace();
      }
      if (code !== QUOTE) throw notJson();
      const token = this.#string();
      const name = this.#escapes ? (JSON.parse(token) as string) : token.slice(1, -1);
      if (isBadName(name, this.#escapes)) this.#note('bad-name');
      if (this.#skipSpace() !== COLON) throw notJson();
      this.#at++;
      const value = this.#value(depth);
      if (top !== null) {
        top.names.push(name);
        top.values.push(value);
      }
      if (last >= name && names.length > 0) sorted = false;
      last = name;
      names.push(name);
      members.push(`${token}:${value}`);
      code = this.#skipSpace();
    }
    this.#at++;
    this.top = top;
    this.#names += names.length;
    if (this.#names > maxNames) this.#note('many-names');
    if (!sorted) this.#sort(names, members);
    let out = members.length === 0 ? '{' : `{${members[0]}`;
    for (let place = 1; place < members.length; place++) out += `,${members[place]}`;
    return `${out}}`;
  }

  /** Sorts members by name, in place; of members with one name the last is kept, as `JSON.parse` does. */
  #sort(names: string[], members: string[]): void {
    if (names.length > fewNames) this.#sortMany(names, members);
    else this.#sortFew(names, members);
    this.#dropRepeated(names, members);
  }

  #sortFew(names: string[], members: string[]): void {
    for (let from = 1; from < names.length; from++) {
      const name = names[from] as string;
      const member = members[from] as string;
      let place = from;
      for (; place > 0 && (names[place - 1] as string) > name; place--) {
        names[place] = names[place - 1] as string;
        members[place] = members[place - 1] as string;
      }
      names[place] = name;
      members[place] = member;
    }
  }

  #sortMany(names: string[], members: string[]): void {
    const order = names.map((name, place) => ({ name, member: members[place] as string }));
    order.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)); // stable
    for (const [place, { name, member }] of order.entries()) {
      names[place] = name;
      members[place] = member;
    }
  }

  #dropRepeated(names: string[], members: string[]): void {
    let repeated = false;
    for (let place = 1; place < names.length; place++) if (names[place] === names[place - 1]) repeated = true;
    if (!repeated) return;
    this.#note('duplicate-name');
    const kept = members.filter((_, place) => names[place] !== names[place + 1]);
    members.splice(0, members.length, ...kept);
  }

  /** The string's token in its shortest escapes. */
  #string(): string {
    const text = this.#text;
    const start = this.#at;
    let quote = text.indexOf('"', start + 1);
    if (this.#escapes) while (quote !== -1 && isEscaped(text, quote)) quote = text.indexOf('"', quote + 1);
    if (quote === -1) throw notJson();
    this.#at = quote + 1;
    const token = text.slice(start, quote + 1);
    return this.#escapes && token.includes('\\') ? JSON.stringify(JSON.parse(token)) : token;
  }

  /** A number exactly as written, `true`, `false` or `null`. */
  #scalar(): string {
    const text = this.#text;
    const start = this.#at;
    let at = start;
    let digits = true;
    for (let code = text.charCodeAt(at); code > SPACE; code = text.charCodeAt(++at)) {
      if (code === COMMA || code === CLOSE_BRACE || code === CLOSE_BRACKET) break;
      if (code < DIGIT_0 || code > DIGIT_9) digits = false;
    }
    this.#at = at;
    const token = text.slice(start, at);
    const plain = digits && (at - start === 1 || (at > start && text.charCodeAt(start) !== DIGIT_0));
    if (!plain && !literal.test(token)) throw notJson();
    if (at - start > maxNumberLength) this.#note('long-number');
    return token;
  }
}

const literal = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/;

function notJson(): SyntaxError {
  return new SyntaxError('no JSON');
}

/** @param escaped the name may hold what only an escape can bring in */
function isBadName(name: string, escaped: boolean): boolean {
  if (name.length > maxNameLength || (escaped && name.includes('\0'))) return true;
  const first = name.charCodeAt(0);
  if (first >= LETTER_A && first <= LETTER_z) return name === '__proto__' || name === 'constructor';
  return /^[\s.]*$/u.test(name);
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++;
  return backslashes % 2 === 1;
}

const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const COLON = 0x3a;
const LETTER_A = 0x41;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const LETTER_z = 0x7a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
