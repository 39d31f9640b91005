import type { OutputSpan, Replacement } from '../redactor.ts';
import type { Tokenizer } from './tokenizer.ts';

/**
 * The guide's three expressions, applied one after the other as its Go program applies them, each hashing exactly
 * what it matched. Kept apart from the detectors: this mode is for tokens that must equal those of an archive that
 * the guide's program wrote.
 *
 *   telephone  \b(?:\+?1[-.\s]?)?\(?\d{3}\)?[-.\s]?\d{3}[-.\s]?\d{4}\b
 *   mail       [a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\.[a-zA-Z]{2,}
 *   SSN        \b\d{3}-\d{2}-\d{4}\b
 *
 * In Go (RE2) `\s` is tab, newline, form feed, carriage return and space, and `\b` and `\d` are ASCII; the classes are
 * written out here because JavaScript's `\s` is Unicode. The telephone and SSN expressions are bounded, so V8 runs them
 * in linear time; the mail expression is not (quadratic on "aaaa"), so it is matched by hand, from each '@' outwards.
 */
const PHONE = /\b(?:\+?1[-.\t\n\f\r ]?)?\(?[0-9]{3}\)?[-.\t\n\f\r ]?[0-9]{3}[-.\t\n\f\r ]?[0-9]{4}\b/g;
const SSN = /\b[0-9]{3}-[0-9]{2}-[0-9]{4}\b/g;

interface GuideRedaction {
  readonly output: string;
  readonly spans: OutputSpan[];
  readonly counts: Record<string, number>;
  readonly replacements: Replacement[];
}

/** A token that stands in the current text, and the range of the original that it replaced. */
interface Placed {
  readonly type: string;
  readonly token: string;
  readonly start: number;
  readonly end: number;
  readonly originalStart: number;
  readonly originalEnd: number;
}

type Matcher = (text: string) => Array<readonly [start: number, end: number]>;

const STEPS: ReadonlyArray<readonly [type: string, matches: Matcher]> = [
  ['PHONE', (text) => matchesOf(PHONE, text)],
  ['EMAIL', mailMatches],
  ['SSN', (text) => matchesOf(SSN, text)],
];

export function redactAsGuide(original: string, tokenizer: Tokenizer): GuideRedaction {
  let text = original;
  let placed: Placed[] = [];
  for (const [type, matches] of STEPS) {
    const found = matches(text);
    if (found.length > 0) ({ text, placed } = replaceAll(text, type, found, placed, tokenizer));
  }
  const counts: Record<string, number> = {};
  for (const { type } of placed) counts[type] = (counts[type] ?? 0) + 1;
  return {
    output: text,
    spans: placed.map(({ type, start, end }) => ({ type, start, end })),
    counts,
    replacements: placed.map(({ type, token, originalStart, originalEnd }) => ({
      type,
      start: originalStart,
      end: originalEnd,
      token,
      isFirst: true,
    })),
  };
}

function replaceAll(
  text: string,
  type: string,
  found: ReadonlyArray<readonly [number, number]>,
  before: readonly Placed[],
  tokenizer: Tokenizer,
): { text: string; placed: Placed[] } {
  let output = '';
  let from = 0;
  let next = 0;
  // How far an offset of the current text outside of tokens lies behind the same place in the original.
  let toOriginal = 0;
  const placed: Placed[] = [];
  const keepUntil = (limit: number): void => {
    for (let item = before[next]; item !== undefined && item.end <= limit; item = before[++next]) {
      const shift = output.length - from;
      placed.push({ ...item, start: item.start + shift, end: item.end + shift });
      toOriginal = item.originalEnd - item.end;
    }
  };
  for (const [start, end] of found) {
    keepUntil(start);
    let originalStart = start + toOriginal;
    let originalEnd = end + toOriginal;
    // A match may swallow tokens that stand already ("PHONE-...@example.com"), as it does in Go.
    for (let item = before[next]; item !== undefined && item.start < end; item = before[++next]) {
      originalStart = Math.min(originalStart, item.start < start ? item.originalStart : originalStart);
      toOriginal = item.originalEnd - item.end;
      originalEnd = Math.max(item.originalEnd, end + toOriginal);
    }
    output += text.slice(from, start);
    const token = tokenizer.token(type, text.slice(start, end));
    placed.push({
      type,
      token,
      start: output.length,
      end: output.length + token.length,
      originalStart,
      originalEnd,
    });
    output += token;
    from = end;
  }
  keepUntil(text.length);
  return { text: output + text.slice(from), placed };
}

function matchesOf(expression: RegExp, text: string): Array<readonly [number, number]> {
  const found: Array<readonly [number, number]> = [];
  for (const match of text.matchAll(expression)) found.push([match.index, match.index + match[0].length]);
  return found;
}

function isAlpha(code: number): boolean {
  return (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
}

function isDomainCharacter(code: number): boolean {
  return isAlpha(code) || (code >= 0x30 && code <= 0x39) || code === 0x2e || code === 0x2d;
}

function isLocalCharacter(code: number): boolean {
  return isDomainCharacter(code) || code === 0x5f || code === 0x25 || code === 0x2b;
}

/**
 * The leftmost-first matches of the mail expression. Neither class holds '@', so the local parts of two signs never
 * share a character and each character is looked at twice at most.
 */
function mailMatches(text: string): Array<readonly [number, number]> {
  const found: Array<readonly [number, number]> = [];
  let floor = 0;
  for (let at = text.indexOf('@'); at !== -1; at = text.indexOf('@', at + 1)) {
    let start = at;
    while (start > floor && isLocalCharacter(text.charCodeAt(start - 1))) start--;
    if (start === at) continue;
    let limit = at + 1;
    while (limit < text.length && isDomainCharacter(text.charCodeAt(limit))) limit++;
    const end = domainEnd(text, at + 1, limit);
    if (end === -1) continue;
    found.push([start, end]);
    floor = end;
  }
  return found;
}

/** The end of the longest `[a-zA-Z0-9.-]+\.[a-zA-Z]{2,}` in [from, limit), or -1. Greedy: the last usable dot wins. */
function domainEnd(text: string, from: number, limit: number): number {
  let letters = 0;
  let lettersEnd = limit;
  for (let at = limit - 1; at > from; at--) {
    const code = text.charCodeAt(at);
    if (isAlpha(code)) {
      if (letters === 0) lettersEnd = at + 1;
      letters++;
      continue;
    }
    if (code === 0x2e && letters >= 2) return lettersEnd;
    letters = 0;
  }
  return -1;
}
