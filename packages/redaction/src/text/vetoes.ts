import { flagsOfEntry } from '../words/lexicon.ts';
import {
  CARD_CUE,
  CURRENCY,
  EXTENSION,
  NUMBER,
  NUMBER_WORD,
  PHONE_CUE,
  PLUS,
  SSN_CUE,
  TOP_LEVEL,
} from '../words/word-flags.ts';
import { leftCue } from './context.ts';
import type { Conversation } from './conversation.ts';
import { DIGITS, MIXED, PUNCTUATION, REDACTED, TIGHT, type TokenStream, WORD } from './lexer.ts';
import { isColonBetweenGroups, type NumberRun, type RunItem } from './number-run.ts';

/**
 * Marks the groups of a run whose shape says that they are no personal value: dates, dotted IP addresses, amounts,
 * coordinates (`dead`), and groups that hang on letters, as in part numbers, UUIDs, versions, file names (`tied`).
 */
export function markVetoes(conversation: Conversation, run: NumberRun): void {
  const { stream, text } = conversation;
  const { items } = run;
  for (let from = 0; from < items.length; ) {
    const to = chainEnd(items, from);
    markChain(conversation, items, from, to);
    from = to + 1;
  }
  markCoordinates(stream, items);
  for (const item of items) {
    if (item.spoken) continue;
    item.tied = isTiedBefore(stream, text, item.first) || isTiedBehind(stream, text, item.last);
  }
}

/** The last item of the chain that begins at an item: groups held together by one and the same tight character. */
function chainEnd(items: readonly RunItem[], from: number): number {
  let to = from;
  let character = 0;
  while (to + 1 < items.length) {
    const next = items[to + 1] as RunItem;
    if (next.gapCharacter === 0 || next.gapCharacter === 0x20 || next.spoken) break;
    if (character !== 0 && next.gapCharacter !== character) break;
    character = next.gapCharacter;
    to++;
  }
  return to;
}

function markChain(conversation: Conversation, items: RunItem[], from: number, to: number): void {
  const last = lastDead(conversation, items, from, to);
  for (let i = from; i <= last; i++) (items[i] as RunItem).dead = true;
}

/** The last item that the shape of the chain [from, to] rules out together with it; before `from` for none. */
function lastDead(conversation: Conversation, items: readonly RunItem[], from: number, to: number): number {
  const { stream, text } = conversation;
  const none = from - 1;
  const first = items[from] as RunItem;
  const last = items[to] as RunItem;
  const size = to - from + 1;
  if (isMoney(stream, text, first, last)) return to;
  if (size === 1 || first.spoken) return none;
  const character = (items[from + 1] as RunItem).gapCharacter;
  // The chain goes on behind another character ("06.12.11-38"): no date, no address.
  const isWhole = !isTightDigit(stream, first.first - 1) && !isTightDigit(stream, last.last + 1);
  if (size === 3 && isWhole && isDate(items, from, character)) return to;
  // "2012-04-27T02:39:31Z": the day hangs on the time.
  const isStamp = size === 2 && character === 0x2d && stream.type[last.last + 2] === MIXED;
  if (isStamp && first.digits.length === 4 && isYear(first.digits) && last.digits.length === 2) return to;
  if (size === 4 && character === 0x2e && isIpV4(items, from)) {
    // "Whatsapp 34.41.25.48": eight digits in pairs are a telephone where one is named.
    const pairs = items.slice(from, to + 1).every((item) => item.digits.length === 2);
    return pairs && (leftCue(conversation, first.first).kind & (PHONE_CUE | NUMBER_WORD)) !== 0 ? none : to;
  }
  if (character === 0x2e && isVersion(items, from, to)) {
    // "call 9.6619.2399": digits enough for a telephone where one is named.
    let digits = 0;
    for (let i = from; i <= to; i++) digits += (items[i] as RunItem).digits.length;
    const isNamed = digits >= 9 && (leftCue(conversation, first.first).kind & PHONE_CUE) !== 0;
    return isNamed ? none : to;
  }
  if (character === 0x2c && isThousands(items, from, to)) return to;
  // "1.234.567,89": dots between thousands are an amount only with decimals behind a comma.
  const next = items[to + 1];
  const hasDecimals = next?.gapCharacter === 0x2c && next.digits.length === 2;
  return character === 0x2e && hasDecimals && isThousands(items, from, to) ? to + 1 : none;
}

