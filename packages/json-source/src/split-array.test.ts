import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memberTexts, splitArray } from './split-array.ts';

describe('splitArray', () => {
  it('cuts elements out without touching them', () => {
    const text = '{"events": [ {"n": 1.0, "s":"a]},\\""} , [1,[2]],"x,y" ,12345678901234567890 ], "z":1}';
    const { elements, end } = splitArray(text, text.indexOf('['));
    expect(elements).toEqual(['{"n": 1.0, "s":"a]},\\""}', '[1,[2]]', '"x,y"', '12345678901234567890']);
    expect(text.slice(end)).toBe(', "z":1}');
  });

  it('finds nothing in an empty array', () => {
    expect(splitArray('[ \n ]', 0)).toEqual({ elements: [], end: 5 });
  });

  it.each(['[1', '["a', '["a\\"]', '[[1]', '{}'])('refuses %s', (text) => {
    expect(() => splitArray(text, 0)).toThrow(SyntaxError);
  });

  it('agrees with JSON.parse on every array', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.nat(3), (values, indent) => {
        const text = JSON.stringify(values, null, indent);
        const { elements, end } = splitArray(text, 0);
        expect(elements.map((element) => JSON.parse(element))).toEqual(JSON.parse(text));
        expect(end).toBe(text.length);
      }),
    );
  });
});

describe('memberTexts', () => {
  it('agrees with JSON.parse on every object', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(3), (object, indent) => {
        const text = JSON.stringify(object, null, indent);
        const members = [...memberTexts(text)].map(([name, value]) => [name, JSON.parse(value)]);
        expect(members).toEqual(Object.entries(JSON.parse(text)));
      }),
    );
  });

  it('keeps the text of a number', () => {
    expect(memberTexts('{"a" : 1.50 ,"b":{"c":[1,2]}}').get('a')).toBe('1.50');
    expect(memberTexts('{"a" : 1.50 ,"b":{"c":[1,2]}}').get('b')).toBe('{"c":[1,2]}');
  });
});
