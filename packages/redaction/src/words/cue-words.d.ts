/**
 * Words that say what a number or an address is, in English, Spanish, French and German, without accents and
 * apostrophes. Lists are data: a missing word costs context, never correctness of a checksum.
 */
export declare const cueWords: ReadonlyArray<readonly [flags: number, words: string]>;
//# sourceMappingURL=cue-words.d.ts.map