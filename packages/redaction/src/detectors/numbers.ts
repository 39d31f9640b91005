import type { CountryCode } from 'libphonenumber-js/min';
import type { Conversation } from '../text/conversation.ts';
import { DIGITS, PUNCTUATION, TIGHT, WORD } from '../text/lexer.ts';
import {
  CORRECTED,
  type NumberRun,
  OUTSIDE,
  type RunItem,
  readRun,
  startsNumber,
} from '../text/number-run.ts';
import { markVetoes } from '../text/vetoes.ts';
import { type Claim, type Confidence, SHAPE } from '../types.ts';
import { flagsOfEntry, numberOfEntry } from '../words/lexicon.ts';
import { CARD_CUE, EXTENSION, NUMBER_WORD, PHONE_CUE, SSN_CUE } from '../words/word-flags.ts';
import { type Candidate, RunContext } from './candidate.ts';
import { cardAt, passesLuhn } from './card.ts';
import { phoneAt, readsAsDate } from './phone.ts';
import { parsePhone } from './phone-number.ts';
import { ssnAt } from './ssn.ts';

/** Longest digits of anything looked for: a card of nineteen with expiry and code glued to it. */
const MAX_DIGITS = 26;
const MAX_GROUPS = 32;
const MIN_RUN_DIGITS = 6;
/** Telephones have up to five groups, and a country code. */
const MANY_GROUPS = 6;

interface Verdict {
  readonly type: 'PHONE' | 'SSN' | 'CARD';
  readonly canonical: string;
  readonly confidence: Confidence;
  readonly from: number;
  readonly to: number;
  readonly digits: number;
}

/** Digits that belong to no value of their own, remembered until it is known whether they repeat part of one. */
interface Leftover {
  readonly first: number;
  readonly last: number;
  readonly digits: string;
}

export interface NumberSettings {
  readonly region: CountryCode;
  readonly phone: boolean;
  readonly ssn: boolean;
  readonly card: boolean;
}

/** Every telephone, social security and card number of a conversation, typed or spoken. */
export function findNumbers(conversation: Conversation, settings: NumberSettings, claims: Claim[]): void {
  const { stream, text } = conversation;
  const leftovers: Leftover[] = [];
  const before = claims.length;
  for (let at = 0; at < stream.size; ) {
    if (!startsNumber(stream, at)) {
      at++;
      continue;
    }
    const run = readRun(stream, text, at);
    if (run === null) {
      at++;
      continue;
    }
    at = run.next;
    let digits = 0;
    for (const item of run.items) digits += item.digits.length;
    if (digits < FEWEST_FRAGMENT_DIGITS) continue;
    markVetoes(conversation, run);
    classify(conversation, run, settings, claims, leftovers);
  }
  if (claims.length > before && leftovers.length > 0) claimFragments(conversation, leftovers, claims, before);
}

const FEWEST_FRAGMENT_DIGITS = 4;
const MOST_FRAGMENT_DIGITS = 12;
/** A repetition stands near what it repeats. */
const FRAGMENT_DISTANCE = 300;

function pushLeftover(items: readonly RunItem[], from: number, to: number, leftovers: Leftover[]): void {
  let digits = '';
  for (let i = from; i <= to && digits.length <= MOST_FRAGMENT_DIGITS; i++)
    digits += (items[i] as RunItem).digits;
  if (digits.length < FEWEST_FRAGMENT_DIGITS || digits.length > MOST_FRAGMENT_DIGITS) return;
  leftovers.push({ first: (items[from] as RunItem).first, last: (items[to] as RunItem).last, digits });
}

/**
 * "415-555 - sorry, 415-555-2671", "... ending in 2671": the beginning or end of a value said once more. It would give
 * part of the value away, so it gets the value's token.
 */
