import { flagsOfEntry } from '../words/lexicon.js';
import { FILLER, GLUE, INTERJECTION, KIND_CUES, NUMBER } from '../words/word-flags.js';
import { fold } from './fold.js';
import { HARD_BREAK, lex, PUNCTUATION, REDACTED, SOFT_BREAK, TokenStream, WORD } from './lexer.js';
/** Fewer digits in a whole conversation hold no value. */
const FEWEST_DIGITS = 4;
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
    stream;
    folded = { text: '', map: null };
    spoken = new TokenStream();
    ordered = new TokenStream();
    phrases = [];
    /** Folded offset at which each phrase begins; one more for the end. */
    phraseStart = [];
    tokenFirst = [];
    tokenLast = [];
    constructor() {
        this.stream = this.spoken;
    }
    /**
     * Loads a conversation, replacing the one before.
     * @returns false when it cannot hold anything to find
     */
    load(phrases) {
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
        const { digitCount, numberWordCount, atCount } = this.spoken;
        this.stream = this.spoken;
        if (digitCount + numberWordCount < FEWEST_DIGITS && atCount === 0)
            return false;
        if (phrases.length > 1)
            this.linkPhrases();
        return true;
    }
    /** Folded offset to offset in `original`. */
    originalStart(offset) {
        const { map } = this.folded;
        return map === null ? offset : map.start[offset];
    }
    /** The end of a span: the original offset behind the last character before a folded offset. */
    originalEnd(offset) {
        const { map } = this.folded;
        return map === null ? offset : offset === 0 ? 0 : map.end[offset - 1];
    }
    /** Original offset to the first folded offset that is not before it. */
    foldedOffset(offset) {
        const { map } = this.folded;
        if (map === null)
            return offset;
        let low = 0;
        let high = this.text.length;
        while (low < high) {
            const middle = (low + high) >>> 1;
            if (map.start[middle] < offset)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
    /** Index of the phrase that holds a folded offset. */
    phraseAt(offset) {
        let low = 0;
        let high = this.phraseStart.length - 2;
        while (low < high) {
            const middle = (low + high + 1) >>> 1;
            if (this.phraseStart[middle] <= offset)
                low = middle;
            else
                high = middle - 1;
        }
        return low;
    }
    /** Takes tokens [first, last] out of what detectors see, as if an earlier redaction had replaced them. */
    markFound(first, last) {
        for (let at = first; at <= last; at++) {
            if (this.stream.type[at] !== SOFT_BREAK)
                this.stream.type[at] = REDACTED;
        }
    }
    /** Folded ranges [start, end) of the phrases, in order. */
    phraseRanges() {
        let originalEnd = 0;
        return this.phrases.map((phrase, index) => {
            originalEnd += phrase.text.length + (index === 0 ? 0 : 1);
            return [this.phraseStart[index], this.foldedOffset(originalEnd)];
        });
    }
    /** The tokens of a folded range within one phrase; null when there are none. */
    tokensIn(from, to) {
        const phrase = this.phraseAt(from);
        let low = this.firstToken(phrase);
        let high = this.lastToken(phrase);
        const end = high;
        while (low < high) {
            const middle = (low + high) >>> 1;
            if (this.stream.end[middle] <= from)
                low = middle + 1;
            else
                high = middle;
        }
        const first = low;
        if (first > end || this.stream.start[first] >= to)
            return null;
        let last = first;
        while (last < end && this.stream.start[last + 1] < to)
            last++;
        return { first, last };
    }
    speakerOf(phrase) {
        return this.phrases[phrase].speaker;
    }
    /** First token of a phrase in `stream`. */
    firstToken(phrase) {
        return this.tokenFirst[phrase];
    }
    /** Last token of a phrase in `stream`, its break left out; before the first when the phrase is empty. */
    lastToken(phrase) {
        return this.tokenLast[phrase];
    }
    lexAll() {
        const { spoken, phraseStart, tokenFirst, tokenLast } = this;
        spoken.clear();
        phraseStart.length = 0;
        tokenFirst.length = 0;
        tokenLast.length = 0;
        const isFolded = this.folded.map !== null;
        let originalEnd = 0;
        for (let i = 0; i < this.phrases.length; i++) {
            const from = this.foldedOffset(originalEnd);
            originalEnd += this.phrases[i].text.length;
            const to = this.foldedOffset(originalEnd);
            originalEnd++;
            phraseStart.push(from);
            tokenFirst.push(spoken.size);
            if (!lex(spoken, this.text, from, to, isFolded))
                return false;
            tokenLast.push(spoken.size - 1);
            spoken.push(HARD_BREAK, to, to, i, 0);
        }
        phraseStart.push(this.text.length + 1);
        return true;
    }
    /** Softens the breaks over which a speaker goes on, and orders the tokens speaker by speaker. */
    linkPhrases() {
        const speakers = new Map();
        this.phrases.forEach(({ speaker }, index) => {
            const own = speakers.get(speaker);
            if (own === undefined)
                speakers.set(speaker, [index]);
            else
                own.push(index);
        });
        const interjection = this.phrases.map((_, index) => this.isInterjection(index));
        // Whether anything but interjections stands before a phrase, counted up: equal counts mean nothing between.
        const substance = [0];
        for (const isInterjection of interjection) {
            substance.push(substance[substance.length - 1] + (isInterjection ? 0 : 1));
        }
        const { spoken, ordered } = this;
        ordered.clear();
        const first = [];
        const last = [];
        for (const own of speakers.values()) {
            own.forEach((phrase, position) => {
                const next = own[position + 1];
                const goesOn = next !== undefined && next - phrase <= 4 && substance[next] === substance[phrase + 1];
                first[phrase] = ordered.size;
                const from = this.tokenFirst[phrase];
                const to = this.tokenLast[phrase];
                for (let at = from; at <= to + 1; at++) {
                    const type = at > to && goesOn ? SOFT_BREAK : spoken.type[at];
                    ordered.push(type, spoken.start[at], spoken.end[at], spoken.info[at], spoken.space[at]);
                }
                last[phrase] = ordered.size - 2;
            });
        }
        for (let i = 0; i < first.length; i++) {
            this.tokenFirst[i] = first[i];
            this.tokenLast[i] = last[i];
        }
        this.stream = ordered;
    }
    /** "uh huh", "ok go on": a phrase that does not break what the other is saying. */
    isInterjection(phrase) {
        const { spoken } = this;
        const from = this.tokenFirst[phrase];
        const to = this.tokenLast[phrase];
        if (to - from >= MAX_INTERJECTION_TOKENS)
            return false;
        let words = 0;
        let known = 0;
        for (let at = from; at <= to; at++) {
            const type = spoken.type[at];
            if (type === PUNCTUATION) {
                if (spoken.info[at] === 0x40)
                    return false;
                continue;
            }
            if (type !== WORD)
                return false;
            if (type === WORD) {
                const flags = flagsOfEntry(spoken.info[at]);
                const isKnown = (flags & (INTERJECTION | FILLER | GLUE)) !== 0;
                if ((flags & NUMBER) !== 0 && !isKnown)
                    return false;
                if ((flags & KIND_CUES) !== 0 && (flags & INTERJECTION) === 0)
                    return false;
                words++;
                if (isKnown)
                    known++;
            }
        }
        return words <= 2 || known * 3 >= words * 2;
    }
}
//# sourceMappingURL=conversation.js.map