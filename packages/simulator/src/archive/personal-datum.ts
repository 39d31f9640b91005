export type PersonalType = 'PHONE' | 'EMAIL' | 'SSN' | 'CARD' | 'IBAN' | 'NAME';

/**
 * How a value is written.
 * - `plain`: typed as usual; `intl`: with country code; `national`: as its (not American) country writes it;
 * - `spoken`: as speech recognition writes it; `split`: over two phrases; `spoken-split`: both;
 * - `unicode`: digits, dashes, spaces, signs beyond ASCII; `obfuscated`: "[at]", brackets, entities; `odd-separators`;
 * - `grouped`, `bare`: with and without separators;
 * - `address`: a field that holds addresses (`tel:+1...`); `name-field`: a field that holds names; `attribute`, `note`,
 *   `subject`: free fields; `nested-json`: inside JSON inside a string; `key`: in the name of a member;
 * - `words`: in the words of a transcript, a piece in each.
 */
export type PersonalForm =
  | 'plain'
  | 'intl'
  | 'national'
  | 'spoken'
  | 'split'
  | 'spoken-split'
  | 'unicode'
  | 'obfuscated'
  | 'odd-separators'
  | 'grouped'
  | 'bare'
  | 'address'
  | 'name-field'
  | 'attribute'
  | 'note'
  | 'subject'
  | 'nested-json'
  | 'key'
  | 'words';

/** One piece of personal data as it stands in a conversation. */
export interface PersonalDatum {
  type: PersonalType;
  form: PersonalForm;
  /** True where the redaction engine claims to find this form in this place (region unknown to it). */
  claimed: boolean;
  /** What all writings of one value have in common: E.164; lower-case address; bare digits; IBAN without spaces. */
  canonical: string;
  /** As written, after JSON decoding; the parts of a value that runs over phrases are joined by a newline. */
  written: string;
  /** Where: JSON Pointers (RFC 6901) from the conversation to the string, or to the member in whose name it stands. */
  places: PersonalPlace[];
}

export interface PersonalPlace {
  pointer: string;
  /** The part of the value that stands there. */
  text: string;
}
