import type { CountryCode } from 'libphonenumber-js/min';
import { type Cue, leftCue, questionCue, rightCue, strongestCue } from '../text/context.ts';
import type { Conversation } from '../text/conversation.ts';
import { PUNCTUATION, TIGHT, WORD } from '../text/lexer.ts';
import { BROKEN, CORRECTED, LISTED, type NumberRun, OUTSIDE, type RunItem } from '../text/number-run.ts';
import { flagsOfEntry } from '../words/lexicon.ts';
import { UNIT } from '../words/word-flags.ts';

/** A run with what its detectors share: the conversation, the region, the cues found so far. */
export class RunContext {
  readonly conversation: Conversation;
  readonly region: CountryCode;
  readonly items: readonly RunItem[];
  private readonly left: Array<Cue | undefined> = [];
  private readonly right: Array<Cue | undefined> = [];
  private question: Cue | undefined;
  /** Parses of telephone numbers still allowed in this run: bounds the dear part of the work. */
  parsesLeft = 24;

  constructor(conversation: Conversation, run: NumberRun, region: CountryCode) {
    this.conversation = conversation;
    this.region = region;
    this.items = run.items;
  }

  cue(from: number, to: number): Cue {
    const { stream } = this.conversation;
    const first = this.firstToken(from);
    this.left[from] ??= leftCue(this.conversation, first);
    return strongestCue(
      this.left[from],
      () => {
        this.right[to] ??= rightCue(stream, (this.items[to] as RunItem).last);
        return this.right[to];
      },
      () => {
        this.question ??= questionCue(this.conversation, (this.items[0] as RunItem).first);
        return this.question;
      },
    );
  }

  /** The first token of a span that begins with an item: its plus sign and opening bracket belong to it. */
  firstToken(from: number): number {
    const item = this.items[from] as RunItem;
    let first = item.first;
    if (item.bracket !== -1) first = Math.min(first, item.bracket);
    if (item.plus !== -1) first = Math.min(first, item.plus);
    const before = first - 1;
    const { stream } = this.conversation;
    // "(+44 20 ...)": the bracket before the sign.
    if (
      item.plus !== -1 &&
      before >= 0 &&
      stream.type[before] === PUNCTUATION &&
      stream.info[before] === 0x28
    ) {
      first = before;
    }
    return first;
  }
}

/** Items [from, to] of a run, looked at as one value. */
export interface Candidate {
  readonly context: RunContext;
  readonly from: number;
  readonly to: number;
  readonly digits: string;
  /** Strongest gap inside. */
  readonly inner: number;
  /** Weaker of the gaps on both sides; OUTSIDE where the run ends on both. */
  readonly outer: number;
  /** Strength of the gap on either side; OUTSIDE at the edge of the run, or of what is left of it. */
  readonly before: number;
  readonly behind: number;
  readonly cue: Cue;
  /** The digits are not those of the items: some were taken back ("no wait"). */
  readonly corrected?: boolean;
}

/** One group, typed or spoken. */
export function isOnePiece(candidate: Candidate): boolean {
  return candidate.from === candidate.to;
}

/** Nothing of the same strength goes on at either side. */
export function isIsolated(candidate: Candidate): boolean {
  return candidate.outer === OUTSIDE || candidate.inner < candidate.outer;
}

/** Opens its run and ends with its phrase: what the speaker says next may be another number. */
export function opensUpToBreak(candidate: Candidate): boolean {
  return candidate.before === OUTSIDE && candidate.behind >= BROKEN;
}

/** Isolated, or held together by signs where its surroundings are only spaced: "123-45-6789 12 27". */
export function isSetApart(candidate: Candidate): boolean {
  if (isIsolated(candidate)) return true;
  const { items } = candidate.context;
  for (let i = candidate.from + 1; i <= candidate.to; i++) {
    const { gapCharacter } = items[i] as RunItem;
    if (gapCharacter === 0x20) return false;
  }
  const isSpace = (strength: number, item: RunItem | undefined): boolean =>
    strength >= LISTED || item === undefined || item.gapCharacter === 0x20;
  return (
    isSpace(candidate.before, items[candidate.from]) && isSpace(candidate.behind, items[candidate.to + 1])
  );
}

/** Whether any group was spoken. */
export function isSpoken(candidate: Candidate): boolean {
  for (let i = candidate.from; i <= candidate.to; i++) {
    if ((candidate.context.items[i] as RunItem).spoken) return true;
  }
  return false;
}

/** Read out digit by digit, or in twos. */
export function isReadOut(candidate: Candidate): boolean {
  if (candidate.to - candidate.from < 3) return false;
  for (let i = candidate.from; i <= candidate.to; i++) {
    const { digits, spoken } = candidate.context.items[i] as RunItem;
    if (digits.length > (spoken ? 4 : 2)) return false;
  }
  return true;
}

/** Hangs on letters at one of its ends. */
export function isTied(candidate: Candidate): boolean {
  const { items } = candidate.context;
  return (items[candidate.from] as RunItem).tied || (items[candidate.to] as RunItem).tied;
}

export function hasCorrection(candidate: Candidate): boolean {
  return candidate.inner === CORRECTED;
}

/**
 * Whether the digits are grouped at these offsets: there are exactly these groups, or the gaps at the offsets are
 * stronger than all others ("two four four ... six five ... three five nine o").
 */
export function isGroupedAt(candidate: Candidate, offsets: readonly number[]): boolean {
  const { items } = candidate.context;
  let offset = 0;
  let matched = 0;
  let weakestAt = OUTSIDE;
  let strongestElsewhere = 0;
  for (let i = candidate.from; i <= candidate.to; i++) {
    const item = items[i] as RunItem;
    if (i > candidate.from && item.digits !== '') {
      if (offset === offsets[matched]) {
        matched++;
        weakestAt = Math.min(weakestAt, item.gap);
      } else {
        strongestElsewhere = Math.max(strongestElsewhere, item.gap);
      }
    }
    offset += item.digits.length;
  }
  return matched === offsets.length && weakestAt > strongestElsewhere;
}

/** A unit of measure directly behind: "4155552 steps". */
export function isQuantity(candidate: Candidate): boolean {
  const { stream } = candidate.context.conversation;
  const next = (candidate.context.items[candidate.to] as RunItem).last + 1;
  if (next >= stream.size || stream.type[next] !== WORD) return false;
  return (flagsOfEntry(stream.info[next] as number) & UNIT) !== 0 && stream.space[next] !== TIGHT;
}
