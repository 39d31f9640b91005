import type { Conversation } from '../text/conversation.ts';
import { type Claim, CONTEXT } from '../types.ts';
import { flagsOfEntry } from '../words/lexicon.ts';
import { BIRTH_CUE } from '../words/word-flags.ts';
import { hasCueNear } from './nearby.ts';

/**
 * Dates of birth (extended profile): a date near words of birth, or in answer to a question for it. Read are dates in
 * digits (day, month and year in any order, with '-', '/', '.' or spaces) and dates with the month as a word in the
 * four languages. Dates in spoken numbers ("the fifth of May nineteen eighty") are not.
 */
const MONTHS =
  'jan(?:uary|uar|vier)?|ener?o?|feb(?:ruary|ruar|rero)?|f[ée]v(?:rier)?|mar(?:ch|s|zo)?|m[äa]rz|apr(?:il)?|abr(?:il)?|avr(?:il)?|may|mayo|mai|june?|juni[oa]?|juin|july?|juli[oa]?|juillet|aug(?:ust)?|agosto?|ao[uû]t|sep(?:t|tember|tembre|tiembre)?|oct(?:ober|obre|ubre)?|okt(?:ober)?|nov(?:ember|embre|iembre)?|dec(?:ember)?|dez(?:ember)?|d[ée]c(?:embre)?|dic(?:iembre)?';
const IN_DIGITS =
  /(?<![\w.-])(?:\d{4}([-/. ])\d{1,2}\1\d{1,2}|\d{1,2}([-/. ])\d{1,2}\2(?:\d{4}|\d{2}))(?![\w-])/g;
const IN_WORDS = new RegExp(
  `(?<![\\w])(?:\\d{1,2}(?:st|nd|rd|th|er|\\.)?(?: (?:of|de|der))? (?:${MONTHS})\\.?,?(?: (?:de|del))? \\d{4}|(?:${MONTHS})\\.? \\d{1,2}(?:st|nd|rd|th)?,? \\d{4})(?!\\w)`,
  'gi',
);

export function findBirthDates(conversation: Conversation, claims: Claim[]): void {
  for (const expression of [IN_DIGITS, IN_WORDS]) {
    for (const match of conversation.text.matchAll(expression)) {
      const tokens = conversation.tokensIn(match.index, match.index + match[0].length);
      if (tokens === null || !hasCueNear(conversation, tokens.first, isBirthCue)) continue;
      claims.push({ type: 'DOB', canonical: canonicalDate(match[0]), confidence: CONTEXT, ...tokens });
    }
  }
}

function isBirthCue(entry: number): boolean {
  return (flagsOfEntry(entry) & BIRTH_CUE) !== 0;
}

/** Year first where the year is told by its four digits; the order of day and month stays as written. */
function canonicalDate(written: string): string {
  const parts = written.toLowerCase().match(/\d+|\p{L}{3,}/gu) ?? [];
  const numbers = parts
    .filter((part) => !/^(?:st|nd|rd|th|del)$/.test(part))
    .map((part) => part.replace(/^0+(?=\d)/, ''));
  const year = numbers.findIndex((part) => /^\d{4}$/.test(part));
  if (year > 0) numbers.unshift(...numbers.splice(year, 1));
  return numbers.join('-');
}
