/** Token types. */
export declare const WORD = 1;
/** ASCII digits only. */
export declare const DIGITS = 2;
/** Letters and digits in one piece: a part number, "5pm". */
export declare const MIXED = 3;
export declare const PUNCTUATION = 4;
/** End of a phrase, the same speaker goes on (perhaps behind an interjection). */
export declare const SOFT_BREAK = 5;
/** End of a phrase, nothing continues over it. */
export declare const HARD_BREAK = 6;
/** A token that an earlier redaction put there. */
export declare const REDACTED = 7;
/** What stands before a token. */
export declare const TIGHT = 0;
export declare const SPACED = 1;
export declare const NEW_LINE = 2;
/**
 * The tokens of a text, in columns. One object is reused for many texts, its columns grow and never shrink below
 * what the largest text needed.
 */
export declare class TokenStream {
    size: number;
    type: Uint8Array<ArrayBuffer>;
    start: Int32Array<ArrayBuffer>;
    end: Int32Array<ArrayBuffer>;
    /** WORD: lexicon entry (0 = unknown). PUNCTUATION: character code. Breaks: index of the phrase that ends. */
    info: Int32Array<ArrayBuffer>;
    space: Uint8Array<ArrayBuffer>;
    /** Digits, number words and signs of an address seen so far: none means there is nothing to find. */
    digitCount: number;
    numberWordCount: number;
    atCount: number;
    clear(): void;
    push(type: number, start: number, end: number, info: number, space: number): void;
    private grow;
}
/**
 * Cuts text[from, to) into tokens and appends them.
 * @param folded whether the text is a folded copy already
 * @returns false when the text must be folded first; the stream then holds rubbish behind its former size
 */
export declare function lex(stream: TokenStream, text: string, from: number, to: number, folded: boolean): boolean;
//# sourceMappingURL=lexer.d.ts.map