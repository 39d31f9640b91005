/**
 * A copy of a text in which every decimal digit, dash and space is ASCII, invisible characters are gone and
 * escaped punctuation (`&#64;`, `%40`) is decoded, with the way back to the original.
 *
 * Invariant: `map === null` means the folded text is the original, offset for offset.
 */
export interface Folded {
    readonly text: string;
    readonly map: OffsetMap | null;
}
export interface OffsetMap {
    /** Original UTF-16 offset at which the folded character begins; one more entry than characters. */
    readonly start: Int32Array;
    /** Original UTF-16 offset behind what the folded character stands for. */
    readonly end: Int32Array;
}
/** Folds a text. Linear; never throws, lone surrogates included. */
export declare function fold(original: string): Folded;
//# sourceMappingURL=fold.d.ts.map