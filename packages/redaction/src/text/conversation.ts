import { flagsOfEntry } from '../words/lexicon.ts';
import { FILLER, GLUE, INTERJECTION, KIND_CUES, NUMBER } from '../words/word-flags.ts';
import { type Folded, fold } from './fold.ts';
import {
  ADDRESS_TOKEN,
  HARD_BREAK,
  lex,
  PUNCTUATION,
  REDACTED,
  SOFT_BREAK,
  TokenStream,
  WORD,
} from './lexer.ts';

/** One utterance of one speaker. */
export interface Phrase {
  /** Any name: phrases of equal names are one speaker's. */
  readonly speaker: string;
  readonly text: string;
}

/** Fewer digits in a whole conversation hold no value. */
const FEWEST_DIGITS = 4;
/** The check digits and two more: some countries' account numbers may be letters for the greater part. */
const FEWEST_IBAN_DIGITS = 4;
const MAX_INTERJECTION_TOKENS = 10;

/**
 * A conversation ready to be searched: the phrases joined by newlines, folded, cut into tokens, and the tokens put
 * in an order in which each speaker's phrases follow each other, so that a value that runs over two phrases, with
 * the other's "uh huh" between them, stands in one piece.
 *
 * Invariant: token offsets point into `text` (folded); `toOriginal` leads back to the joined original.
 */
export class Conversation {
  /** The phrases as they came, joined by newlines. */
  original = '';
  /** The folded copy of it. */
  text = '';
  stream: TokenStream;
  private folded: Folded = { text: '', map: null };
  private readonly spoken = new TokenStream();
  private readonly ordered = new TokenStream();
  private phrases: readonly Phrase[] = [];
  /** Folded offset at which each phrase begins; one more for the end. */
  private readonly phraseStart: number[] = [];
  private readonly tokenFirst: number[] = [];
  private readonly tokenLast: number[] = [];

  constructor() {
    this.stream = this.spoken;
  }

  /** Loads a conversation, replacing the one before. */
  load(phrases: readonly Phrase[]): void {
    this.phrases = phrases;
    const only = phrases.length === 1 ? phrases[0] : undefined;
    this.original = only !== undefined ? only.text : phrases.map((phrase) => phrase.text).join('\n');
    this.folded = { text: this.original, map: null };
    this.text = this.original;
    if (!this.lexAll()) {
      this.folded = fold(this.original);
      this.text = this.folded.text;
      this.lexAll();
    }
    this.stream = this.spoken;
    // The order matters only where there is something to find.
    if (phrases.length > 1 && (this.mayHoldNumbers() || this.mayHoldMail())) this.linkPhrases();
  }

  /** Whether there are digits enough for a number or a part of one. */
  mayHoldNumbers(): boolean {
    return this.spoken.digitCount + this.spoken.numberWordCount >= FEWEST_DIGITS;
  }

  /** Whether there are the signs or words of a mail address. */
  mayHoldMail(): boolean {
    const { signCount, atWordCount, domainCount } = this.spoken;
    return signCount > 0 || (atWordCount > 0 && domainCount > 0);
  }

  mayHoldIban(): boolean {
    return this.spoken.digitCount >= FEWEST_IBAN_DIGITS;
  }

  /** Folded offset to offset in `original`. */
  originalStart(offset: number): number {
    const { map } = this.folded;
    return map === null ? offset : (map.start[offset] as number);
  }

  /** The end of a span: the original offset behind the last character before a folded offset. */
  originalEnd(offset: number): number {
    const { map } = this.folded;
    return map === null ? offset : offset === 0 ? 0 : (map.end[offset - 1] as number);
  }

