/**
 * What may follow what in JSON text (RFC 8259), outside of strings, as a table: a state and the kind of the next byte give the next
 * state, or an act that takes the stack of open brackets.
 */

/** Where a reader stands. */
export const state = {
  firstItem: 0, // behind `[`: a value or the end
  firstKey: 1, // behind `{`: a key or the end
  value: 2, // behind a comma of an array or a colon
  key: 3, // behind a comma of an object
  colon: 4, // behind a key
  after: 5, // behind a value: a comma or the end
  minus: 6,
  zero: 7,
  whole: 8,
  point: 9,
  fraction: 10,
  exponent: 11,
  exponentSign: 12,
  exponentDigits: 13,
  /** Behind `t`, `tr`, `tru`; `f` ... `fals`; `n`, `nu`, `nul`. */
  literals: 14,
} as const;

const states = state.literals + 'tru'.length + 'fals'.length + 'nul'.length;

/** What the table gives beside states: numbers above all of them. */
export const act = {
  beginString: 32,
  open: 33,
  close: 34,
  /** A comma: what follows depends on what is open. */
  comma: 35,
  refuse: 36,
} as const;

const alphabet = ' \n{}[]:,"-+.0123456789aeEflnrstu';

const other = alphabet.length;
const kindCount = other + 1;

/** By byte. */
const kinds = new Uint8Array(256).fill(other);
for (const [kind, char] of [...alphabet].entries()) kinds[char.charCodeAt(0)] = kind;
kinds['\t'.charCodeAt(0)] = kinds[' '.charCodeAt(0)] as number;
kinds['\r'.charCodeAt(0)] = kinds['\n'.charCodeAt(0)] as number;

const table = new Uint8Array(states * kindCount).fill(act.refuse);

/** @returns a state or an act */
export function nextOf(from: number, byte: number): number {
  return table[from * kindCount + (kinds[byte] as number)] as number;
}

/** Where a number may end. */
const wholeNumbers: readonly number[] = [state.zero, state.whole, state.fraction, state.exponentDigits];

/** Whether it is a number that may end here. */
export function isWholeNumber(from: number): boolean {
  return wholeNumbers.includes(from);
}

function rule(from: number, chars: string, to: number): void {
  for (const char of chars) table[from * kindCount + (kinds[char.charCodeAt(0)] as number)] = to;
}

const space = ' \n';
const digits = '0123456789';

for (const from of [state.firstItem, state.firstKey, state.value, state.key, state.colon, state.after]) {
  rule(from, space, from);
}
rule(state.firstItem, ']', act.close);
rule(state.firstKey, '}', act.close);
for (const from of [state.firstKey, state.key]) rule(from, '"', act.beginString);
rule(state.colon, ':', state.value);

for (const from of [state.firstItem, state.value]) {
  rule(from, '"', act.beginString);
  rule(from, '[{', act.open);
  rule(from, '-', state.minus);
  rule(from, '0', state.zero);
  rule(from, '123456789', state.whole);
}

let literal: number = state.literals;
for (const word of ['true', 'false', 'null']) {
  for (const from of [state.firstItem, state.value]) rule(from, word.charAt(0), literal);
  for (const char of word.slice(1, -1)) rule(literal, char, ++literal);
  rule(literal++, word.slice(-1), state.after);
}

rule(state.minus, '0', state.zero);
rule(state.minus, '123456789', state.whole);
rule(state.whole, digits, state.whole);
for (const from of [state.zero, state.whole]) rule(from, '.', state.point);
for (const from of [state.point, state.fraction]) rule(from, digits, state.fraction);
for (const from of [state.zero, state.whole, state.fraction]) rule(from, 'eE', state.exponent);
rule(state.exponent, '+-', state.exponentSign);
for (const from of [state.exponent, state.exponentSign, state.exponentDigits]) {
  rule(from, digits, state.exponentDigits);
}

for (const from of [state.after, ...wholeNumbers]) {
  rule(from, space, state.after);
  rule(from, ',', act.comma);
  rule(from, ']}', act.close);
}

/** What may stand behind a backslash; behind `u` come four digits of base 16. */
const escapes = new Uint8Array(256);
for (const char of '"\\/bfnrtu') escapes[char.charCodeAt(0)] = 1;

const hexDigits = new Uint8Array(256);
for (const char of '0123456789abcdefABCDEF') hexDigits[char.charCodeAt(0)] = 1;

export function isEscape(byte: number): boolean {
  return escapes[byte] === 1;
}

export function isHexDigit(byte: number): boolean {
  return hexDigits[byte] === 1;
}
