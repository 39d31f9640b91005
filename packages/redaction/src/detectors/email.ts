import type { Conversation } from '../text/conversation.ts';
import {
  DIGITS,
  HARD_BREAK,
  MIXED,
  NEW_LINE,
  PUNCTUATION,
  REDACTED,
  SOFT_BREAK,
  TIGHT,
  type TokenStream,
  WORD,
} from '../text/lexer.ts';
import { type Claim, CONTEXT, PROVEN, SHAPE } from '../types.ts';
import { entryOfWord, flagsOfEntry, numberOfEntry, wordOfEntry } from '../words/lexicon.ts';
import {
  AT,
  DOT,
  FILLER,
  GLUE,
  MAIL_CUE,
  MAIL_JOINER,
  MAIL_PROVIDER,
  NO_LOCAL_PART,
  NUMBER,
  TOP_LEVEL,
} from '../words/word-flags.ts';

/**
 * Mail addresses, from every place where an "at" stands: `@` (also `[@]`, ` @ `), or the word in one of four
 * languages, bare, in brackets, or between underscores. To the right a domain must follow, typed or spoken; to the
 * left a local part, typed or spoken.
 *
 * With a typed `@` and nothing but the address around it no context is needed. The word "at" is also a word: "seen
 * at woodgrove dot com" is no address. There the word before must not be one of everyday speech, and an ordinary
 * single word needs an address to be spoken of.
 *
 * Limits: a local part in quotation marks with spaces in it is taken from its last word on; IP address literals as
 * domains are not addresses here.
 */
export function findEmails(conversation: Conversation, claims: Claim[]): void {
  const { stream } = conversation;
  let floor = 0;
  for (let at = 0; at < stream.size; at++) {
    const site = siteAt(conversation, at);
    if (site === null) continue;
    const domain = readDomain(conversation, site);
    if (domain === null) continue;
    const local = readLocal(conversation, site, floor);
    if (local === null || !isBelieved(conversation, site, local, domain)) continue;
    claims.push({
      type: 'EMAIL',
      canonical: canonicalMail(`${local.value}@${domain.value}`),
      confidence: site.typed && local.tight ? PROVEN : site.typed ? CONTEXT : SHAPE,
      first: local.first,
      last: domain.last,
    });
    floor = domain.last + 1;
    at = domain.last;
  }
}

/** Lower case, composed: what two writings of one address share. */
function canonicalMail(address: string): string {
  return address.normalize('NFC').toLowerCase();
}

/** Where an "at" stands, with what is wrapped around it. */
interface Site {
  /** Tokens [first, last] of the sign and its wrapping. */
  readonly first: number;
  readonly last: number;
  /** '@' itself, or a word in brackets: nothing else can be meant. */
  readonly typed: boolean;
  /** The sign touches what stands left of it. */
  readonly tightLeft: boolean;
}

const WRAPPERS: Readonly<Record<number, number>> = {
  40: 0x29,
  91: 0x5d,
  123: 0x7d,
  60: 0x3e,
  95: 0x5f,
  45: 0x2d,
  42: 0x2a,
  124: 0x7c,
};

function siteAt(conversation: Conversation, at: number): Site | null {
  const { stream } = conversation;
  const type = stream.type[at];
  const sign = type === PUNCTUATION && stream.info[at] === 0x40;
  const word = type === WORD && (flagsOfEntry(stream.info[at] as number) & AT) !== 0;
  if (!sign && !word) return null;
  let first = at;
  let last = at;
  let wrapped = false;
  for (let layers = 0; layers < 2; layers++) {
    const before = first - 1;
    const behind = last + 1;
    if (before < 0 || behind >= stream.size) break;
    if (stream.type[before] !== PUNCTUATION || stream.type[behind] !== PUNCTUATION) break;
    if (WRAPPERS[stream.info[before] as number] !== stream.info[behind]) break;
    first = before;
    last = behind;
    wrapped = true;
  }
  // "pjansen AT mail DOT ...": capitals among small letters are meant as a sign.
  const shouted = word && isShouted(conversation, at) && !isShouted(conversation, first - 1);
  return { first, last, typed: sign || wrapped || shouted, tightLeft: stream.space[first] === TIGHT };
}

