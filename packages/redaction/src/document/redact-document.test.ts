import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRedactor } from '../redactor.ts';
import { parseJson } from './json-tree.ts';
import { redactDocument, redactValue } from './redact-document.ts';

const redactor = createRedactor({ tokens: { key: '0123456789abcdef0123456789abcdef' } });
const phone = redactor.tokenOf('PHONE', '+14155552671');
const social = redactor.tokenOf('SSN', '123-45-6789');

const redact = (source: string): string => redactDocument(redactor, source).json;

describe('a document', () => {
  it('keeps the digits of its numbers, its spacing and its order', () => {
    const source =
      '{ "b" : 12345678901234567890.00e5,\n\t"a":[ 1.0, -0, 1E+2 ], "note":"call 415 555 2671" }';
    expect(redact(source)).toBe(source.replace('415 555 2671', phone));
  });

  it('is searched in strings, names and JSON inside strings', () => {
    const inner = JSON.stringify({ n: '1.0', deep: JSON.stringify(['415-555-2671']) });
    const source = JSON.stringify({ '415-555-2671': 'x', payload: inner });
    const found = JSON.parse(redact(source)) as Record<string, string>;
    expect(Object.keys(found)).toEqual([phone, 'payload']);
    const payload = JSON.parse(found['payload'] as string) as { n: string; deep: string };
    expect(payload).toEqual({ n: '1.0', deep: JSON.stringify([phone]) });
  });

  it('keeps both members when two names are writings of one value', () => {
    const found = redact('{"415-555-2671":1,"(415) 555-2671":2}');
    expect(JSON.parse(found)).toEqual({ [phone]: 1, [`${phone}#2`]: 2 });
  });

  it('loses numbers only in fields that hold telephones, cards or social security numbers', () => {
    const source =
      '{"phone":4155552671,"callbackNumber":4155552671,"ssn":123456789,"startTime":1610679598066,"orderNumber":4155552671,"x":4155552671}';
    expect(redact(source)).toBe(
      `{"phone":"${phone}","callbackNumber":"${phone}","ssn":"${social}","startTime":1610679598066,"orderNumber":4155552671,"x":4155552671}`,
    );
  });

  it("tokenises the names of people in messages and mails, and leaves things' names", () => {
    const name = redactor.tokenOfWhole('NAME', 'Greta Okafor');
    const source =
      '{"from":{"name":"Greta Okafor"},"to":[{"name":"Greta Okafor"}],"replyTo":{"name":"Greta Okafor"},"channel":{"from":{"nickname":"Greta Okafor"}},"flow":{"name":"Main menu"},"metrics":[{"name":"tTalk"}]}';
    expect(redact(source)).toBe(source.replaceAll('Greta Okafor', name));
  });

  it('is told by the names of its fields what a value is', () => {
    expect(redact('{"customerSsn":"123456789"}')).toBe(`{"customerSsn":"${social}"}`);
    const ids = '{"conversationId":"4155552671","caseNumber":"4155552671"}';
    expect(redact(ids)).toBe(ids);
  });

  it.each([
    '',
    '{',
    '[1,]',
    '{"a":}',
    '{"a" 1}',
    '{"a":1,}',
    '[01]',
    '["\u0001"]',
    '[1] 2',
    'nul',
    '"\\x"',
    ']',
    '{1:2}',
  ])('that is not JSON is refused: %o', (source) => {
    expect(() => redact(source)).toThrow(expect.objectContaining({ code: 'DOCUMENT_NOT_JSON' }));
  });

  it('may be nested as deep as it likes', () => {
    const deep = `${'[{"a":'.repeat(50_000)}"415-555-2671"${'}]'.repeat(50_000)}`;
    expect(redact(deep)).toBe(deep.replace('415-555-2671', phone));
  });

  it('keeps its shape', () => {
    const shapeOf = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(shapeOf);
      if (value !== null && typeof value === 'object') return Object.values(value).map(shapeOf);
      return typeof value;
    };
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(shapeOf(redactValue(redactor, value))).toEqual(shapeOf(JSON.parse(JSON.stringify(value))));
      }),
    );
  });

  it('is read as JSON.parse reads it', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'[]{}:,"ab01.e-\\n ') }), (source) => {
        const isJson = (read: () => unknown): boolean => {
          try {
            read();
            return true;
          } catch {
            return false;
          }
        };
        expect(isJson(() => parseJson(source))).toBe(isJson(() => JSON.parse(source)));
      }),
      { numRuns: 3000 },
    );
  });
});

