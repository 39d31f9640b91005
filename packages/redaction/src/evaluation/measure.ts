import { Conversation, type Phrase } from '../text/conversation.ts';
import { fold } from '../text/fold.ts';
import { DIGITS, WORD } from '../text/lexer.ts';
import { readRun, startsNumber } from '../text/number-run.ts';

/** One labelled utterance, in the form of `pii-samples.md`. */
export interface LabelledLine {
  readonly id: string;
  readonly group: string;
  readonly sub: string;
  readonly region: string;
  readonly phrases: readonly Phrase[];
  readonly text: string;
  readonly gold: readonly GoldValue[];
}

interface GoldValue {
  readonly type: string;
  readonly canonical: string;
  /** Code points [start, end) of `text`. */
  readonly spans: ReadonlyArray<readonly [number, number]>;
}

interface ReplacedRange {
  readonly start: number;
  readonly end: number;
  readonly token: string;
}

/** UTF-16 offsets of code point offsets. */
function utf16Offsets(text: string): (codePoint: number) => number {
  if (!/[\ud800-\udfff]/.test(text)) return (offset) => offset;
  const offsets: number[] = [];
  let at = 0;
  for (const character of text) {
    offsets.push(at);
    at += character.length;
  }
  offsets.push(at);
  return (offset) => offsets[offset] as number;
}

/**
 * Whether a value can still be read where it stood: four of its digits in a row, or five characters of a mail
 * address's local part, outside of every replaced range.
 */
function isLeaked(line: LabelledLine, value: GoldValue, replaced: readonly ReplacedRange[]): boolean {
  const toUtf16 = utf16Offsets(line.text);
  const rest: string[] = [];
  for (const [from, to] of value.spans) {
    let at = toUtf16(from);
    const end = toUtf16(to);
    for (const { start, end: stop } of replaced) {
      if (stop <= at || start >= end) continue;
      if (start > at) rest.push(line.text.slice(at, start));
      at = Math.max(at, stop);
    }
    if (at < end) rest.push(line.text.slice(at, end));
  }
  if (value.type === 'EMAIL') return rest.some((piece) => readableLocalPart(piece, value.canonical));
  return rest.some((piece) => readableDigits(piece) >= (value.type === 'IBAN' ? 6 : 4));
}

function readableLocalPart(piece: string, canonical: string): boolean {
  const local = (canonical.split('@')[0] as string).replace(/[^\p{L}\p{N}]/gu, '').toLowerCase();
  const readable = fold(piece)
    .text.replace(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase();
  const needed = Math.min(5, local.length);
  for (let at = 0; at + needed <= local.length; at++)
    if (readable.includes(local.slice(at, at + needed))) return true;
  return false;
}

const reader = new Conversation();

/** How many digits a piece of text spells, typed or spoken. */
function readableDigits(piece: string): number {
  reader.load([{ speaker: '', text: piece }]);
  const { stream, text } = reader;
  let digits = 0;
  for (let at = 0; at < stream.size; ) {
    if (stream.type[at] !== DIGITS && stream.type[at] !== WORD) {
      digits += text.slice(stream.start[at], stream.end[at]).replace(/\D/g, '').length;
      at++;
      continue;
    }
    const run = startsNumber(stream, at) ? readRun(stream, text, at) : null;
    if (run === null) {
      at++;
      continue;
    }
    for (const item of run.items) digits += item.digits.length;
    at = run.next;
  }
  return digits;
}

/** The token that covers most of a value, or null. */
function tokenOver(line: LabelledLine, value: GoldValue, replaced: readonly ReplacedRange[]): string | null {
  const toUtf16 = utf16Offsets(line.text);
  let best: string | null = null;
  let most = 0;
  for (const [from, to] of value.spans) {
    for (const { start, end, token } of replaced) {
      const covered = Math.min(end, toUtf16(to)) - Math.max(start, toUtf16(from));
      if (covered > most) {
        most = covered;
        best = token;
      }
    }
  }
  return best;
}

export interface GroupScore {
  lines: number;
  values: number;
  leaked: number;
  harmless: number;
  harmed: number;
}

export interface Score {
  readonly groups: Map<string, GroupScore>;
  /** Values whose canonical form has more than one token, and tokens shared by several canonical forms. */
  readonly canonicals: number;
  readonly splitCanonicals: number;
  readonly sharedTokens: number;
  /** Lines that went wrong, for the person who tunes. */
  readonly failures: Array<{ line: LabelledLine; what: string; redacted: string }>;
}

export type RedactLine = (line: LabelledLine) => { redacted: string; replaced: readonly ReplacedRange[] };

/** Scores a redactor over labelled lines; groups are `group` and, beneath it, `group/sub`. */
export function measure(lines: Iterable<LabelledLine>, redact: RedactLine): Score {
  const groups = new Map<string, GroupScore>();
  const tokensOf = new Map<string, Set<string>>();
  const canonicalsOf = new Map<string, Set<string>>();
  const failures: Score['failures'] = [];
  const scoreOf = (name: string): GroupScore => {
    let score = groups.get(name);
    if (score === undefined) {
      score = { lines: 0, values: 0, leaked: 0, harmless: 0, harmed: 0 };
      groups.set(name, score);
    }
    return score;
  };
  for (const line of lines) {
    const { redacted, replaced } = redact(line);
    const scores = [scoreOf(line.group), scoreOf(`${line.group}/${line.sub}`)];
    for (const score of scores) score.lines++;
    if (line.gold.length === 0) {
      const harmed = redacted !== line.text;
      for (const score of scores) {
        score.harmless++;
        if (harmed) score.harmed++;
      }
      if (harmed) failures.push({ line, what: 'harmed', redacted });
      continue;
    }
    for (const value of line.gold) {
      const leaked = isLeaked(line, value, replaced);
      for (const score of scores) {
        score.values++;
        if (leaked) score.leaked++;
      }
      const token = tokenOver(line, value, replaced);
      const canonical = `${value.type} ${value.canonical}`;
      if (leaked) failures.push({ line, what: `leaked ${value.type}`, redacted });
      if (token === null) continue;
      if (!token.startsWith(`${value.type}-`))
        failures.push({ line, what: `typed ${token} not ${value.type}`, redacted });
      addTo(tokensOf, canonical, token);
      addTo(canonicalsOf, token, canonical);
      if ((tokensOf.get(canonical)?.size ?? 0) > 1 || (canonicalsOf.get(token)?.size ?? 0) > 1) {
        failures.push({ line, what: `token of ${canonical}`, redacted });
      }
    }
  }
  return {
    groups,
    canonicals: tokensOf.size,
    splitCanonicals: [...tokensOf.values()].filter((tokens) => tokens.size > 1).length,
    sharedTokens: [...canonicalsOf.values()].filter((canonicals) => canonicals.size > 1).length,
    failures,
  };
}

function addTo(map: Map<string, Set<string>>, key: string, value: string): void {
  const set = map.get(key);
  if (set === undefined) map.set(key, new Set([value]));
  else set.add(value);
}