function isTightDigit(stream: TokenStream, at: number): boolean {
  if (at <= 0 || at + 1 >= stream.size || stream.type[at] !== PUNCTUATION) return false;
  const code = stream.info[at];
  if (code !== 0x2d && code !== 0x2e && code !== 0x2f) return false;
  return (
    stream.space[at] === TIGHT &&
    stream.space[at + 1] === TIGHT &&
    stream.type[at - 1] === DIGITS &&
    stream.type[at + 1] === DIGITS
  );
}

/** 2023-08-20, 20.8.2023, 08/20/23: month and day in range, the year of four digits between 1900 and 2100. */
function isDate(items: readonly RunItem[], from: number, character: number): boolean {
  if (character !== 0x2d && character !== 0x2e && character !== 0x2f) return false;
  const [a, b, c] = [items[from], items[from + 1], items[from + 2]].map(
    (item) => (item as RunItem).digits,
  ) as [string, string, string];
  if (b.length > 2) return false;
  if (a.length === 4) return c.length <= 2 && isYear(a);
  if (a.length > 2) return false;
  if (c.length === 4) return isYear(c) && (character === 0x2f || isDayAndMonth(a, b));
  return c.length === 2 && a.length <= 2 && isDayAndMonth(a, b);
}

function isYear(digits: string): boolean {
  const year = Number(digits);
  return year >= 1900 && year <= 2100;
}

function isDayAndMonth(a: string, b: string): boolean {
  const [x, y] = [Number(a), Number(b)];
  return x >= 1 && y >= 1 && ((x <= 12 && y <= 31) || (x <= 31 && y <= 12));
}

function isIpV4(items: readonly RunItem[], from: number): boolean {
  for (let i = from; i < from + 4; i++) {
    const { digits } = items[i] as RunItem;
    if (digits.length > 3 || Number(digits) > 255 || (digits.length > 1 && digits.startsWith('0')))
      return false;
  }
  return true;
}

/** "14.0.29016.8790": three or four parts with dots, a part of one digit among longer ones, no country code. */
function isVersion(items: readonly RunItem[], from: number, to: number): boolean {
  const size = to - from + 1;
  if (size < 3 || size > 4 || (items[from] as RunItem).plus !== -1) return false;
  const lengths = items.slice(from, to + 1).map((item) => item.digits.length);
  if (lengths.every((length) => length === 1)) return true;
  const shape = lengths.join('-');
  return lengths.includes(1) && shape !== '1-3-3-4' && shape !== '4-4-4-1';
}

function isThousands(items: readonly RunItem[], from: number, to: number): boolean {
  if ((items[from] as RunItem).digits.length > 3) return false;
  for (let i = from + 1; i <= to; i++) if ((items[i] as RunItem).digits.length !== 3) return false;
  return true;
}

/** A currency sign or word, or a per cent sign, directly before or behind. */
function isMoney(stream: TokenStream, text: string, first: RunItem, last: RunItem): boolean {
  const before = first.first - 1;
  if (before >= 0 && isMoneyToken(stream, before, stream.space[first.first] as number)) return true;
  const behind = last.last + 1;
  if (behind >= stream.size) return false;
  if (isMoneyToken(stream, behind, stream.space[behind] as number)) return true;
  if (stream.type[behind] !== PUNCTUATION) return false;
  const code = stream.info[behind] as number;
  // "12.5%", "-40°"; the decimals of "$3,837.04" belong to the amount.
  if ((code === 0x25 || code === 0xb0) && stream.space[behind] === TIGHT) return true;
  return (
    before >= 1 &&
    isTightDigit(stream, before) &&
    isMoneyToken(stream, chainStart(stream, before) - 1, TIGHT) &&
    text !== ''
  );
}

/** The first digits token of the tight chain that a separator belongs to. */
function chainStart(stream: TokenStream, at: number): number {
  let first = at - 1;
  for (let i = 0; i < 6 && first >= 2; i++) {
    const isSeparator =
      stream.type[first - 1] === PUNCTUATION &&
      stream.space[first] === TIGHT &&
      stream.space[first - 1] === TIGHT;
    if (!isSeparator || stream.type[first - 2] !== DIGITS) break;
    first -= 2;
  }
  return first;
}

function isMoneyToken(stream: TokenStream, at: number, space: number): boolean {
  if (at < 0 || at >= stream.size) return false;
  if (stream.type[at] === PUNCTUATION) {
    const code = stream.info[at] as number;
    return code === 0x24 || (code >= 0xa2 && code <= 0xa5) || (code >= 0x20a0 && code <= 0x20cf);
  }
  return (
    stream.type[at] === WORD && space !== 2 && (flagsOfEntry(stream.info[at] as number) & CURRENCY) !== 0
  );
}

