import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from './canonical.ts';

describe('canonicalJson', () => {
  it('gives two orders of members one form', () => {
    expect(canonicalJson('{ "b": [1, {"d":2,"c":3}], "a" : "x" }')).toBe('{"a":"x","b":[1,{"c":3,"d":2}]}');
    expect(canonicalJson('{"a":"x","b":[1,{"c":3,"d":2}]}')).toBe('{"a":"x","b":[1,{"c":3,"d":2}]}');
  });

  it.each(['9007199254740993', '1.0', '1e400', '-0', '0.1000', '123456789012345678901234567890'])(
    'keeps the digits of %s',
    (number) => {
      expect(canonicalJson(`{"n":${number}}`)).toBe(`{"n":${number}}`);
    },
  );

  it('tells values apart that are one double', () => {
    expect(canonicalJson('[9007199254740992]')).not.toBe(canonicalJson('[9007199254740993]'));
  });

  it('does not care how a string was escaped', () => {
    expect(canonicalJson('"\\u0041\\/"')).toBe('"A/"');
  });

  it('keeps a member named __proto__', () => {
    expect(canonicalJson('{"__proto__":{"x":1.5},"a":1}')).toBe('{"__proto__":{"x":1.5},"a":1}');
    expect(canonicalJson('{"__proto__":{"x":1},"a":1}')).toBe('{"__proto__":{"x":1},"a":1}');
  });

  it('takes nesting beyond the stack as its own form', () => {
    const deep = `${'['.repeat(200_000)}1.5${']'.repeat(200_000)}`;
    expect(canonicalJson(deep)).toBe(deep);
  });

  it('means the same value as its input, and is its own canonical form', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        const text = JSON.stringify(value, null, 1);
        const canonical = canonicalJson(text);
        expect(JSON.parse(canonical)).toEqual(JSON.parse(text));
        expect(canonicalJson(canonical)).toBe(canonical);
      }),
    );
  });
});