function isShouted(conversation: Conversation, at: number): boolean {
  if (at < 0) return false;
  const text = pieceText(conversation, at);
  return text !== text.toLowerCase() && text === text.toUpperCase();
}

interface Domain {
  readonly value: string;
  readonly last: number;
  /** "at gmail" alone. */
  readonly isProviderOnly: boolean;
  readonly spoken: boolean;
}

/** A dot at a token: typed, in brackets, or spoken. Returns the token behind it, or -1. */
function behindDot(
  stream: TokenStream,
  at: number,
  allowSpaced: boolean,
): { next: number; spoken: boolean } | null {
  let token = at;
  if (token < stream.size && stream.type[token] === SOFT_BREAK) token++;
  if (token >= stream.size) return null;
  if (stream.type[token] === PUNCTUATION) {
    const code = stream.info[token] as number;
    if (code === 0x2e) {
      const next = token + 1;
      if (next >= stream.size) return null;
      const spacedBefore = stream.space[token] !== TIGHT;
      const spacedBehind = stream.space[next] !== TIGHT;
      if (!spacedBefore && !spacedBehind) return { next, spoken: false };
      if (stream.space[next] === NEW_LINE || stream.type[next] === SOFT_BREAK) return null;
      // " . " is written on purpose; ". " or " ." only while no domain stands yet.
      return (spacedBefore && spacedBehind) || allowSpaced ? { next, spoken: false } : null;
    }
    const closing = WRAPPERS[code];
    const inner = token + 1;
    if (closing === undefined || inner + 1 >= stream.size) return null;
    const isDot =
      (stream.type[inner] === PUNCTUATION && stream.info[inner] === 0x2e) ||
      (stream.type[inner] === WORD && (flagsOfEntry(stream.info[inner] as number) & DOT) !== 0);
    const closes = stream.type[inner + 1] === PUNCTUATION && stream.info[inner + 1] === closing;
    return isDot && closes ? { next: inner + 2, spoken: false } : null;
  }
  const isWord = stream.type[token] === WORD && (flagsOfEntry(stream.info[token] as number) & DOT) !== 0;
  return isWord ? { next: token + 1, spoken: true } : null;
}

const MAX_LABELS = 12;

function readDomain(conversation: Conversation, site: Site): Domain | null {
  const { stream, text } = conversation;
  let at = skipBreak(stream, site.last + 1);
  while (at < stream.size && !site.typed && isFiller(stream, at)) at++;
  let label = readLabel(conversation, at, true);
  if (label === null) return null;
  let value = label.value;
  let last = label.last;
  let labels = 1;
  let spoken = false;
  let isComplete = false;
  while (labels < MAX_LABELS) {
    const dot = behindDot(stream, last + 1, !isComplete && site.typed);
    if (dot === null) break;
    let next = dot.next;
    if (dot.spoken || !isComplete) next = skipBreak(stream, next);
    label = readLabel(conversation, next, !isComplete);
    if (label === null) break;
    if (isComplete) {
      // "bob@example.com.Thanks": a capital behind a finished domain begins a sentence.
      const code = text.charCodeAt(stream.start[next] as number);
      if (!dot.spoken && code >= 0x41 && code <= 0x5a && value === value.toLowerCase()) break;
      if (!sameScript(conversation, last, next)) break;
      if (!isTopLevelLabel(label.value)) {
        // "john@mail.example.com": labels may follow one that looked like the last; "com.5" is a sentence's end.
        const following = behindDot(stream, label.last + 1, false);
        if (following === null) break;
      }
      // A spoken "dot" or a " . " goes on only to a known ending: "at example dot com dot thanks" stops.
      if ((dot.spoken || stream.space[next] !== TIGHT) && (flagsOfEntry(label.entry) & TOP_LEVEL) === 0)
        break;
    }
    spoken ||= dot.spoken;
    value += `.${label.value}`;
    last = label.last;
    labels++;
    isComplete = isTopLevelLabel(label.value);
  }
  if (labels === 1) {
    const isProvider = (flagsOfEntry(label?.entry ?? entryAt(stream, last)) & MAIL_PROVIDER) !== 0;
    const single = entryAt(stream, last);
    return isProvider || (flagsOfEntry(single) & MAIL_PROVIDER) !== 0
      ? { value, last, isProviderOnly: true, spoken: true }
      : null;
  }
  if (!isComplete) return null;
  return { value: value.toLowerCase(), last, isProviderOnly: false, spoken };
}

