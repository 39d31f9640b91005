import { canonicalJson } from '@trunkline/json-source';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maxDepth, maxNames, type Oddity, scanText } from './event-text.ts';

function nested(depth: number): string {
  return `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
}

describe('the canonical form', () => {
  test('is that of canonicalJson for any JSON value, however it is laid out', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), fc.integer({ min: 0, max: 3 }), (text, indent) => {
        const laidOut = JSON.stringify(JSON.parse(text), null, indent);
        expect(scanText(laidOut).canonical).toBe(canonicalJson(laidOut));
        expect(scanText(text).canonical).toBe(canonicalJson(text));
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
    expect(scanText(text).canonical).toBe(canonicalJson(text));
  });

  test('differs where a digit beyond 2^53 differs', () => {
    expect(scanText('{"n":9007199254740993}').canonical).not.toBe(
      scanText('{"n":9007199254740992}').canonical,
    );
  });

  test('of a text nested beyond all measure is the text itself', () => {
    const text = nested(100_000);
    expect(scanText(text).canonical).toBe(text);
  });
});

describe('what a mapping could choke on', () => {
  const oddities = (text: string): Oddity[] => [...scanText(text).oddities];

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
