import { describe, expect, test } from 'vitest';
import { redactionDifference } from './redaction-difference.ts';
import { spokenTexts, wordsDifference } from './spoken-words.ts';

const phone = 'PHONE-0123456789abcdef';
const other = 'PHONE-fedcba9876543210';

/** A document with one phrase. */
function transcript(text: string, ...words: string[]): string {
  const spoken = words.map((word) => ({ word, confidence: 0.5 }));
  return JSON.stringify({ transcripts: [{ phrases: [{ text, words: spoken }] }] });
}

const source = transcript('call 212-555-0100 now', 'call', '212', '555', '0100', 'now');

describe('the words of a transcript', () => {
  test('are read as they run', () => {
    expect(spokenTexts(source)).toEqual(['call 212 555 0100 now', 'call2125550100now']);
    expect(spokenTexts(`${source}\n${transcript('x', 'x')}`)).toHaveLength(4);
    expect(spokenTexts('{"word":1,"text":["word","a"]}')).toEqual([]);
  });

  test.for<[string, string]>([
    ['nothing was replaced', source],
    ['the token stands in the first of them', transcript(`call ${phone} now`, 'call', phone, '', '', 'now')],
  ])('are sound where %s', ([, redacted]) => {
    expect(redactionDifference(source, redacted)).toBeNull();
    expect(wordsDifference(source, redacted)).toBeNull();
  });

  test.for<[string, string]>([
    ['are empty where the text lost nothing', transcript('call 212-555-0100 now', 'call', '', '', '', 'now')],
    ['have a token that is not in the text', transcript(`call ${phone} now`, 'call', other, '', '', 'now')],
  ])('%s', ([, redacted]) => {
    expect(wordsDifference(source, redacted)).toMatch(/^phrase 0 /);
  });

  test('may be empty, and nothing else may', () => {
    expect(redactionDifference('{"text":"a"}', '{"text":""}')).not.toBeNull();
    expect(redactionDifference(source, transcript('call 212-555-0100 now', 'call', '212'))).not.toBeNull();
  });
});
