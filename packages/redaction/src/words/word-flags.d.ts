/**
 * What a word can mean to a detector. A word may carry several flags ("dash" joins digits and joins parts of a
 * mail address); the detector that reads it decides.
 */
export declare const PHONE_CUE: number;
export declare const SSN_CUE: number;
export declare const CARD_CUE: number;
export declare const IBAN_CUE: number;
export declare const MAIL_CUE: number;
/** An order, invoice, part, account and so on: the number beside it is no personal value of the standard profile. */
export declare const OTHER_CUE: number;
/** "number", "no": says nothing by itself, points to a telephone where nothing else is said. */
export declare const NUMBER_WORD: number;
/** Does not count as distance between a cue and a value. */
export declare const GLUE: number;
/** May stand inside a value: "um", "er". */
export declare const FILLER: number;
/** Spoken separator inside a number: "dash", "space". */
export declare const SEPARATOR: number;
/** Announces that what was just said is replaced: "sorry", "wait". */
export declare const CORRECTION: number;
/** Behind a number it makes that number a quantity: "minutes", "dollars". */
export declare const UNIT: number;
export declare const AT: number;
export declare const DOT: number;
/** "underscore", "dash", "plus" inside a mail address. */
export declare const MAIL_JOINER: number;
/** Never the local part of a mail address: verbs, prepositions, pronouns. */
export declare const NO_LOCAL_PART: number;
export declare const EXTENSION: number;
/** Turns a card into something else: "gift card". */
export declare const CARD_VETO: number;
export declare const PLUS: number;
export declare const NUMBER: number;
/** Words of an interjection: "yes", "go on". */
export declare const INTERJECTION: number;
/** Mail provider named without a top-level domain. */
export declare const MAIL_PROVIDER: number;
/** Behind a number with no cue before it: the number belongs to a thing ("shipped", "duplicate"). */
export declare const THING_VERB: number;
export declare const PASSPORT_CUE: number;
export declare const LICENCE_CUE: number;
export declare const BIRTH_CUE: number;
export declare const BANK_CUE: number;
export declare const AND: number;
export declare const TOP_LEVEL: number;
export declare const CURRENCY: number;
/** "customer": other only as "customer number", not in "the customer's number". */
export declare const PERSON: number;
/** Any cue that names the kind of a number. */
export declare const KIND_CUES: number;
/** Languages as a mask, so that a run can be held to one language. */
export declare const EN = 1;
export declare const ES = 2;
export declare const FR = 4;
export declare const DE = 8;
export declare const ANY_LANGUAGE = 15;
/** How a number word contributes digits. */
export type NumberKind = 'digit' | 'teen' | 'tens' | 'hundred' | 'hundreds' | 'thousand' | 'repeat';
export interface NumberWord {
    readonly kind: NumberKind;
    readonly value: number;
    readonly languages: number;
}
//# sourceMappingURL=word-flags.d.ts.map