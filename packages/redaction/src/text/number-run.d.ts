import { type TokenStream } from './lexer.ts';
/**
 * How strongly two neighbouring groups are held apart. A value does not reach over a gap that is stronger than
 * those inside it, unless a checksum or the context proves it.
 */
export declare const JOINED = 1;
export declare const LOOSE = 2;
export declare const LISTED = 3;
export declare const LINKED = 4;
export declare const BROKEN = 5;
export declare const CORRECTED = 6;
export declare const OUTSIDE = 9;
/** One group of digits: typed, or the words of one number. */
export interface RunItem {
    /** Tokens [first, last] of the stream. */
    readonly first: number;
    readonly last: number;
    /** Digits it contributes; empty for a trunk "(0)" behind a country code. */
    readonly digits: string;
    readonly spoken: boolean;
    /** Strength of the gap before it; OUTSIDE for the first. */
    readonly gap: number;
    /** The one character in a tight gap before it, 0x20 for a space, 0 for anything else. */
    readonly gapCharacter: number;
    /** '+' (or "plus") before it, as token index, or -1. */
    readonly plus: number;
    /** Opening bracket before it, as token index, or -1. */
    readonly bracket: number;
    /** Part of a date, an amount, an IP address, a coordinate: never part of a value. Set by the vetoes. */
    dead: boolean;
    /** Hangs on letters by a hyphen or the like: "72-8222-7605-C". Set by the vetoes. */
    tied: boolean;
}
export interface NumberRun {
    readonly items: RunItem[];
    /** The token behind the run. */
    readonly next: number;
}
/** Whether a run may begin at a token. */
export declare function startsNumber(stream: TokenStream, at: number): boolean;
/**
 * Reads the run of digits and number words that begins at a token.
 * @returns null when the token begins no number
 */
export declare function readRun(stream: TokenStream, text: string, from: number): NumberRun | null;
//# sourceMappingURL=number-run.d.ts.map