import { cueWords } from './cue-words.ts';
import { numberWords } from './number-words.ts';
import { NUMBER, type NumberWord } from './word-flags.ts';

/**
 * One hash table from words to their meaning. The lexer computes the hash while it walks over a word, so that
 * looking a word up costs no substring: a text of ordinary words runs through at the speed of the walk.
 */
const TABLE_BITS = 13;
const TABLE_MASK = (1 << TABLE_BITS) - 1;

const hashes = new Int32Array(1 << TABLE_BITS);
const entries = new Int16Array(1 << TABLE_BITS);
const flagsOf: number[] = [0];
const numberOf: Array<NumberWord | null> = [null];
const wordOf: string[] = [''];

/** Start value of a word's hash. */
export const HASH_SEED = 7;

/** Adds one normalised character code (see `normalLetter`) to a hash. */
export function addToHash(hash: number, code: number): number {
  return (Math.imul(hash, 31) + code) | 0;
}

const LATIN_1_BASE =
  'aaaaaaaceeeeiiiidnooooo' + // U+00C0 to U+00D6
  '\u0000' + // multiplication sign
  'ouuuuypsaaaaaaaceeeeiiiidnooooo' +
  '\u0000' + // division sign
  'ouuuuypy';

/**
 * The letter under which a word is looked up: lower case, Latin-1 accents removed.
 * @returns a code, or 0 for a character that leaves no trace (combining accent)
 */
export function normalLetter(code: number): number {
  if (code < 0x80) return code | 0x20;
  if (code >= 0xc0 && code <= 0xff) return LATIN_1_BASE.charCodeAt(code - 0xc0);
  if (code >= 0x300 && code <= 0x36f) return 0;
  return code;
}

function hashOf(word: string): number {
  let hash = HASH_SEED;
  for (let i = 0; i < word.length; i++) hash = addToHash(hash, word.charCodeAt(i));
  return hash;
}

function slotOf(hash: number): number {
  let slot = (hash ^ (hash >>> TABLE_BITS)) & TABLE_MASK;
  while (entries[slot] !== 0 && hashes[slot] !== hash) slot = (slot + 1) & TABLE_MASK;
  return slot;
}

function add(word: string, flags: number, number: NumberWord | null): void {
  const hash = hashOf(word);
  const slot = slotOf(hash);
  let entry = entries[slot] as number;
  if (entry === 0) {
    entry = flagsOf.length;
    hashes[slot] = hash;
    entries[slot] = entry;
    flagsOf.push(0);
    numberOf.push(null);
    wordOf.push(word);
  }
  flagsOf[entry] = (flagsOf[entry] as number) | flags;
  if (number !== null) numberOf[entry] = number;
}

for (const [flags, words] of cueWords) {
  for (const word of words.split(/\s+/)) if (word !== '') add(word, flags, null);
}
for (const [word, number] of numberWords) add(word, NUMBER, number);

/** The entry of a word by its hash; 0 for a word that means nothing here. */
export function entryOfHash(hash: number): number {
  return entries[slotOf(hash)] as number;
}

const flagTable = Int32Array.from(flagsOf);

/** The flags of an entry (`word-flags.ts`); 0 for entry 0. */
export function flagsOfEntry(entry: number): number {
  return flagTable[entry] as number;
}

/** The number an entry spells, or null. */
export function numberOfEntry(entry: number): NumberWord | null {
  return numberOf[entry] as NumberWord | null;
}

/** The word of an entry as it stands in the tables. */
export function wordOfEntry(entry: number): string {
  return wordOf[entry] as string;
}

/** The entry of a whole word in any case, accents and apostrophes allowed. */
export function entryOfWord(word: string): number {
  let hash = HASH_SEED;
  for (let i = 0; i < word.length; i++) {
    const code = word.charCodeAt(i);
    if (code === 0x27) continue;
    const letter = normalLetter(code);
    if (letter !== 0) hash = addToHash(hash, letter);
  }
  return entryOfHash(hash);
}

/**
 * The entries of words that rules name singly.
 * @throws Error when a word stands in no table: its entry would be that of every unknown word
 */
export function entriesOf(words: string): ReadonlySet<number> {
  const found = new Set<number>();
  for (const word of words.split(' ')) {
    const entry = entryOfWord(word);
    if (entry === 0) throw new Error(`the word "${word}" is missing from cue-words.ts`);
    found.add(entry);
  }
  return found;
}
