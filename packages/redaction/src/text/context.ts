import { entriesOf, flagsOfEntry } from '../words/lexicon.ts';
import {
  AND,
  BANK_CUE,
  CARD_CUE,
  CARD_VETO,
  FILLER,
  GLUE,
  KIND_CUES,
  LICENCE_CUE,
  MAIL_CUE,
  NUMBER,
  NUMBER_WORD,
  OTHER_CUE,
  PASSPORT_CUE,
  PERSON,
  PHONE_CUE,
  SSN_CUE,
  THING_VERB,
} from '../words/word-flags.ts';
import type { Conversation } from './conversation.ts';
import {
  ADDRESS_TOKEN,
  DIGITS,
  HARD_BREAK,
  MIXED,
  PUNCTUATION,
  REDACTED,
  SOFT_BREAK,
  TIGHT,
  type TokenStream,
  WORD,
} from './lexer.ts';

/**
 * What the words around a number say that it is.
 *
 * The nearest cue on the left wins; where there is none, the question that was asked before; where there is none,
 * the words behind. A cue is used up by the first value that follows it.
 */
export interface Cue {
  /** Kind flags of the cue, NUMBER_WORD for a bare "number", 0 for none. */
  readonly kind: number;
  /** Content words between cue and number: 0 is "phone number is 555...". */
  readonly distance: number;
  readonly source: 'left' | 'question' | 'right' | 'none';
}

const NO_CUE: Cue = { kind: 0, distance: 0, source: 'none' };

/** Words that are looked back over; numbers and signs between them do not count, up to a bound. */
const MAX_LEFT_WORDS = 14;
const MAX_LEFT_TOKENS = 96;
/** Near enough to veto digits in one piece, too far to veto a number written as a telephone is. */
const WEAK_DISTANCE = 3;
const MAX_DISTANCE = 6;
const MAX_RIGHT_TOKENS = 10;
const MAX_PHRASES_BACK = 4;
const MAX_QUESTION_TOKENS = 24;
/** A speaker's own earlier phrase tells the kind of a number only with its last words: "my order number is". */
const MAX_STATEMENT_TAIL = 4;
/** As many digits in a row are a value of their own. */
const VALUE_DIGITS = 5;

/**
 * The cue of a number from its three sources.
 * @param left of `leftCue`
 * @param behind of `rightCue`
 * @param asked of `questionCue`; asked for only where the others do not decide
 */
export function strongestCue(left: Cue, behind: () => Cue, asked: () => Cue): Cue {
  if (left.kind !== 0 && left.kind !== NUMBER_WORD) return left;
  const right = behind();
  if ((right.kind & (PHONE_CUE | SSN_CUE | CARD_CUE)) !== 0) return right;
  const question = asked();
  if (question.kind !== 0 && (left.kind === 0 || question.kind !== NUMBER_WORD)) return question;
  return left.kind !== 0 ? left : right;
}

