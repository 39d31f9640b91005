import { decodedString, lexemesOf } from '../json-lexemes.ts';
import { tokenExpression } from './redaction-difference.ts';

/** The words of every phrase of a text with transcripts, run together: values may stand in pieces among them. */
export function spokenTexts(json: string): string[] {
  const texts: string[] = [];
  let words: string[] = [];
  let name = '';
  let last = '';
  for (const { kind, text } of lexemesOf(json)) {
    if (kind === 'string' && name === '"word"') words.push(decodedString(text) ?? '');
    if (text === ']' && words.length > 0) {
      texts.push(words.join(' '), words.join(''));
      words = [];
    }
    name = text === ':' ? last : '';
    last = text;
  }
  return texts;
}

interface Phrase {
  text: string;
  words: { word: string }[];
}

/**
 * Words of a phrase may be tokens or empty only where the phrase lost something, and their tokens are the phrase's.
 * @returns the first phrase that is otherwise; `null`: none
 */
export function wordsDifference(source: string, redacted: string): string | null {
  const before = phrasesOf(JSON.parse(source));
  const after = phrasesOf(JSON.parse(redacted));
  for (const [place, { text, words }] of after.entries()) {
    const original = before[place];
    if (original === undefined) return `phrase ${place} is new`;
    const changed = words.filter(({ word }, index) => word !== original.words[index]?.word);
    if (changed.length === 0) continue;
    if (text === original.text) return `phrase ${place} has lost words and nothing of its text`;
    const tokens = new Set(text.match(tokenExpression) ?? []);
    const strange = changed.some(({ word }) =>
      (word.match(tokenExpression) ?? []).some((token) => !tokens.has(token)),
    );
    if (strange) return `phrase ${place} has a token in its words that is not in its text`;
  }
  return null;
}

function phrasesOf(document: unknown): Phrase[] {
  if (Array.isArray(document)) return document.flatMap(phrasesOf);
  if (typeof document !== 'object' || document === null) return [];
  const { text, words } = document as Partial<Phrase>;
  if (typeof text === 'string' && Array.isArray(words)) return [{ text, words }];
  return Object.values(document).flatMap(phrasesOf);
}