describe('a policy', () => {
  it('drops, keeps and tokenises by path, the first rule that fits', () => {
    const source = '{"a":{"secret":"x","phone":"415-555-2671"},"b":{"secret":"y"},"list":["u","v"]}';
    const { json } = redactDocument(redactor, source, {
      policy: [
        { path: 'a.secret', action: 'drop' },
        { path: '**.secret', action: 'tokenise', type: 'SECRET' },
        { path: 'a.phone', action: 'keep' },
        { path: 'list.*', action: 'drop' },
      ],
    });
    expect(json).toBe(
      `{"a":{"secret":null,"phone":"415-555-2671"},"b":{"secret":"${redactor.tokenOfWhole('SECRET', 'y')}"},"list":[null,null]}`,
    );
  });

  it.each([
    { path: 'a..b', action: 'drop' as const },
    { path: 'a', action: 'burn' as never },
    { path: 'a', action: 'tokenise' as const, type: 'lower' },
  ])('is refused when it means nothing: %o', (rule) => {
    expect(() => redactDocument(redactor, '{}', { policy: [rule] })).toThrow(
      expect.objectContaining({ code: 'POLICY_INVALID' }),
    );
  });

  it('by default tokenises the address and name fields of Genesys conversations', () => {
    const source = JSON.stringify({
      participants: [
        {
          participantName: 'Jane Doe',
          attributes: { callback: '415-555-2671' },
          sessions: [
            {
              ani: 'tel:+14155552671',
              dnis: 'tel:+14155552671',
              addressFrom: 'sip:bob@example.com',
              callbackNumbers: ['4155552671'],
              segments: [{ wrapUpNote: 'ssn 123-45-6789' }],
            },
          ],
        },
      ],
    });
    const name = redactor.tokenOfWhole('NAME', 'Jane Doe');
    const mail = redactor.tokenOf('EMAIL', 'bob@example.com');
    expect(JSON.parse(redact(source))).toEqual({
      participants: [
        {
          participantName: name,
          attributes: { callback: phone },
          sessions: [
            {
              ani: phone,
              dnis: phone,
              addressFrom: mail,
              callbackNumbers: [phone],
              segments: [{ wrapUpNote: `ssn ${social}` }],
            },
          ],
        },
      ],
    });
  });
});

describe('a transcript', () => {
  const phrase = (
    participantPurpose: string,
    text: string,
    words: string[],
    alternatives: unknown[] = [],
  ) => ({
    text,
    participantPurpose,
    words: words.map((word) => ({ word, confidence: 0.5 })),
    alternatives,
  });

  it('loses in its words and alternatives what its text lost', () => {
    const source = JSON.stringify({
      transcripts: [
        {
          phrases: [
            phrase('internal', 'your social?', ['your', 'social']),
            phrase(
              'external',
              'it is 123',
              ['it', 'is', '123'],
              [{ text: 'it is one two three', words: [] }],
            ),
            phrase('internal', 'ok', ['ok']),
            phrase('external', '45-6789', ['45-6789']),
            phrase(
              'external',
              'and 415-555-2671',
              'and four one five triple five two six seven one'.split(' '),
            ),
          ],
        },
      ],
    });
    const found = JSON.parse(redact(source)).transcripts[0].phrases as Array<{
      text: string;
      words: Array<{ word: string }>;
    }>;
    expect(found.map(({ text }) => text)).toEqual([
      'your social?',
      `it is ${social}`,
      'ok',
      social,
      `and ${phone}`,
    ]);
    expect(found[1]?.words.map(({ word }) => word)).toEqual(['it', 'is', social]);
    expect(found[4]?.words.map(({ word }) => word)).toEqual(['and', phone, '', '', '', '', '', '', '', '']);
  });

  it('of plain lines is read speaker by speaker', () => {
    const lines = ['Agent: number please', 'Customer: 415 555', 'Agent: yes', 'Customer: 2671'];
    expect(JSON.parse(redact(JSON.stringify([{ conversationId: 'c1', transcripts: lines }])))).toEqual([
      {
        conversationId: 'c1',
        transcripts: ['Agent: number please', `Customer: ${phone}`, 'Agent: yes', `Customer: ${phone}`],
      },
    ]);
  });
});