/** The nearest cue before a number's first token (sign and bracket included), within its phrase. */
export function leftCue(conversation: Conversation, first: number): Cue {
  const { stream } = conversation;
  let distance = 0;
  let digits = 0;
  let numberWord = false;
  let sentenceEnded = false;
  const before = first - 1;
  const isDirected =
    before >= 0 && stream.type[before] === WORD && DIRECTIONS.has(stream.info[before] as number);
  const none = (): Cue =>
    numberWord && !sentenceEnded ? { kind: NUMBER_WORD, distance: 0, source: 'left' } : NO_CUE;
  let words = 0;
  for (let at = first - 1; at >= 0 && at >= first - MAX_LEFT_TOKENS && words <= MAX_LEFT_WORDS; at--) {
    const type = stream.type[at] as number;
    if (type === SOFT_BREAK || type === HARD_BREAK || type === MIXED) return none();
    if (type === REDACTED) {
      // A number that an earlier redaction replaced shares its cue as the number itself does, below.
      if (distance > 0 || stream.info[at] === ADDRESS_TOKEN) return none();
      continue;
    }
    if (type === DIGITS) {
      digits += (stream.end[at] as number) - (stream.start[at] as number);
      // A list of values shares its cue; behind words, the cue belongs to the earlier value.
      if (digits >= VALUE_DIGITS && distance > 0) return none();
      continue;
    }
    if (type === PUNCTUATION) {
      const code = stream.info[at];
      const isEnd = (code === 0x2e && !isAbbreviation(stream, at)) || code === 0x21 || code === 0x3f;
      if (isEnd && at + 1 < stream.size && stream.space[at + 1] !== TIGHT && at < first - 1)
        sentenceEnded = true;
      else if (isEnd && at === first - 1 && stream.space[first] !== TIGHT) sentenceEnded = true;
      if (code === 0x23) {
        numberWord = true;
        // "res # 8550963109": a thing that no list knows, as in "docket number".
        if (at === first - 1 && isUnknownNoun(conversation, at - 1)) {
          return { kind: OTHER_CUE, distance: WEAK_DISTANCE, source: 'left' };
        }
      }
      continue;
    }
    if (type !== WORD) continue;
    const flags = flagsOfEntry(stream.info[at] as number);
    if (at === first - 2 && isPrefix(stream, at)) return none();
    if ((flags & NUMBER) === 0) words++;
    if ((flags & KIND_CUES) !== 0) {
      const kind = kindOf(stream, at, flags);
      // "my order is late. 415-555-2671 is my cell": the order ended with its sentence.
      if ((sentenceEnded || isDirected) && kind === OTHER_CUE) return none();
      // "the order is late but my wife's number is ...": the number is spoken of anew.
      if (numberWord && distance > 1 && kind === OTHER_CUE) return none();
      return { kind, distance, source: 'left' };
    }
    if ((flags & NUMBER) !== 0 && (flags & GLUE) === 0) {
      digits++;
      if (digits >= VALUE_DIGITS && distance > 0) return none();
      continue;
    }
    if ((flags & PERSON) !== 0 && numberWord) return { kind: OTHER_CUE, distance, source: 'left' };
    if ((flags & NUMBER_WORD) !== 0) {
      // "docket number": a thing that no list knows. Weak, since "the hotel number" is a telephone.
      if (distance === 0 && !isDirected && isUnknownNoun(conversation, at - 1)) {
        return { kind: OTHER_CUE, distance: WEAK_DISTANCE, source: 'left' };
      }
      numberWord = numberWord || distance <= 3;
    } else if ((flags & (GLUE | FILLER)) === 0 && ++distance > MAX_DISTANCE) return none();
  }
  return none();
}

/** "ref no. 907...", "acct. 12...": the stop of a shortened word ends no sentence. */
function isAbbreviation(stream: TokenStream, stop: number): boolean {
  const word = stop - 1;
  return (
    word >= 0 &&
    stream.type[word] === WORD &&
    stream.space[stop] === TIGHT &&
    ABBREVIATIONS.has(stream.info[word] as number)
  );
}

/** "PH-5233": two letters that hang on the number are part of it, not a word. */
function isPrefix(stream: TokenStream, at: number): boolean {
  const length = (stream.end[at] as number) - (stream.start[at] as number);
  return (
    length <= 2 &&
    stream.info[at + 1] === 0x2d &&
    stream.space[at + 1] === TIGHT &&
    stream.space[at + 2] === TIGHT
  );
}

/** A word in small letters that no table knows, and no possessive ("bobs number"). */
function isUnknownNoun(conversation: Conversation, at: number): boolean {
  const { stream, text } = conversation;
  if (at < 0 || stream.type[at] !== WORD || stream.info[at] !== 0) return false;
  const word = text.slice(stream.start[at], stream.end[at]);
  return /^[a-z]{3,}$/.test(word) && !word.endsWith('s');
}

