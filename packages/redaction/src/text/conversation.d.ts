import { TokenStream } from './lexer.ts';
/** One utterance of one speaker. */
export interface Phrase {
    /** Any name: phrases of equal names are one speaker's. */
    readonly speaker: string;
    readonly text: string;
}
/**
 * A conversation ready to be searched: the phrases joined by newlines, folded, cut into tokens, and the tokens put
 * in an order in which each speaker's phrases follow each other, so that a value that runs over two phrases, with
 * the other's "uh huh" between them, stands in one piece.
 *
 * Invariant: token offsets point into `text` (folded); `toOriginal` leads back to the joined original.
 */
export declare class Conversation {
    /** The phrases as they came, joined by newlines. */
    original: string;
    /** The folded copy of it. */
    text: string;
    stream: TokenStream;
    private folded;
    private readonly spoken;
    private readonly ordered;
    private phrases;
    /** Folded offset at which each phrase begins; one more for the end. */
    private readonly phraseStart;
    private readonly tokenFirst;
    private readonly tokenLast;
    constructor();
    /**
     * Loads a conversation, replacing the one before.
     * @returns false when it cannot hold anything to find
     */
    load(phrases: readonly Phrase[]): boolean;
    /** Folded offset to offset in `original`. */
    originalStart(offset: number): number;
    /** The end of a span: the original offset behind the last character before a folded offset. */
    originalEnd(offset: number): number;
    /** Original offset to the first folded offset that is not before it. */
    foldedOffset(offset: number): number;
    /** Index of the phrase that holds a folded offset. */
    phraseAt(offset: number): number;
    /** Takes tokens [first, last] out of what detectors see, as if an earlier redaction had replaced them. */
    markFound(first: number, last: number): void;
    /** Folded ranges [start, end) of the phrases, in order. */
    phraseRanges(): Array<[start: number, end: number]>;
    /** The tokens of a folded range within one phrase; null when there are none. */
    tokensIn(from: number, to: number): {
        first: number;
        last: number;
    } | null;
    speakerOf(phrase: number): string;
    /** First token of a phrase in `stream`. */
    firstToken(phrase: number): number;
    /** Last token of a phrase in `stream`, its break left out; before the first when the phrase is empty. */
    lastToken(phrase: number): number;
    private lexAll;
    /** Softens the breaks over which a speaker goes on, and orders the tokens speaker by speaker. */
    private linkPhrases;
    /** "uh huh", "ok go on": a phrase that does not break what the other is saying. */
    private isInterjection;
}
//# sourceMappingURL=conversation.d.ts.map