import { type NumberWord } from './word-flags.ts';
/**
 * Number words of the four languages, as spoken in contact centres, without accents (the lexicon folds accents).
 * A word that two languages share (`six`, `double`) carries both.
 */
export declare const numberWords: Map<string, NumberWord>;
//# sourceMappingURL=number-words.d.ts.map