  /** Original offset to the first folded offset that is not before it. */
  foldedOffset(offset: number): number {
    const { map } = this.folded;
    if (map === null) return offset;
    let low = 0;
    let high = this.text.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((map.start[middle] as number) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Index of the phrase that holds a folded offset. */
  phraseAt(offset: number): number {
    let low = 0;
    let high = this.phrases.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.phraseStart[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Takes the tokens [first, last] of an address out of what detectors see, as if an earlier redaction had replaced them. */
  markFound(first: number, last: number): void {
    for (let at = first; at <= last; at++) {
      if (this.stream.type[at] === SOFT_BREAK) continue;
      this.stream.type[at] = REDACTED;
      this.stream.info[at] = ADDRESS_TOKEN;
    }
  }

  /** Folded ranges [start, end) of the phrases, in order. */
  phraseRanges(): Array<[start: number, end: number]> {
    let originalEnd = 0;
    return this.phrases.map((phrase, index) => {
      originalEnd += phrase.text.length + (index === 0 ? 0 : 1);
      return [this.phraseStart[index] as number, this.foldedOffset(originalEnd)];
    });
  }

  /** The tokens of a folded range within one phrase; null when there are none. */
  tokensIn(from: number, to: number): { first: number; last: number } | null {
    const phrase = this.phraseAt(from);
    let low = this.firstToken(phrase);
    let high = this.lastToken(phrase);
    const end = high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.stream.end[middle] as number) <= from) low = middle + 1;
      else high = middle;
    }
    const first = low;
    if (first > end || (this.stream.start[first] as number) >= to) return null;
    let last = first;
    while (last < end && (this.stream.start[last + 1] as number) < to) last++;
    return { first, last };
  }

  speakerOf(phrase: number): string {
    return (this.phrases[phrase] as Phrase).speaker;
  }

  /** First token of a phrase in `stream`. */
  firstToken(phrase: number): number {
    return this.tokenFirst[phrase] as number;
  }

  /** Last token of a phrase in `stream`, its break left out; before the first when the phrase is empty. */
  lastToken(phrase: number): number {
    return this.tokenLast[phrase] as number;
  }

  private lexAll(): boolean {
    const { spoken, phraseStart, tokenFirst, tokenLast } = this;
    spoken.clear();
    // Columns are written over, not emptied: emptying an array gives its memory away.
    const { length } = this.phrases;
    const isFolded = this.folded.map !== null;
    let originalEnd = 0;
    for (let i = 0; i < length; i++) {
      const from = this.foldedOffset(originalEnd);
      originalEnd += (this.phrases[i] as Phrase).text.length;
      const to = this.foldedOffset(originalEnd);
      originalEnd++;
      phraseStart[i] = from;
      tokenFirst[i] = spoken.size;
      if (!lex(spoken, this.text, from, to, isFolded)) return false;
      tokenLast[i] = spoken.size - 1;
      spoken.push(HARD_BREAK, to, to, i, 0);
    }
    phraseStart[length] = this.text.length + 1;
    return true;
  }

  /** Softens the breaks over which a speaker goes on, and orders the tokens speaker by speaker. */
  private linkPhrases(): void {
    const speakers = new Map<string, number[]>();
    this.phrases.forEach(({ speaker }, index) => {
      const own = speakers.get(speaker);
      if (own === undefined) speakers.set(speaker, [index]);
      else own.push(index);
    });
    const interjection = this.phrases.map((_, index) => this.isInterjection(index));
    // Whether anything but interjections stands before a phrase, counted up: equal counts mean nothing between.
    const substance: number[] = [0];
    for (const isInterjection of interjection) {
      substance.push((substance[substance.length - 1] as number) + (isInterjection ? 0 : 1));
    }
    const { spoken, ordered } = this;
    ordered.clear();
    const first: number[] = [];
    const last: number[] = [];
    for (const own of speakers.values()) {
      own.forEach((phrase, position) => {
        const next = own[position + 1];
        const goesOn = next !== undefined && next - phrase <= 4 && substance[next] === substance[phrase + 1];
        first[phrase] = ordered.size;
        const from = this.tokenFirst[phrase] as number;
        const to = this.tokenLast[phrase] as number;
        for (let at = from; at <= to + 1; at++) {
          const type = at > to && goesOn ? SOFT_BREAK : (spoken.type[at] as number);
          ordered.push(
            type,
            spoken.start[at] as number,
            spoken.end[at] as number,
            spoken.info[at] as number,
            spoken.space[at] as number,
          );
        }
        last[phrase] = ordered.size - 2;
      });
    }
    for (let i = 0; i < first.length; i++) {
      this.tokenFirst[i] = first[i] as number;
      this.tokenLast[i] = last[i] as number;
    }
    this.stream = ordered;
  }

  /** "uh huh", "ok go on": a phrase that does not break what the other is saying. */
  private isInterjection(phrase: number): boolean {
    const { spoken } = this;
    const from = this.tokenFirst[phrase] as number;
    const to = this.tokenLast[phrase] as number;
    if (to - from >= MAX_INTERJECTION_TOKENS) return false;
    let words = 0;
    let known = 0;
    for (let at = from; at <= to; at++) {
      const type = spoken.type[at];
      if (type === PUNCTUATION) {
        if (spoken.info[at] === 0x40) return false;
        continue;
      }
      if (type !== WORD) return false;
      if (type === WORD) {
        const flags = flagsOfEntry(spoken.info[at] as number);
        const isKnown = (flags & (INTERJECTION | FILLER | GLUE)) !== 0;
        if ((flags & NUMBER) !== 0 && !isKnown) return false;
        if ((flags & KIND_CUES) !== 0 && (flags & INTERJECTION) === 0) return false;
        words++;
        if (isKnown) known++;
      }
    }
    return words <= 2 || known * 3 >= words * 2;
  }
}
