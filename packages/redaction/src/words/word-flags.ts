/**
 * What a word can mean to a detector. A word may carry several flags ("dash" joins digits and joins parts of a
 * mail address); the detector that reads it decides.
 */
export const PHONE_CUE = 1 << 0;
export const SSN_CUE = 1 << 1;
export const CARD_CUE = 1 << 2;
export const IBAN_CUE = 1 << 3;
export const MAIL_CUE = 1 << 4;
/** An order, invoice, part, account and so on: the number beside it is no personal value of the standard profile. */
export const OTHER_CUE = 1 << 5;
/** "number", "no": says nothing by itself, points to a telephone where nothing else is said. */
export const NUMBER_WORD = 1 << 6;
/** Does not count as distance between a cue and a value. */
export const GLUE = 1 << 7;
/** May stand inside a value: "um", "er". */
export const FILLER = 1 << 8;
/** Spoken separator inside a number: "dash", "space". */
export const SEPARATOR = 1 << 9;
/** Announces that what was just said is replaced: "sorry", "wait". */
export const CORRECTION = 1 << 10;
/** Behind a number it makes that number a quantity: "minutes", "dollars". */
export const UNIT = 1 << 11;
export const AT = 1 << 12;
export const DOT = 1 << 13;
/** "underscore", "dash", "plus" inside a mail address. */
export const MAIL_JOINER = 1 << 14;
/** Never the local part of a mail address: verbs, prepositions, pronouns. */
export const NO_LOCAL_PART = 1 << 15;
export const EXTENSION = 1 << 16;
/** Turns a card into something else: "gift card". */
export const CARD_VETO = 1 << 17;
export const PLUS = 1 << 18;
export const NUMBER = 1 << 19;
/** Words of an interjection: "yes", "go on". */
export const INTERJECTION = 1 << 20;
/** Mail provider named without a top-level domain. */
export const MAIL_PROVIDER = 1 << 21;
/** Behind a number with no cue before it: the number belongs to a thing ("shipped", "duplicate"). */
export const THING_VERB = 1 << 22;
export const PASSPORT_CUE = 1 << 23;
export const LICENCE_CUE = 1 << 24;
export const BIRTH_CUE = 1 << 25;
export const BANK_CUE = 1 << 26;
export const AND = 1 << 27;
export const TOP_LEVEL = 1 << 28;
export const CURRENCY = 1 << 29;
/** "customer": other only as "customer number", not in "the customer's number". */
export const PERSON = 1 << 30;

/** Any cue that names the kind of a number. */
export const KIND_CUES =
  PHONE_CUE | SSN_CUE | CARD_CUE | IBAN_CUE | OTHER_CUE | PASSPORT_CUE | LICENCE_CUE | BANK_CUE;

/** Languages as a mask, so that a run can be held to one language. */
export const EN = 1;
export const ES = 2;
export const FR = 4;
export const DE = 8;
export const ANY_LANGUAGE = 15;

/** How a number word contributes digits. */
export type NumberKind =
  | 'digit' // five
  | 'teen' // ten to nineteen, and compounds that are whole: einundzwanzig
  | 'tens' // twenty, may take a digit
  | 'hundred' // multiplies what stands before
  | 'hundreds' // seiscientos: a whole hundred
  | 'thousand'
  | 'repeat'; // double, triple

export interface NumberWord {
  readonly kind: NumberKind;
  readonly value: number;
  readonly languages: number;
}