/** "40.712776, -74.005974": two decimal numbers of at most three digits before the point, beside each other. */
function markCoordinates(stream: TokenStream, items: RunItem[]): void {
  for (let i = 0; i + 3 < items.length; i++) {
    const [a, b, c, d] = items.slice(i, i + 4) as [RunItem, RunItem, RunItem, RunItem];
    const decimals = b.gapCharacter === 0x2e && d.gapCharacter === 0x2e && c.gapCharacter !== 0x2e;
    if (!decimals || a.digits.length > 3 || c.digits.length > 3 || b.digits.length < 3 || d.digits.length < 3)
      continue;
    if (Number(a.digits) > 180 || Number(c.digits) > 180) continue;
    const between = stream.info[b.last + 1];
    if (between !== 0x2c && between !== 0x2f && between !== 0x3b && c.gapCharacter !== 0x20) continue;
    for (let at = i; at < i + 4; at++) (items[at] as RunItem).dead = true;
  }
}

/** Words that label a number rather than belong to it: "tel-555-1234", "SSN:123". */
const LABELS = PHONE_CUE | SSN_CUE | CARD_CUE | NUMBER_WORD | EXTENSION | NUMBER | PLUS | CURRENCY;

function isTiedBefore(stream: TokenStream, text: string, at: number): boolean {
  if (at === 0 || stream.space[at] !== TIGHT) return false;
  const separator = at - 1;
  if (stream.type[separator] !== PUNCTUATION) return false;
  const code = stream.info[separator] as number;
  if (code === 0x40) return true;
  if (separator === 0 || stream.space[separator] !== TIGHT) return false;
  const type = stream.type[separator - 1];
  // A time, a port, a MAC address.
  if (code === 0x3a) return (type === DIGITS || type === MIXED) && !isColonBetweenGroups(stream, separator);
  // A version's build, but not "212+555+2279".
  if (code === 0x2b)
    return (
      type === MIXED ||
      (type === DIGITS && (stream.end[separator - 1] as number) - (stream.start[separator - 1] as number) < 3)
    );
  if (!isJoiner(code)) return false;
  if (type === MIXED || type === REDACTED) return true;
  if (type !== WORD || code === 0x2f) return false;
  // Two letters are a prefix ("PH-5233"), not a label.
  const length = (stream.end[separator - 1] as number) - (stream.start[separator - 1] as number);
  if (length > 2 && (flagsOfEntry(stream.info[separator - 1] as number) & LABELS) !== 0) return false;
  // "Thanks.415...": a sentence that forgot its space.
  return code !== 0x2e || isShortLowerCase(stream, text, separator - 1);
}

function isTiedBehind(stream: TokenStream, text: string, last: number): boolean {
  const separator = last + 1;
  if (separator >= stream.size || stream.space[separator] !== TIGHT) return false;
  const type = stream.type[separator];
  if (type === MIXED) return true;
  if (type !== PUNCTUATION) return false;
  const next = separator + 1;
  const code = stream.info[separator] as number;
  if (next >= stream.size || stream.space[next] !== TIGHT) return false;
  if (code === 0x40) return true;
  const nextType = stream.type[next];
  if (code === 0x3a)
    return (nextType === DIGITS || nextType === MIXED) && !isColonBetweenGroups(stream, separator);
  if (!isJoiner(code) && code !== 0x2b) return false;
  if (nextType === MIXED || nextType === REDACTED) return true;
  if (nextType !== WORD || code === 0x2f) return false;
  const flags = flagsOfEntry(stream.info[next] as number);
  if ((flags & LABELS) !== 0) return false;
  if (code === 0x2e) return (flags & TOP_LEVEL) !== 0 || isShortLowerCase(stream, text, next);
  return true;
}

function isJoiner(code: number): boolean {
  return code === 0x2d || code === 0x5f || code === 0x2e || code === 0x2f || code === 0x5c || code === 0x3d;
}

/** A file ending, a host name's label: up to four small letters. */
function isShortLowerCase(stream: TokenStream, text: string, at: number): boolean {
  const start = stream.start[at] as number;
  const end = stream.end[at] as number;
  if (end - start > 4) return false;
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x61 || code > 0x7a) return false;
  }
  return true;
}
