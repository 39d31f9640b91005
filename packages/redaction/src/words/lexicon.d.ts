import { type NumberWord } from './word-flags.ts';
/** Start value of a word's hash. */
export declare const HASH_SEED = 7;
/** Adds one normalised character code (see `normalLetter`) to a hash. */
export declare function addToHash(hash: number, code: number): number;
/**
 * The letter under which a word is looked up: lower case, Latin-1 accents removed.
 * @returns a code, or 0 for a character that leaves no trace (combining accent)
 */
export declare function normalLetter(code: number): number;
/** The entry of a word by its hash; 0 for a word that means nothing here. */
export declare function entryOfHash(hash: number): number;
/** The flags of an entry (`word-flags.ts`); 0 for entry 0. */
export declare function flagsOfEntry(entry: number): number;
/** The number an entry spells, or null. */
export declare function numberOfEntry(entry: number): NumberWord | null;
/** The word of an entry as it stands in the tables. */
export declare function wordOfEntry(entry: number): string;
/** The entry of a whole word in any case, accents and apostrophes allowed. */
export declare function entryOfWord(word: string): number;
//# sourceMappingURL=lexicon.d.ts.map