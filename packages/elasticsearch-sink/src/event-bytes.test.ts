import { canonicalJson } from '@trunkline/json-source';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scanBytes } from './event-bytes.ts';
import { scanText } from './event-text.ts';

/** What both scans tell of a text, where the one of bytes tells anything. */
function agrees(text: string): boolean {
  const plain = scanBytes(Buffer.from(text));
  if (plain === null) return false;
  const scanned = scanText(text);
  expect(scanned?.oddities).toEqual(new Set());
  expect(plain.canonical.toString('utf8')).toBe(scanned?.canonical);
  expect(plain.names).toEqual(scanned?.top?.names);
  for (const [place] of plain.names.entries()) {
    expect(canonicalJson(plain.value(place))).toBe(scanned?.top?.values[place]);
    expect(plain.firstByte(place)).toBe(scanned?.top?.values[place]?.charCodeAt(0));
  }
  return true;
}

const plainName = fc
  .stringMatching(/^[a-zA-Z][a-zA-Z0-9_. -]{0,8}$/)
  .filter((name) => name !== 'constructor');
const plainText = fc.string({ unit: 'binary' });
const plainValue = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    plainText,
    fc.maxSafeInteger(),
    fc.double({ noDefaultInfinity: true, noNaN: true }),
    fc.constantFrom(true, false, null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(plainName, tie('value'), { maxKeys: 6 }),
  ),
})).value;

describe('what scanBytes takes', () => {
  test('is every event that has nothing odd, and it finds in it what scanText finds', () => {
    fc.assert(
      fc.property(fc.dictionary(plainName, plainValue), fc.integer({ min: 0, max: 3 }), (event, indent) => {
        expect(agrees(JSON.stringify(event, null, indent))).toBe(true);
      }),
    );
  });

  test('is never what scanText finds odd, or no JSON, whatever is changed in it', () => {
    const change = fc.constantFrom(...' \t\n\r\0\u000b\u00a0"\\/bnu{}[]:,.-+eE019truefalsnlé', '');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json({ maxDepth: 3 }),
          fc.dictionary(plainName, plainValue).map((event) => JSON.stringify(event)),
        ),
        fc.array(fc.tuple(fc.nat(), change, fc.boolean()), { maxLength: 3 }),
        (json, changes) => {
          let text = json;
          for (const [where, by, replaces] of changes) {
            const at = where % (text.length + 1);
            text = text.slice(0, at) + by + text.slice(replaces ? at + 1 : at);
          }
          fc.pre(text.isWellFormed());
          agrees(text);
        },
      ),
      { numRuns: 5_000 },
    );
  });

  test('writes escapes as scanText does', () => {
    const escaped = String.raw`{"b":"\u0041\u00e9\/\\\"\ud83d\ude00\ud83d","a":["\n\u000a\u001f","C:\\x"]}`;
    expect(agrees(escaped)).toBe(true);
  });

  test('keeps every digit of a number', () => {
    const scanned = scanBytes(Buffer.from('{"b":12345678901234567890,"a":-0,"c":[1.50,1E+400]}'));
    expect(scanned?.canonical.toString()).toBe('{"a":-0,"b":12345678901234567890,"c":[1.50,1E+400]}');
  });
});

test.each([
  ...[
    '[]',
    '1',
    '{"a":1.}',
    '{"a":1e}',
    '{"a":01}',
    '{"a":"\\x"}',
    '{"a":"\\',
    '{"\\n":1}',
    '{"é":1}',
    '{"a":1,"a":2}',
    '{"b":1,"a":2,"b":3}',
  ],
  ...[
    '{"":1}',
    '{"_x":1}',
    '{" ":1}',
    '{".":1}',
    '{"__proto__":1}',
    '{"constructor":1}',
    `{"a":${'1'.repeat(1_001)}}`,
  ],
  ...[
    `${'{"a":'.repeat(21)}1${'}'.repeat(21)}`,
    `{"a":${'['.repeat(20)}${']'.repeat(20)}}`,
    '{"a":1}x',
    '{"a":1,}',
    '{"a" 1}',
  ],
  `{${Array.from({ length: 1_001 }, (_, name) => `"a${name}":1`).join()}}`,
])('is not %s', (text) => {
  expect(scanBytes(Buffer.from(text))).toBeNull();
});

test('one scan leaves nothing to the next, however large they are', () => {
  const large = `{"b":"${'x'.repeat(100_000)}","a":{"d":1,"c":"${'é'.repeat(50_000)}"}}`;
  for (const text of ['{"z":1,"y":{"b":[2,1],"a":3}}', large, '{"a":1}', large, '{"z":1}'])
    expect(agrees(text)).toBe(true);
});