/** "area code", "caller id", "tax id": the word before says more than the word beside the number. */
const COMPOUNDS = new Map<number, number>([
  ...[...entriesOf('area country dialling dialing caller contact')].map(
    (entry) => [entry, PHONE_CUE] as const,
  ),
  ...[...entriesOf('tax taxpayer social security')].map((entry) => [entry, SSN_CUE] as const),
]);
const COMPOUND_HEADS = entriesOf('code id identification identifier');
/** "the code to 415...", "the order from 415...": the number is whom it goes to or comes from. */
const DIRECTIONS = entriesOf('to at on from via by al au an auf');
const ABBREVIATIONS = entriesOf('no nr num ref inv acct acc conf tel mob ph ext');
/** "please bill 5183...": with these before it, billing is done to a card. */
const BILL = entriesOf('bill');
const BEFORE_VERB = entriesOf('please to you and just can should');
const COPULAS = entriesOf('is was are es ist est');

const FOREIGN_KINDS = BANK_CUE | PASSPORT_CUE | LICENCE_CUE;

/** A cue's kind; a gift card is no payment card, a business phone still a phone. */
function kindOf(stream: TokenStream, at: number, flags: number): number {
  // What is no number of ours is another thing: accounts and passports have detectors of their own.
  const kind = (flags & (OTHER_CUE | FOREIGN_KINDS)) !== 0 ? OTHER_CUE : flags & KIND_CUES;
  const before = at - 1;
  if (before < 0 || stream.type[before] !== WORD) return kind;
  if (BILL.has(stream.info[at] as number) && BEFORE_VERB.has(stream.info[before] as number)) return CARD_CUE;
  if (kind === OTHER_CUE && COMPOUND_HEADS.has(stream.info[at] as number)) {
    return COMPOUNDS.get(stream.info[before] as number) ?? kind;
  }
  if ((kind & CARD_CUE) === 0) return kind;
  return (flagsOfEntry(stream.info[before] as number) & CARD_VETO) !== 0 ? OTHER_CUE : kind;
}

/** The cue behind a number's last token, within its sentence, unless it announces a value of its own. */
export function rightCue(stream: TokenStream, last: number): Cue {
  let distance = 0;
  let isStatement = false;
  for (let at = last + 1, seen = 0; at < stream.size && seen < MAX_RIGHT_TOKENS; at++, seen++) {
    const type = stream.type[at] as number;
    if (type === PUNCTUATION) {
      const code = stream.info[at];
      const ends = code === 0x2e || code === 0x21 || code === 0x3f || code === 0x3b;
      if (ends && (at + 1 >= stream.size || stream.space[at + 1] !== TIGHT)) return NO_CUE;
      continue;
    }
    if (type !== WORD) return NO_CUE;
    const entry = stream.info[at] as number;
    const flags = flagsOfEntry(entry);
    if ((flags & THING_VERB) !== 0) return { kind: OTHER_CUE, distance, source: 'right' };
    if ((flags & KIND_CUES) !== 0) {
      const kind = kindOf(stream, at, flags);
      // "... on file", "... for the order" say nothing; "... is the order" does.
      if (kind === OTHER_CUE && !isStatement) return NO_CUE;
      return announcesValue(stream, at) ? NO_CUE : { kind, distance, source: 'right' };
    }
    isStatement ||= COPULAS.has(entry);
    if ((flags & (GLUE | FILLER | NUMBER_WORD)) === 0 && ++distance > 3) return NO_CUE;
  }
  return NO_CUE;
}

/** Whether a number follows a cue closely: then the cue is that number's. */
function announcesValue(stream: TokenStream, cue: number): boolean {
  for (let at = cue + 1; at < Math.min(stream.size, cue + 7); at++) {
    const type = stream.type[at];
    if (type === SOFT_BREAK || type === HARD_BREAK) return false;
    if (type === DIGITS || type === MIXED || type === REDACTED) return true;
    if (type === WORD && (flagsOfEntry(stream.info[at] as number) & NUMBER) !== 0) return true;
  }
  return false;
}