function claimFragments(
  conversation: Conversation,
  leftovers: readonly Leftover[],
  claims: Claim[],
  from: number,
): void {
  const { stream } = conversation;
  const owners = new Map<string, Claim[]>();
  for (const claim of claims.slice(from)) {
    const digits = claim.canonical.replace(/\D/g, '').replace(/^1(?=\d{10}$)/, '');
    for (
      let length = FEWEST_FRAGMENT_DIGITS;
      length < digits.length && length <= MOST_FRAGMENT_DIGITS;
      length++
    ) {
      for (const fragment of [digits.slice(0, length), digits.slice(-length)]) {
        const owned = owners.get(fragment);
        if (owned === undefined) owners.set(fragment, [claim]);
        else if (owned.length < 8) owned.push(claim);
      }
    }
  }
  for (const { first, last, digits } of leftovers) {
    const owner = owners.get(digits)?.find((claim) => {
      const distance = Math.abs((stream.start[claim.first] as number) - (stream.start[first] as number));
      return distance <= FRAGMENT_DISTANCE;
    });
    if (owner !== undefined) claims.push({ ...owner, confidence: SHAPE, first, last, isFragment: true });
  }
}

function classify(
  conversation: Conversation,
  run: NumberRun,
  settings: NumberSettings,
  claims: Claim[],
  leftovers: Leftover[],
): void {
  const context = new RunContext(conversation, run, settings.region);
  const { items } = run;
  for (let from = 0; from < items.length; ) {
    if ((items[from] as RunItem).dead) {
      from++;
      continue;
    }
    let to = from;
    while (to + 1 < items.length && !(items[to + 1] as RunItem).dead) to++;
    classifyRange(context, settings, from, to, claims, leftovers);
    from = to + 1;
  }
}

/**
 * Finds the values among items [from, to]. What is left beside a value is looked at again as a run of its own, so
 * that a second redaction, which sees only what is left, finds nothing new.
 */
function classifyRange(
  context: RunContext,
  settings: NumberSettings,
  from: number,
  to: number,
  claims: Claim[],
  leftovers: Leftover[],
): void {
  const ranges: Array<[number, number]> = [[from, to]];
  for (let range = ranges.pop(); range !== undefined; range = ranges.pop()) {
    const [first, last] = range;
    let verdicts = verdictsOf(context, settings, first, last);
    if (verdicts.length === 0) {
      const whole = wholeRun(context, settings, first, last);
      if (whole === null) {
        pushLeftover(context.items, first, last, leftovers);
        continue;
      }
      verdicts = [whole];
    }
    verdicts.sort((a, b) => b.confidence - a.confidence || b.digits - a.digits || a.from - b.from);
    const taken: Verdict[] = [];
    for (const verdict of verdicts) {
      if (taken.every((other) => verdict.to < other.from || verdict.from > other.to)) taken.push(verdict);
    }
    taken.sort((a, b) => a.from - b.from);
    let next = first;
    for (const verdict of taken) {
      claims.push(claimOf(context, verdict));
      if (verdict.from > next) ranges.push([next, verdict.from - 1]);
      next = verdict.to + 1;
    }
    if (next <= last) ranges.push([next, last]);
  }
}

function verdictsOf(context: RunContext, settings: NumberSettings, first: number, last: number): Verdict[] {
  const { items } = context;
  const verdicts: Verdict[] = [];
  // All digits once: candidates are slices of one flat string.
  let all = '';
  for (let i = first; i <= last; i++) all += (items[i] as RunItem).digits;
  let start = 0;
  for (let from = first; from <= last; from++) {
    const opening = items[from] as RunItem;
    const before = from === first ? OUTSIDE : opening.gap;
    let end = start;
    let inner = 0;
    for (let to = from; to <= last && to < from + MAX_GROUPS && opening.digits !== ''; to++) {
      const item = items[to] as RunItem;
      if (to > from && item.plus !== -1) break;
      if (to > from && item.gap > inner) inner = item.gap;
      end += item.digits.length;
      const length = end - start;
      if (length > MAX_DIGITS) break;
      if (length < MIN_RUN_DIGITS || item.digits === '') continue;
      const behind = to === last ? OUTSIDE : (items[to + 1] as RunItem).gap;
      const outer = Math.min(before, behind);
      // A value never spans a gap that is stronger than both of its edges,
      if (inner > before && inner > behind) continue;
      // and one of many small groups is not cut out of an even row of them.
      if (to - from >= MANY_GROUPS && inner >= outer && outer !== OUTSIDE && opening.plus === -1) continue;
      const digits = all.slice(start, end);
      const cue = context.cue(from, to);
      const candidate: Candidate = { context, from, to, digits, inner, outer, before, behind, cue };
      judge(candidate, settings, verdicts);
      if (inner === CORRECTED) judgeCorrected(candidate, settings, verdicts);
    }
    start += opening.digits.length;
  }
  return verdicts;
}