function entryAt(stream: TokenStream, at: number): number {
  return stream.type[at] === WORD ? (stream.info[at] as number) : 0;
}

function skipBreak(stream: TokenStream, at: number): number {
  return at < stream.size && stream.type[at] === SOFT_BREAK ? at + 1 : at;
}

function isFiller(stream: TokenStream, at: number): boolean {
  return stream.type[at] === WORD && (flagsOfEntry(stream.info[at] as number) & FILLER) !== 0;
}

function isTopLevelLabel(label: string): boolean {
  return /^(?:xn--[a-z0-9-]+|[\p{L}\p{M}]{2,24})$/iu.test(label);
}

interface Label {
  readonly value: string;
  readonly last: number;
  readonly entry: number;
}

/**
 * One label of a domain: letters, digits and hyphens that touch each other; spoken, also "acme dash logistics" and
 * "g mail", where a dot follows.
 */
function readLabel(conversation: Conversation, from: number, mayJoin: boolean): Label | null {
  const { stream } = conversation;
  if (!isPiece(stream, from)) return null;
  let last = from;
  let value = pieceText(conversation, from);
  for (;;) {
    const next = last + 1;
    if (next >= stream.size) break;
    if (isPiece(stream, next) && stream.space[next] === TIGHT && sameScript(conversation, last, next)) {
      value += pieceText(conversation, next);
      last = next;
      continue;
    }
    const isHyphen =
      stream.type[next] === PUNCTUATION && (stream.info[next] === 0x2d || stream.info[next] === 0x5f);
    if (isHyphen && isDotBetweenHyphens(stream, next)) break;
    if (isHyphen && stream.space[next] === TIGHT && isTightPieceOrHyphen(stream, next + 1)) {
      value += stream.info[next] === 0x2d ? '-' : '_';
      last = next;
      continue;
    }
    if (mayJoin && stream.type[next] === WORD && stream.space[next] === 1) {
      const joined = spokenLabelPart(conversation, next);
      if (joined !== null) {
        value += joined.value;
        last = joined.last;
        continue;
      }
    }
    break;
  }
  // "bob@example.com's inbox": the possessive is no part of the domain.
  return { value: value.replace(/['\u2019]s$/, ''), last, entry: last === from ? entryAt(stream, from) : 0 };
}

/** "example-dot-com", "example_dot_com" */
function isDotBetweenHyphens(stream: TokenStream, hyphen: number): boolean {
  const closing = hyphen + 2;
  if (closing >= stream.size || (flagsOfEntry(entryAt(stream, hyphen + 1)) & DOT) === 0) return false;
  return stream.type[closing] === PUNCTUATION && stream.info[closing] === stream.info[hyphen];
}

function isTightPieceOrHyphen(stream: TokenStream, at: number): boolean {
  if (at >= stream.size || stream.space[at] !== TIGHT) return false;
  return isPiece(stream, at) || (stream.type[at] === PUNCTUATION && stream.info[at] === 0x2d);
}

/** "dash logistics", or a second word before the dot: "g | mail dot com". */
function spokenLabelPart(conversation: Conversation, at: number): { value: string; last: number } | null {
  const { stream } = conversation;
  const flags = flagsOfEntry(stream.info[at] as number);
  const next = at + 1;
  if ((flags & MAIL_JOINER) !== 0 && (flags & DOT) === 0) {
    if (next >= stream.size || !isPiece(stream, next) || joinerCharacter(stream, at) === '+') return null;
    return { value: joinerCharacter(stream, at) + pieceText(conversation, next), last: next };
  }
  if ((flags & (NO_LOCAL_PART | DOT | GLUE)) !== 0 || next >= stream.size) return null;
  const dot = stream.type[next] === WORD && (flagsOfEntry(stream.info[next] as number) & DOT) !== 0;
  return dot ? { value: pieceText(conversation, at), last: at } : null;
}

/** A script without spaces (kana, Han, Thai) beside letters: the sentence begins, "bob@example.comです". */
function sameScript(conversation: Conversation, a: number, b: number): boolean {
  const { stream, text } = conversation;
  const isUnspaced = (at: number): boolean => text.charCodeAt(stream.start[at] as number) >= 0xe00;
  return isUnspaced(a) === isUnspaced(b);
}

function isPiece(stream: TokenStream, at: number): boolean {
  if (at < 0 || at >= stream.size) return false;
  const type = stream.type[at];
  return type === WORD || type === DIGITS || type === MIXED;
}

function pieceText(conversation: Conversation, at: number): string {
  return conversation.text.slice(conversation.stream.start[at], conversation.stream.end[at]);
}

/** A piece as it is meant in an address: spoken numbers as digits. */
function spokenPiece(conversation: Conversation, at: number): string {
  const { stream } = conversation;
  const number = stream.type[at] === WORD ? numberOfEntry(stream.info[at] as number) : null;
  if (number === null || number.kind === 'repeat') return pieceText(conversation, at);
  // "j o h n": the letter; "seven o seven": the digit.
  if (isOneCharacter(stream, at) && !isNumberWord(stream, at - 1) && !isNumberWord(stream, at + 1)) {
    return pieceText(conversation, at);
  }
  // "ninety two": the tens take the unit that stands behind them, which then says nothing by itself.
  if (number.kind === 'tens' && unitAt(stream, at + 1) !== null) return String(number.value / 10);
  return String(number.value);
}

function isOneCharacter(stream: TokenStream, at: number): boolean {
  return (stream.end[at] as number) - (stream.start[at] as number) === 1;
}

function isNumberWord(stream: TokenStream, at: number): boolean {
  if (at < 0 || at >= stream.size || stream.type[at] !== WORD || isOneCharacter(stream, at)) return false;
  return (flagsOfEntry(stream.info[at] as number) & NUMBER) !== 0;
}

function unitAt(stream: TokenStream, at: number): number | null {
  if (at >= stream.size || stream.type[at] !== WORD) return null;
  const number = numberOfEntry(stream.info[at] as number);
  return number !== null && number.kind === 'digit' && number.value > 0 ? number.value : null;
}

function joinerCharacter(stream: TokenStream, at: number): string {
  switch (wordOfEntry(stream.info[at] as number)) {
    case 'plus':
    case 'mas':
      return '+';
    case 'underscore':
    case 'unterstrich':
    case 'bajo':
    case 'bas':
    case 'souligne':
    case 'score':
      return '_';
    default:
      return '-';
  }
}

interface Local {
  readonly value: string;
  readonly first: number;
  /** All in one piece up to the sign. */
  readonly tight: boolean;
  /** A dot, an underscore, digits: more than one ordinary word. */
  readonly structured: boolean;
}

const MAX_LOCAL_TOKENS = 200;

/** Reads the local part leftwards from the sign, no further than `floor`. */
function readLocal(conversation: Conversation, site: Site, floor: number): Local | null {
  const { stream } = conversation;
  let at = site.first - 1;
  if (at >= floor && stream.type[at] === SOFT_BREAK) at--;
  while (at >= floor && !site.typed && isFiller(stream, at)) at--;
  if (at < floor || at < 0) return null;
  if (stream.type[at] === HARD_BREAK || stream.type[at] === REDACTED) return null;
  let structured = false;
  let value = '';
  let first = at;
  // "john.doe." @: a stray quotation mark or dot before the sign.
  if (stream.type[at] === PUNCTUATION) {
    const code = stream.info[at] as number;
    if (!site.tightLeft || !(isLocalPunctuation(code) || code === 0x22)) return null;
    if (at - 1 < floor || !isPiece(stream, at - 1) || stream.space[at] !== TIGHT) return null;
    value = code === 0x22 ? '' : String.fromCharCode(code);
    at--;
  }
  if (!isPiece(stream, at)) return null;
  const spaced = stream.space[site.first] !== TIGHT || !site.tightLeft;
  // "bob dot best at": behind a dot any word may be part of a name.
  const joinerFlags = flagsOfEntry(at > floor ? entryAt(stream, at - 1) : 0);
  const isJoined =
    (joinerFlags & (DOT | MAIL_JOINER)) !== 0 && isPiece(stream, at - 2) && !isNoLocal(stream, at - 2);
  const standsAlone = !isJoined && (stream.space[at] !== TIGHT || !isLocalPunctuationAt(stream, at - 1));
  if (spaced && !site.typed && standsAlone && isNoLocal(stream, at)) return null;
  value = (spaced ? spokenPiece(conversation, at) : pieceText(conversation, at)) + value;
  structured ||= stream.type[at] !== WORD;
  first = at;
  for (let steps = 0; steps < MAX_LOCAL_TOKENS; steps++) {
    const before = first - 1;
    if (before < floor) break;
    const tight = stream.space[first] === TIGHT;
    if (tight && isPiece(stream, before)) {
      if (!sameScript(conversation, before, first)) break;
      value = pieceText(conversation, before) + value;
      structured ||= stream.type[before] !== WORD;
      first = before;
      continue;
    }
    if (tight && stream.type[before] === PUNCTUATION && isInLocal(stream, before)) {
      const piece = before - 1;
      const touches = stream.space[before] === TIGHT && piece >= floor;
      if (touches && (isPiece(stream, piece) || isLocalPunctuationAt(stream, piece))) {
        value = String.fromCharCode(stream.info[before] as number) + value;
        structured = true;
        first = before;
        continue;
      }
      break;
    }
    // An address that touches its sign ends at the first space.
    if (!spaced) break;
    const joined = spokenBefore(conversation, first, floor, structured);
    if (joined === null) break;
    value = joined.value + value;
    first = joined.first;
    structured = true;
  }
  // A sign left over in front ("-bob@", "..bob@") belongs to the text.
  while (stream.type[first] === PUNCTUATION && stream.info[first] !== 0x5f) {
    value = value.slice(1);
    first++;
  }
  if (value === '') return null;
  if (site.typed && spaced && !structured && isNoLocal(stream, first)) return null;
  return { value: value.replace(/\.$/, ''), first, tight: !spaced, structured };
}

/** Signs within a local part; "&" too, unless it parts the fields of a query ("?a=1&mail=..."). */
function isInLocal(stream: TokenStream, at: number): boolean {
  if (isLocalPunctuation(stream.info[at] as number)) return true;
  if (stream.info[at] !== 0x26 || !isPiece(stream, at - 1) || stream.space[at] !== TIGHT) return false;
  const before = at - 2;
  return (
    before < 0 || stream.space[at - 1] !== TIGHT || isPiece(stream, before) || isMailOpener(stream, before)
  );
}

/** What may touch the beginning of an address: a bracket, a quotation mark, a label's colon; not a query's signs. */
function isMailOpener(stream: TokenStream, at: number): boolean {
  const code = stream.info[at] as number;
  return stream.type[at] === PUNCTUATION && code !== 0x3f && code !== 0x26 && code !== 0x2f;
}

function isLocalPunctuation(code: number): boolean {
  return code === 0x2e || code === 0x5f || code === 0x2b || code === 0x2d || code === 0x25 || code === 0x27;
}

function isLocalPunctuationAt(stream: TokenStream, at: number): boolean {
  return at >= 0 && stream.type[at] === PUNCTUATION && isLocalPunctuation(stream.info[at] as number);
}

function isNoLocal(stream: TokenStream, at: number): boolean {
  if (stream.type[at] !== WORD) return false;
  const flags = flagsOfEntry(stream.info[at] as number);
  return (flags & NO_LOCAL_PART) !== 0 && (flags & NUMBER) === 0;
}

/**
 * What stands left of a spoken local part and belongs to it: "jasper dot", "j o h n", "ninety two", a plain word that
 * directly follows the beginning of the answer ("it's john smith at").
 */
function spokenBefore(
  conversation: Conversation,
  first: number,
  floor: number,
  structured: boolean,
): { value: string; first: number } | null {
  const { stream } = conversation;
  let joiner = first - 1;
  if (stream.type[joiner] === SOFT_BREAK) joiner--;
  while (joiner > floor && isFiller(stream, joiner)) joiner--;
  if (joiner < floor) return null;
  if (stream.type[joiner] === WORD) {
    const flags = flagsOfEntry(stream.info[joiner] as number);
    const piece = skipBackBreak(stream, joiner - 1);
    if ((flags & (DOT | MAIL_JOINER)) !== 0 && piece >= floor && isPiece(stream, piece)) {
      // "dash" may end a sentence as well; a verb before it is no name.
      let character = (flags & MAIL_JOINER) !== 0 ? joinerCharacter(stream, joiner) : '.';
      if ((flags & DOT) !== 0) character = '.';
      let from = piece;
      // "guion bajo", "tiret bas", "under score": one sign in two words.
      const word = wordOfEntry(stream.info[joiner] as number);
      if (word === 'bajo' || word === 'bas' || word === 'score') {
        from = piece - 1;
        if (from < floor || !isPiece(stream, from)) return null;
      }
      return { value: spokenPiece(conversation, from) + character, first: from };
    }
  }
  const before = skipBackBreak(stream, first - 1);
  if (stream.type[before] === PUNCTUATION && isLocalPunctuation(stream.info[before] as number)) {
    const piece = before - 1;
    const spacedBoth = stream.space[before] !== TIGHT && stream.space[first] !== TIGHT;
    const code = stream.info[before] as number;
    if (spacedBoth && piece >= floor && isPiece(stream, piece) && (code === 0x2e || code === 0x5f)) {
      return { value: pieceText(conversation, piece) + String.fromCharCode(code), first: piece };
    }
    return spelled(conversation, before, floor);
  }
  if (stream.type[before] === PUNCTUATION) {
    const wrapped = wrappedDotBefore(conversation, before, floor);
    if (wrapped !== null) return wrapped;
  }
  if (before < floor || !isPiece(stream, before)) return null;
  // "jolanta dot umarov | eight nine at ...": only a name that was joined by a dot goes on in the next phrase.
  const isJoinedName =
    stream.type[first - 1] === SOFT_BREAK &&
    (flagsOfEntry(entryAt(stream, before - 1)) & (DOT | MAIL_JOINER)) !== 0;
  if (stream.space[first] === NEW_LINE && !isJoinedName) return null;
  const length = (stream.end[before] as number) - (stream.start[before] as number);
  const flags = flagsOfEntry(entryAt(stream, before));
  const currentLength = (stream.end[first] as number) - (stream.start[first] as number);
  const isNumber = (flags & NUMBER) !== 0 || (stream.type[before] === DIGITS && length <= 4);
  const currentIsNumber =
    stream.type[first] === DIGITS || (flagsOfEntry(entryAt(stream, first)) & NUMBER) !== 0;
  if (isNumber && (currentIsNumber || structured || currentLength === 1)) {
    return { value: spokenPiece(conversation, before), first: before };
  }
  // Digits at the end of a local part hang on the word before them: "tanaka ninety two".
  if (
    currentIsNumber &&
    stream.type[before] === WORD &&
    (flags & NO_LOCAL_PART) === 0 &&
    (flags & MAIL_CUE) === 0
  ) {
    return { value: pieceText(conversation, before), first: before };
  }
  const isLetter = length === 1 && stream.type[before] === WORD;
  // "j smith at": an initial before a name.
  const isInitial =
    isLetter && stream.type[first] === WORD && !structured && (flags & (NO_LOCAL_PART | GLUE)) === 0;
  if (isLetter && (currentLength === 1 || isInitial))
    return { value: pieceText(conversation, before), first: before };
  if ((flags & (NO_LOCAL_PART | MAIL_CUE | GLUE | AT)) === 0 && stream.type[before] === WORD && length > 1) {
    if (structured) return null;
    // A second name directly behind "is", "to", "email", or at the beginning of the phrase.
    const opener = before - 1;
    if (opener < floor) return openerValue(conversation, before, first);
    const type = stream.type[opener];
    if (type === SOFT_BREAK || type === HARD_BREAK) return openerValue(conversation, before, first);
    const openerFlags = flagsOfEntry(entryAt(stream, opener));
    const word = entryAt(stream, opener) === 0 ? '' : wordOfEntry(entryAt(stream, opener));
    if (
      (openerFlags & MAIL_CUE) !== 0 ||
      word === 'is' ||
      word === 'its' ||
      word === 'to' ||
      word === 'ist' ||
      word === 'es' ||
      word === 'est'
    ) {
      return openerValue(conversation, before, first);
    }
  }
  return null;
}

function openerValue(
  conversation: Conversation,
  before: number,
  first: number,
): { value: string; first: number } | null {
  // Only where what follows is a plain spoken word too.
  if (conversation.stream.type[first] !== WORD) return null;
  return { value: pieceText(conversation, before), first: before };
}

function skipBackBreak(stream: TokenStream, at: number): number {
  return at > 0 && stream.type[at] === SOFT_BREAK ? at - 1 : at;
}

/** "j-o-h-n at": letters spelled with hyphens. */
function spelled(
  conversation: Conversation,
  hyphen: number,
  floor: number,
): { value: string; first: number } | null {
  const { stream } = conversation;
  const piece = hyphen - 1;
  if (piece < floor || stream.info[hyphen] !== 0x2d || !isPiece(stream, piece)) return null;
  const length = (stream.end[piece] as number) - (stream.start[piece] as number);
  return length === 1 && stream.space[hyphen] === TIGHT
    ? { value: pieceText(conversation, piece), first: piece }
    : null;
}

/** "john (dot) smith", "john [.] smith" */
function wrappedDotBefore(
  conversation: Conversation,
  closing: number,
  floor: number,
): { value: string; first: number } | null {
  const { stream } = conversation;
  const opening = closing - 2;
  const piece = opening - 1;
  if (piece < floor || stream.type[opening] !== PUNCTUATION) return null;
  if (WRAPPERS[stream.info[opening] as number] !== stream.info[closing] || !isPiece(stream, piece))
    return null;
  const inner = opening + 1;
  const flags = flagsOfEntry(entryAt(stream, inner));
  const isDot = (flags & DOT) !== 0 || (stream.type[inner] === PUNCTUATION && stream.info[inner] === 0x2e);
  if (isDot) return { value: `${pieceText(conversation, piece)}.`, first: piece };
  if ((flags & MAIL_JOINER) === 0) return null;
  return { value: pieceText(conversation, piece) + joinerCharacter(stream, inner), first: piece };
}

/** Whether all of it together is an address and not speech about a place. */
function isBelieved(conversation: Conversation, site: Site, local: Local, domain: Domain): boolean {
  const { stream } = conversation;
  if (local.tight && site.typed) {
    // "git@github.com:owner/repository" names a repository.
    const behind = domain.last + 1;
    const isPath =
      behind < stream.size &&
      stream.type[behind] === PUNCTUATION &&
      stream.info[behind] === 0x3a &&
      local.value === 'git';
    return !isPath && (!domain.isProviderOnly || domain.value.length > 2);
  }
  if (local.structured)
    return !domain.isProviderOnly || site.typed || hasMailContext(conversation, local.first);
  if (isNoLocal(stream, local.first)) return false;
  // "ping @dana.smith": the sign touches a name that ends in no known domain.
  if (isHandle(conversation, site, domain)) return false;
  // A domain of three labels and more is no place that people talk of.
  const isDeep = domain.value.split('.').length > 2;
  if (!domain.isProviderOnly && (site.typed || isDeep || isProvider(domain.value))) return true;
  return looksLikeName(conversation, local.first) || hasMailContext(conversation, local.first);
}

function isHandle(conversation: Conversation, site: Site, domain: Domain): boolean {
  const { stream } = conversation;
  const isSpacedLeft = stream.space[site.first] !== TIGHT;
  if (!isSpacedLeft || site.first !== site.last || stream.space[site.last + 1] !== TIGHT) return false;
  const labels = domain.value.split('.');
  const ending = labels[labels.length - 1] as string;
  if (labels.length > 2) return false;
  return (flagsOfEntry(entryOfWord(ending)) & TOP_LEVEL) === 0 && !hasMailContext(conversation, site.first);
}

const WORD_ENDINGS =
  /(?:ed|ing|ion|ions|ment|ments|able|ible|ly|ers|ness|ity|ship|ance|ence|ful|ous|ive|eur|ung|ungen|heit|keit|cion|dad|mente|tion|s)$/;

/**
 * A word that no table knows and that does not end as words do, where the sentence leaves room for a name: "all
 * lower case wendell at ...", but not "the webinar at ..." nor "bought shoes at ...".
 */
function looksLikeName(conversation: Conversation, at: number): boolean {
  const { stream } = conversation;
  const text = pieceText(conversation, at).toLowerCase();
  if (entryAt(stream, at) !== 0 || text.length < 4 || WORD_ENDINGS.test(text)) return false;
  if (text.length >= 10) return true;
  const before = at - 1;
  if (before < 0 || stream.type[before] !== WORD) return true;
  const entry = entryAt(stream, before);
  if (entry === 0) return false;
  return (
    OPENERS.has(wordOfEntry(entry)) ||
    wordOfEntry(entry) === 'to' ||
    (flagsOfEntry(entry) & (NO_LOCAL_PART | GLUE)) === 0
  );
}

function isProvider(domain: string): boolean {
  return (flagsOfEntry(entryOfWord(domain.split('.')[0] as string)) & MAIL_PROVIDER) !== 0;
}

const CONTEXT_TOKENS = 8;
/** Directly before an address: "it bounced from ...", "the login is ...". */
const OPENERS = new Set(['is', 'its', 'via', 'from', 'under', 'as', 'ist', 'es', 'est', 'use', 'uses']);

/** An address is spoken of: before it in the phrase, in the phrases before, or the phrase begins with it. */
function hasMailContext(conversation: Conversation, first: number): boolean {
  const { stream } = conversation;
  const phrase = conversation.phraseAt(stream.start[first] as number);
  const phraseFirst = conversation.firstToken(phrase);
  if (first === phraseFirst) return true;
  for (let at = first - 1; at >= Math.max(phraseFirst, first - CONTEXT_TOKENS); at--) {
    const entry = entryAt(stream, at);
    if ((flagsOfEntry(entry) & MAIL_CUE) !== 0) return true;
    const word = entry === 0 ? '' : wordOfEntry(entry);
    if (at === first - 1 && OPENERS.has(word)) return true;
  }
  for (let earlier = phrase - 1; earlier >= Math.max(0, phrase - 2); earlier--) {
    const last = conversation.lastToken(earlier);
    for (let at = last; at >= Math.max(conversation.firstToken(earlier), last - 20); at--) {
      if ((flagsOfEntry(entryAt(stream, at)) & MAIL_CUE) !== 0) return true;
    }
  }
  return false;
}