/** The cue of what was said before the phrase that holds a token. */
export function questionCue(conversation: Conversation, token: number): Cue {
  const { stream } = conversation;
  const phrase = conversation.phraseAt(stream.start[token] as number);
  const earliest = Math.max(0, phrase - MAX_PHRASES_BACK);
  for (let earlier = phrase - 1; earlier >= earliest; earlier--) {
    const sameSpeaker = conversation.speakerOf(earlier) === conversation.speakerOf(phrase);
    const found = phraseCue(conversation, earlier, sameSpeaker);
    if (found === null) return NO_CUE;
    if (found !== 0) return { kind: found, distance: 0, source: 'question' };
  }
  return NO_CUE;
}

/** "your phone and social?": the kinds that a question names together with one of its cues. */
function kindsJoinedTo(stream: TokenStream, cue: number, first: number): number {
  let kinds = 0;
  let isJoined = false;
  for (let at = cue - 1; at >= Math.max(first, cue - MAX_QUESTION_TOKENS); at--) {
    const type = stream.type[at];
    if (type === PUNCTUATION && (stream.info[at] === 0x2c || stream.info[at] === 0x2f)) isJoined = true;
    else if (type !== WORD) return kinds;
    else {
      const flags = flagsOfEntry(stream.info[at] as number);
      const kind = (flags & KIND_CUES) === 0 ? 0 : kindOf(stream, at, flags);
      if ((flags & AND) !== 0) isJoined = true;
      else if (kind !== 0 && (kind & OTHER_CUE) === 0) {
        if (isJoined) kinds |= kind;
        isJoined = false;
      } else if (kind !== 0 || (flags & (GLUE | FILLER | NUMBER_WORD | MAIL_CUE)) === 0) return kinds;
    }
  }
  return kinds;
}

/** The kind that a phrase asks for, 0 when it asks for nothing, null when a value in it has used its cue up. */
function phraseCue(conversation: Conversation, phrase: number, sameSpeaker: boolean): number | null {
  const { stream } = conversation;
  const first = conversation.firstToken(phrase);
  const last = conversation.lastToken(phrase);
  let digits = 0;
  let other = 0;
  let numberWord = false;
  for (let at = last, seen = 0; at >= first && seen < MAX_QUESTION_TOKENS; at--, seen++) {
    const type = stream.type[at] as number;
    if (type === REDACTED || type === MIXED) return other !== 0 ? other : numberWord ? NUMBER_WORD : null;
    if (type === DIGITS) {
      digits += (stream.end[at] as number) - (stream.start[at] as number);
      if (digits >= VALUE_DIGITS) return other !== 0 ? other : null;
      continue;
    }
    if (type !== WORD) continue;
    const flags = flagsOfEntry(stream.info[at] as number);
    if ((flags & KIND_CUES) !== 0) {
      const kind = kindOf(stream, at, flags);
      // What a thing is called in passing is no question: "my order never came".
      if (kind === OTHER_CUE && sameSpeaker && last - at > MAX_STATEMENT_TAIL) continue;
      if ((kind & ~OTHER_CUE) !== 0) {
        if (other === 0 || !sameSpeaker) return kind | kindsJoinedTo(stream, at, first);
      }
      other ||= kind;
    } else if ((flags & NUMBER) !== 0 && (flags & GLUE) === 0) {
      digits++;
      if (digits >= VALUE_DIGITS) return other !== 0 ? other : null;
    } else if ((flags & PERSON) !== 0 && numberWord) {
      other ||= OTHER_CUE;
    } else if ((flags & NUMBER_WORD) !== 0) {
      numberWord = true;
    }
  }
  return other !== 0 ? other : numberWord ? NUMBER_WORD : 0;
}
