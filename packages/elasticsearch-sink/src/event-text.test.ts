import { canonicalJson } from '@trunkline/json-source';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maxDepth, maxNames, type Oddity, scanText } from './event-text.ts';

function nested(depth: number): string {
  return `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
}

function canonical(text: string): string | undefined {
  return scanText(text)?.canonical;
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('the canonical form', () => {
  test('is that of canonicalJson for any JSON value, however it is laid out', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), fc.integer({ min: 0, max: 3 }), (text, indent) => {
        const laidOut = JSON.stringify(JSON.parse(text), null, indent);
        expect(canonical(laidOut)).toBe(canonicalJson(laidOut));
        expect(canonical(text)).toBe(canonicalJson(text));
      }),
    );
  });

  test.each([
    '{"b":1,"a":[ 1 , 2.50 , -0, 1e+400 ,12345678901234567890]}',
    ' { "a" : { } , "b" : [ ] , "c" : null , "d" : true } ',
    String.raw`{"q\"":"\\","\u0041":"\u00e9\/","a":"\\\""}`,
    '{"b":{"z":1,"y":2},"b":{"x":1}}',
    '{"a":1,"a":2,"a":3}',
    '{"__proto__":{"a":1},"a":2}',
    '[[],[[]],{"":""}]',
    '"text"',
    '-12.5E-7',
    '{"é":1,"z":2,"\u{1f600}":3,"\uffff":4}',
  ])('is that of canonicalJson for %s', (text) => {
    expect(canonical(text)).toBe(canonicalJson(text));
  });

  test('differs where a digit beyond 2^53 differs', () => {
    expect(canonical('{"n":9007199254740993}')).not.toBe(canonical('{"n":9007199254740992}'));
  });

  test('of a text nested beyond all measure is the text itself', () => {
    const text = nested(100_000);
    expect(canonical(text)).toBe(text);
  });
});

describe('a text is JSON', () => {
  test('when JSON.parse takes it, and not else, whatever is changed in it', () => {
    const change = fc.constantFrom(...' \t\n\r\0\u000b\u00a0"\\\\/bfnrtu{}[]:,.-+eE0123456789truefalsnl', '');
    fc.assert(
      fc.property(
        fc.json({ maxDepth: 3 }),
        fc.array(fc.tuple(fc.nat(), change, fc.boolean()), { maxLength: 3 }),
        (json, changes) => {
          let text = json;
          for (const [where, by, replaces] of changes) {
            const at = where % (text.length + 1);
            text = text.slice(0, at) + by + text.slice(replaces ? at + 1 : at);
          }
          // A raw control character inside a string is not looked for.
          fc.pre(!/"[^"]*[\0\t\n\v\r]/.test(text));
          expect([text, scanText(text) !== null]).toEqual([text, parses(text)]);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test.each([
    ...[
      '',
      ' ',
      '{',
      '}',
      '[',
      '"',
      '"a',
      '{"a"}',
      '{"a":}',
      '{"a":1,}',
      '{,}',
      '[1,]',
      '[,1]',
      '[1 2]',
      '{"a":1 "b":2}',
    ],
    ...[
      '01',
      '-',
      '1.',
      '.5',
      '+1',
      '1e',
      '0x1',
      'NaN',
      'nul',
      'True',
      '"\\x"',
      '"\\u12"',
      '\u00a01',
      '{a:1}',
      "'a'",
    ],
    ...['{"a":1}}', '{"a":1} x', '1 2', '[]]', '"\\"', '{"a" 1}', `${'['.repeat(2_000)}`],
    ...[
      '0',
      '-0',
      '-0.0e-0',
      '1E+5',
      'true',
      'null',
      '" "',
      '[ ]',
      '{ }',
      ' [\n1\t]\r',
      '"\\u0000"',
      `${'['.repeat(2_000)}${']'.repeat(2_000)}`,
    ],
  ])('as JSON.parse finds: %.40s', (text) => {
    expect(scanText(text) !== null).toBe(parses(text));
  });
});

test('the values at the top of an object are told in their canonical form, the last of a name', () => {
  const top = scanText('{ "b" : {"y":1, "x":[ ]} , "a" : "\\u0041", "c": 1.50, "a": null }')?.top;
  expect(top?.names).toEqual(['b', 'a', 'c', 'a']);
  expect(top?.values).toEqual(['{"x":[],"y":1}', '"A"', '1.50', 'null']);
  expect(top?.get('a')).toBe('null');
  expect(scanText('[{"a":1}]')?.top).toBeNull();
  expect(scanText('{}')?.top?.names).toEqual([]);
  expect(scanText('{"a":{"id":1}}')?.top?.get('id')).toBeUndefined();
  expect(scanText(`{"id":"x","deep":${'['.repeat(2_000)}${']'.repeat(2_000)}}`)?.top?.get('id')).toBe('"x"');
});

describe('what a mapping could choke on', () => {
  const oddities = (text: string): Oddity[] => [...(scanText(text)?.oddities ?? ['no JSON' as Oddity])];

  test('is nothing in an ordinary event', () => {
    expect(oddities('{"id":"1","request":{"a_b":[1,{"c-d":null}],"_e":2,"f.g":"__proto__"}}')).toEqual([]);
  });

  test.each<[string, Oddity]>([
    [nested(maxDepth + 1), 'deep'],
    [nested(5_000), 'deep'],
    [`{${Array.from({ length: maxNames + 1 }, (_, n) => `"k${n}":${n}`).join(',')}}`, 'many-names'],
    ['{"a":{"":1}}', 'bad-name'],
    ['{"a":[{" \\t":1}]}', 'bad-name'],
    ['{"a":{"..":1}}', 'bad-name'],
    ['{"\u00a0":1}', 'bad-name'],
    ['{"a":{"x\\u0000y":1}}', 'bad-name'],
    ['{"a":{"__proto__":1}}', 'bad-name'],
    ['{"a":{"constructor":{"prototype":1}}}', 'bad-name'],
    [`{"${'n'.repeat(513)}":1}`, 'bad-name'],
    ['{"a":{"x":1,"x":1}}', 'duplicate-name'],
    ['{"a":1,"\\u0061":2}', 'duplicate-name'],
    ['{"z":1,"b":2,"z":3}', 'duplicate-name'],
    [`{"a":${'9'.repeat(1_001)}}`, 'long-number'],
  ])('is found in %.40s', (text, oddity) => {
    expect(oddities(text)).toEqual([oddity]);
  });

  test('is not seen in what stands at the limit', () => {
    expect(oddities(nested(maxDepth))).toEqual([]);
    expect(oddities(`{"a":${'9'.repeat(1_000)}}`)).toEqual([]);
  });
});
