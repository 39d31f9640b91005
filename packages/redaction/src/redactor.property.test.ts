import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generateLines } from './evaluation/generate.ts';
import { card, mail, ssn, usPhone } from './evaluation/made-values.ts';
import { Random } from './evaluation/random.ts';
import { createRedactor } from './redactor.ts';
import type { Phrase } from './text/conversation.ts';

const redactor = createRedactor({ tokens: { key: '0123456789abcdef0123456789abcdef' } });

const random = fc.integer().map((seed) => new Random(seed));
/** Pieces that detectors care for, in any order and nearness. */
const piece = fc.oneof(
  random.map((r) => r.fill('N##-N##-####')),
  random.map(usPhone),
  random.map((r) => card(r).replace(/.{4}/g, '$& ')),
  random.map((r) => ssn(r).replace(/^(...)(..)/, '$1-$2-')),
  random.map((r) => `${mail(r).local}@example.com`),
  random.map((r) => r.digits(r.whole(1, 12))),
  fc.constantFrom(
    'phone',
    'order',
    'my ssn is',
    'card',
    'and',
    ',',
    '. ',
    ' - ',
    '(',
    ')',
    '+',
    'five five five',
    'oh one',
    'sorry',
    'um',
    'at',
    'dot',
    'com',
    'bob',
    '@',
    'x12',
    '\n',
    '\u200b',
    '１２３',
    'é',
    '😀',
    'DE89',
    'invoice',
    'call',
    '&#64;',
    '12/27',
  ),
  fc.string({ unit: 'binary', maxLength: 6 }),
);
const text = fc
  .array(fc.tuple(piece, fc.constantFrom(' ', '', ' ')), { maxLength: 14 })
  .map((pieces) => pieces.flat().join(''));
const phrases: fc.Arbitrary<Phrase[]> = fc.array(fc.record({ speaker: fc.constantFrom('a', 'c'), text }), {
  minLength: 1,
  maxLength: 5,
});

describe('a redaction', { timeout: 120_000 }, () => {
  it('done twice changes nothing more', () => {
    fc.assert(
      fc.property(text, (input) => {
        const once = redactor.redactText(input).text;
        expect(redactor.redactText(once).text).toBe(once);
      }),
      { numRuns: 1000 },
    );
  });

  it('done twice changes nothing more in the evaluation set', () => {
    for (const line of generateLines(99, 2000, 'tuning')) {
      const once = redactor.redactConversation(line.phrases, { region: line.region }).phrases;
      const again = once.map((phrase, i) => ({ speaker: line.phrases[i]?.speaker ?? '', text: phrase.text }));
      expect(
        redactor.redactConversation(again, { region: line.region }).phrases.map((phrase) => phrase.text),
      ).toEqual(once.map((phrase) => phrase.text));
    }
  });

  it('leaves everything outside of its spans as it was', () => {
    fc.assert(
      fc.property(phrases, (input) => {
        const joined = input.map((phrase) => phrase.text).join('\n');
        const found = redactor.replacements(input);
        let rebuilt = '';
        let from = 0;
        for (const { start, end, token } of found) {
          expect(start).toBeGreaterThanOrEqual(from);
          expect(end).toBeGreaterThan(start);
          rebuilt += joined.slice(from, start) + token;
          from = end;
        }
        rebuilt += joined.slice(from);
        const { phrases: redacted } = redactor.redactConversation(input);
        expect(redacted.map((phrase) => phrase.text).join('\n')).toBe(rebuilt);
        for (const { text: output, spans } of redacted) {
          for (const { type, start, end } of spans)
            expect(output.slice(start, end)).toMatch(new RegExp(`^${type}-[0-9a-f]{16}$`));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('gives equal telephone numbers equal tokens however they are written', () => {
    fc.assert(
      fc.property(
        random,
        fc.constantFrom('($1) $2-$3', '$1.$2.$3', '+1 $1 $2 $3', '1-$1-$2-$3', '$1 $2 $3 ext 4'),
        (r, form) => {
          const digits = usPhone(r);
          const written = digits.replace(/^(...)(...)(....)$/, form);
          expect(redactor.redactText(`call ${written}`).text).toBe(
            `call ${redactor.tokenOf('PHONE', digits)}`,
          );
        },
      ),
    );
  });

  it('throws at nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (input) => {
        expect(typeof redactor.redactText(input).text).toBe('string');
      }),
    );
  });
});

describe('an input made to be slow', () => {
  // Half a mebibyte each. Work that grows with the square of it would not end within the test's time limit.
  it.each([
    'a',
    '1',
    '1 2 3 ',
    'five four ',
    '@',
    'a@',
    'a@b.',
    'a.',
    'a dot a at ',
    '1-',
    '+1',
    '((1',
    '415-555-2671 ',
    '12 sorry ',
    'DE89 ',
    'AAAA-',
    '１ ',
    '&#64;',
    '1\u200b',
    'phone 1 ',
    '4111111111111111 ',
    'call\n',
  ])('is worked through: %o', { timeout: 60_000 }, (unit) => {
    const input = unit.repeat(Math.ceil((1 << 19) / unit.length));
    const { text: output, spans } = redactor.redactText(input);
    expect(spans.every(({ start, end }) => start < end && end <= output.length)).toBe(true);
  });
});
