import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redactAsGuide } from './guide.ts';
import { createTokenizer } from './tokenizer.ts';

const KEY = '0123456789abcdef0123456789abcdef';
const tokenizer = createTokenizer({ key: KEY });
const redact = (text: string): string => redactAsGuide(text, tokenizer).output;
const token = (type: string, matched: string): string =>
  `${type}-${createHmac('sha256', KEY).update(matched).digest('hex').slice(0, 16)}`;

describe('guide mode', () => {
  // What each expression matches, byte for byte.
  it.each([
    ['(555) 123-4567', 'PHONE', '555) 123-4567', '('],
    ['555-123-4567', 'PHONE', '555-123-4567', ''],
    ['+1 555 123 4567', 'PHONE', '1 555 123 4567', '+'],
    ['5551234567', 'PHONE', '5551234567', ''],
    ['555\t123\n4567', 'PHONE', '555\t123\n4567', ''],
    ['Bob.Smith+x@Mail.Example.COM', 'EMAIL', 'Bob.Smith+x@Mail.Example.COM', ''],
    ['123-45-6789', 'SSN', '123-45-6789', ''],
  ])('hashes in %o exactly what it matched', (text, type, matched, before) => {
    expect(redact(text)).toBe(before + token(type, matched));
  });

  it('knows only ASCII spaces, digits and word boundaries, as Go does', () => {
    expect(redact('555\u00a0123\u00a04567')).toBe('555\u00a0123\u00a04567');
    expect(redact('٥٥٥-١٢٣-٤٥٦٧')).toBe('٥٥٥-١٢٣-٤٥٦٧');
    expect(redact('é555-123-4567')).toBe(`é${token('PHONE', '555-123-4567')}`);
    expect(redact('x555-123-4567')).toBe('x555-123-4567');
  });

  it('lets a later expression swallow an earlier token', () => {
    const first = token('PHONE', '5551234567');
    expect(redact('5551234567@example.com')).toBe(token('EMAIL', `${first}@example.com`));
  });

  it('finds the same mail addresses as the expression does', () => {
    const expression = /[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\.[a-zA-Z]{2,}/g;
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab1@@..-_ %é'), maxLength: 60 }), (text) => {
        expect(redact(text)).toBe(text.replace(expression, (matched) => token('EMAIL', matched)));
      }),
      { numRuns: 3000 },
    );
  });

  it('says where in the original each token stands', () => {
    const text = 'call 555-123-4567 or 5551112222@x.org, ssn 123-45-6789';
    const { output, replacements, spans } = redactAsGuide(text, tokenizer);
    let rebuilt = '';
    let from = 0;
    for (const { start, end, token: inserted } of replacements) {
      rebuilt += text.slice(from, start) + inserted;
      from = end;
    }
    expect(rebuilt + text.slice(from)).toBe(output);
    expect(spans.map(({ start, end }) => output.slice(start, end))).toEqual(
      replacements.map((item) => item.token),
    );
  });
});