function judge(candidate: Candidate, settings: NumberSettings, verdicts: Verdict[]): void {
  const { from, to, digits } = candidate;
  const card = settings.card ? cardAt(candidate) : null;
  if (card !== null) verdicts.push({ type: 'CARD', ...card, from, to, digits: digits.length });
  const ssn = settings.ssn ? ssnAt(candidate) : null;
  if (ssn !== null) verdicts.push({ type: 'SSN', ...ssn, from, to, digits: digits.length });
  const phone = settings.phone ? phoneAt(candidate) : null;
  if (phone !== null) verdicts.push({ type: 'PHONE', ...phone, from, to, digits: digits.length });
}

/**
 * "five five five, sorry, five four five ...": the groups said before the correction are dropped one by one, from the
 * last, until what is left is a value. The span holds all that was said.
 */
function judgeCorrected(candidate: Candidate, settings: NumberSettings, verdicts: Verdict[]): void {
  const { context, from, to } = candidate;
  let cut = from + 1;
  while (cut <= to && (context.items[cut] as RunItem).gap !== CORRECTED) cut++;
  const digitsOf = (a: number, b: number): string =>
    context.items
      .slice(a, b)
      .map((item) => item.digits)
      .join('');
  const behind = digitsOf(cut, to + 1);
  for (let kept = cut - 1; kept >= from; kept--) {
    const digits = digitsOf(from, kept) + behind;
    const found: Verdict[] = [];
    judge({ ...candidate, digits, inner: 0, corrected: true }, settings, found);
    if (found.length > 0) {
      verdicts.push(...found.map((verdict) => ({ ...verdict, digits: candidate.digits.length })));
      return;
    }
  }
}

/**
 * A telephone, card or social security number was named or asked for, and what follows has about its length but is
 * none: misheard, mistyped, corrected on the way. It goes as a whole.
 */
function wholeRun(context: RunContext, settings: NumberSettings, from: number, to: number): Verdict | null {
  const { items } = context;
  let digits = '';
  let tied = false;
  for (let i = from; i <= to; i++) {
    const item = items[i] as RunItem;
    digits += item.digits;
    tied ||= item.tied;
    if (digits.length > MAX_DIGITS) return null;
  }
  if (digits.length < 7 || tied || (from === to && readsAsDate(digits))) return null;
  const cue = context.cue(from, to);
  if (cue.source === 'right' || cue.distance > 2) return null;
  const verdict = (type: Verdict['type'], canonical: string): Verdict => ({
    type,
    canonical,
    confidence: SHAPE,
    from,
    to,
    digits: digits.length,
  });
  if (settings.ssn && (cue.kind & SSN_CUE) !== 0 && digits.length >= 7 && digits.length <= 11)
    return verdict('SSN', digits);
  if (settings.card && (cue.kind & CARD_CUE) !== 0 && digits.length >= 12) {
    return verdict('CARD', luhnPrefix(digits));
  }
  const spoken = items.slice(from, to + 1).some((item) => item.spoken);
  const named = (cue.kind & PHONE_CUE) !== 0 || (cue.kind === NUMBER_WORD && spoken);
  if (settings.phone && named && digits.length <= (spoken ? 24 : 17)) {
    return verdict('PHONE', parsePhone(digits, context.region)?.e164 ?? `local:${digits}`);
  }
  return null;
}

function luhnPrefix(digits: string): string {
  for (const length of [16, 15, 14, 13]) {
    if (digits.length >= length && passesLuhn(digits, length)) return digits.slice(0, length);
  }
  return digits;
}

function claimOf(context: RunContext, verdict: Verdict): Claim {
  const last = (context.items[verdict.to] as RunItem).last;
  return {
    type: verdict.type,
    canonical: verdict.canonical,
    confidence: verdict.confidence,
    first: context.firstToken(verdict.from),
    last: endOf(context.conversation, last, verdict.type),
  };
}

