/** Whether a conversation was altered beyond what redaction may do. Knows what tokens look like, and nothing of the engine. */
import { decodedString, type Lexeme, lexemesOf } from '../json-lexemes.ts';

/** A token: its type, the key's id where it has one, 16 to 64 digits. */
export const tokenExpression = /[A-Z][A-Z_]*-(?:[A-Za-z0-9]{1,16}\.)?[0-9a-f]{16,64}/g;

/** The longest text that one token stands for: more was not a value, but a piece of the conversation. */
const longestValue = 400;

/**
 * Compares a redacted conversation with its source, piece by piece: order, names, words and numbers (with their digits) have to be
 * the same, strings the same outside of what tokens replace. A number may have become a token as a whole, and a word of a transcript
 * may be empty where its neighbour holds the token of a value that both were part of.
 * @returns what differs first, in words without a value; `null`: nothing
 */
export function redactionDifference(source: string, redacted: string): string | null {
  const before = lexemesOf(source);
  const after = lexemesOf(redacted);
  let isName = false;
  let isWord = false;
  for (let place = 1; ; place++) {
    const one = before.next();
    const other = after.next();
    if (one.done && other.done) return null;
    if (one.done) return `it goes on behind its end (${place - 1} pieces)`;
    if (other.done) return `it ends before piece ${place}`;
    if (!agree(one.value, other.value) && !(isWord && other.value.text === '""')) {
      return `piece ${place}: a ${one.value.kind} of ${one.value.text.length} characters has become a ${other.value.kind} of ${other.value.text.length}`;
    }
    isWord = isName && one.value.text === ':';
    isName = one.value.text === '"word"';
  }
}

function agree(before: Lexeme, after: Lexeme): boolean {
  if (before.text === after.text) return true;
  if (after.kind !== 'string') return false;
  const text = decodedString(after.text);
  if (text === null) return false;
  if (before.kind === 'scalar') return /^-?\d/.test(before.text) && text.replace(tokenExpression, '') === '';
  const original = before.kind === 'string' ? decodedString(before.text) : null;
  return original !== null && isRedactionOf(original, text);
}

/** Whether a text is what becomes of the original when pieces of it are replaced by tokens. */
function isRedactionOf(original: string, text: string): boolean {
  const kept = text.split(tokenExpression);
  if (kept.length === 1) return false; // it differs, and holds no token
  const [first = ''] = kept;
  if (!original.startsWith(first)) return false;
  let at = first.length;
  for (const [index, piece] of kept.entries()) {
    if (index === 0) continue;
    const isLast = index === kept.length - 1;
    const found = isLast ? original.length - piece.length : original.indexOf(piece, at + 1);
    if (found <= at || found - at > longestValue || !original.startsWith(piece, found)) return false;
    at = found + piece.length;
  }
  return true;
}
