import type { Random } from './random.ts';
/** Renders values as speech recognition writes them. */
export type Language = 'en' | 'es' | 'fr' | 'de';
/** Two digits, first not zero, as one number. */
export declare function pairWord(pair: string, language: Language): string;
export declare function digitWord(random: Random, digit: string, language: Language): string;
/** Speaks digits in groups; every choice of manner is made once a number. */
export declare function speakDigits(random: Random, groups: readonly string[], language: Language): string;
/** "jasper dot yamamoto at yahoo dot com" */
export declare function speakMail(random: Random, address: string, language: Language): string;
//# sourceMappingURL=speech.d.ts.map