/** A closing bracket that belongs to the last group, a telephone's extension, a card's expiry and code. */
function endOf(conversation: Conversation, last: number, type: Verdict['type']): number {
  const { stream } = conversation;
  let end = last;
  const next = end + 1;
  if (next < stream.size && stream.type[next] === PUNCTUATION && stream.space[next] === TIGHT) {
    const code = stream.info[next];
    const opening = code === 0x29 ? 0x28 : code === 0x5d ? 0x5b : code === 0x7d ? 0x7b : 0;
    for (let at = last - 1; opening !== 0 && at >= Math.max(0, last - 24); at--) {
      if (stream.type[at] !== PUNCTUATION) continue;
      if (stream.info[at] === code) break;
      if (stream.info[at] !== opening) continue;
      end = next;
      break;
    }
  }
  if (type === 'PHONE') return extensionEnd(conversation, end);
  return type === 'CARD' ? expiryEnd(conversation, end) : end;
}

/** ", ext. 45", "x12", "#12", "extension four two": the last token of it, or where the number ended. */
function extensionEnd(conversation: Conversation, last: number): number {
  const { stream } = conversation;
  let at = last + 1;
  if (at < stream.size && stream.type[at] === PUNCTUATION && stream.info[at] === 0x2c) at++;
  if (at >= stream.size) return last;
  const isHash = stream.type[at] === PUNCTUATION && stream.info[at] === 0x23;
  const isWord = stream.type[at] === WORD && (flagsOfEntry(stream.info[at] as number) & EXTENSION) !== 0;
  if (!isHash && !isWord) return last;
  at++;
  while (at < stream.size && isExtensionGlue(conversation, at)) at++;
  if (at >= stream.size) return last;
  if (stream.type[at] === DIGITS) {
    const isShort = (stream.end[at] as number) - (stream.start[at] as number) <= 6;
    return isShort && !goesOn(conversation, at) ? at : last;
  }
  let end = last;
  for (let count = 0; count < 6 && at < stream.size && stream.type[at] === WORD; count++, at++) {
    if (numberOfEntry(stream.info[at] as number) === null) break;
    end = at;
  }
  return end;
}

/** More digits hang on these: "x12402-345-6645" is no extension. */
function goesOn(conversation: Conversation, at: number): boolean {
  const { stream } = conversation;
  const next = at + 2;
  if (next >= stream.size || stream.type[at + 1] !== PUNCTUATION) return false;
  return stream.space[at + 1] === TIGHT && stream.space[next] === TIGHT && stream.type[next] === DIGITS;
}

function isExtensionGlue(conversation: Conversation, at: number): boolean {
  const { stream } = conversation;
  if (stream.type[at] === PUNCTUATION) return stream.info[at] === 0x2e || stream.info[at] === 0x3a;
  return stream.type[at] === WORD && (flagsOfEntry(stream.info[at] as number) & NUMBER_WORD) !== 0;
}

/** "4111... 09/27 123", "...1111/0927": the expiry and the security code directly behind a card go with it. */
function expiryEnd(conversation: Conversation, last: number): number {
  const { stream, text } = conversation;
  const digitsAt = (at: number): string =>
    at < stream.size && stream.type[at] === DIGITS ? text.slice(stream.start[at], stream.end[at]) : '';
  let at = last + 1;
  const separated =
    at < stream.size && stream.type[at] === PUNCTUATION && EXPIRY_SEPARATORS.has(stream.info[at] as number);
  if (separated) at++;
  let end = last;
  if (MONTH_AND_YEAR.test(digitsAt(at))) {
    end = at;
  } else if (MONTH.test(digitsAt(at)) && at + 2 < stream.size && stream.type[at + 1] === PUNCTUATION) {
    const separator = stream.info[at + 1];
    if ((separator !== 0x2f && separator !== 0x2d) || !YEAR.test(digitsAt(at + 2))) return last;
    end = at + 2;
  } else {
    return last;
  }
  return /^\d{3,4}$/.test(digitsAt(end + 1)) ? end + 1 : end;
}

const EXPIRY_SEPARATORS = new Set([0x2f, 0x2d, 0x2c, 0x3b]);
const MONTH = /^(?:0[1-9]|1[0-2])$/;
const YEAR = /^(?:[234]\d|20[234]\d)$/;
const MONTH_AND_YEAR = /^(?:0[1-9]|1[0-2])(?:[234]\d|20[234]\d)$/;
