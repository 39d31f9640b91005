import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scanArray, scanMembers, scanObject } from './object-scan.ts';

function judgedByParse(text: string): 'object' | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? 'object' : null;
  } catch {
    return null;
  }
}

/** Texts that are almost JSON: pieces that JSON is made of, and some that it is not. */
const almostJson = fc
  .array(
    fc.constantFrom(
      ...['{', '}', '[', ']', ',', ':', '"a"', '""', '"\\u00e9\\n"', '"\\u00g0"', '"\\x"', '"\t"', '"é"'],
      ...[
        '0',
        '-',
        '-0',
        '01',
        '1.5',
        '1.',
        '.5',
        '1e5',
        '1E+',
        'true',
        'nul',
        'null',
        'false',
        ' ',
        '\n',
        '\u00a0',
      ],
    ),
    { maxLength: 12 },
  )
  .map((pieces) => `{"list":[${pieces.join('')}`);

describe('scanObject', () => {
  it('takes what JSON.parse takes, and finds the same in it', () => {
    const object = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ stringUnit: 'binary' }));
    fc.assert(
      fc.property(object, fc.array(fc.jsonValue()), fc.nat(3), (more, list, indent) => {
        const text = JSON.stringify({ ...more, list }, null, indent);
        const bytes = Buffer.from(text);
        const scanned = scanObject(bytes, 'list');
        const textAt = ({ from, to }: { from: number; to: number }): string =>
          bytes.toString('utf8', from, to);
        const members = [...(scanned?.members ?? [])].map(([name, range]) => [
          name,
          JSON.parse(textAt(range)),
        ]);
        expect(Object.fromEntries(members)).toEqual(JSON.parse(text));
        expect(scanned?.elements?.map((range) => JSON.parse(textAt(range)))).toEqual(JSON.parse(text).list);
      }),
    );
  });

  it('refuses what JSON.parse refuses', () => {
    fc.assert(
      fc.property(almostJson, fc.constantFrom('', ']}', ']} ', '],"z":1}'), (start, end) => {
        const text = start + end;
        expect(scanObject(Buffer.from(text), 'list') === null ? null : 'object').toBe(judgedByParse(text));
      }),
      { numRuns: 5_000 },
    );
  });

  it.each([
    ...[
      '',
      ' ',
      '{',
      '}',
      '[]',
      '"a"',
      '1',
      '{"a"}',
      '{"a":}',
      '{"a":1,}',
      '{,}',
      '{"a":1}}',
      '{"a":1}x',
      '{"a":1 "b":2}',
    ],
    ...[
      '{"a":[1,]}',
      '{"a":[,1]}',
      '{"a":[1}',
      '{"a":{"b":1]}',
      '{"a":tru}',
      '{"a":+1}',
      '{"a":"\\u12"}',
      '{"a":"\\',
    ],
    ...[
      '{"a":"b',
      '{a:1}',
      "{'a':1}",
      '{"a":NaN}',
      '{"a":[[[}]]]}',
      '{"a":\u00001}',
      '{"a":1e}',
      '{"a":1.e1}',
      '{"a":--1}',
    ],
  ])('refuses %j', (text) => {
    expect(judgedByParse(text)).toBeNull();
    expect(scanObject(Buffer.from(text), 'a')).toBeNull();
  });

  it('keeps where the last of two members of one name stands, whatever it is', () => {
    const bytes = Buffer.from('{"a":[1],"\\u0061":2}');
    const scanned = scanObject(bytes, 'a');
    expect(scanned?.elements).toBeNull();
    expect(scanned?.members.get('a')).toEqual({ from: 18, to: 19 });
  });

  it('takes a text nested more deeply than any stack', () => {
    const deep = `{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
    expect(scanObject(Buffer.from(deep), 'b')?.members.get('a')).toEqual({ from: 5, to: 400_005 });
  });
});

describe('scanMembers', () => {
  it('finds every member in the order of the text, also one whose name stands twice', () => {
    const bytes = Buffer.from(' {"b" : 1.0 ,"\\u0061":[2,{"c":3}],"b":"é"}\n');
    const found = scanMembers(bytes)?.map(({ name, nameFrom, nameTo, from, to }) => [
      name,
      bytes.toString('utf8', nameFrom, nameTo),
      bytes.toString('utf8', from, to),
    ]);
    expect(found).toEqual([
      ['b', '"b"', '1.0'],
      ['a', '"\\u0061"', '[2,{"c":3}]'],
      ['b', '"b"', '"é"'],
    ]);
  });

  it.each(['[]', '1', '', '{"a":1}x', '{"a":1,}', '{"a":}', '{"a":01}', '{a:1}'])('refuses %j', (text) => {
    expect(scanMembers(Buffer.from(text))).toBeNull();
  });
});

describe('scanArray', () => {
  it('finds each element, and takes nothing else', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), fc.nat(3), (value, indent) => {
        const bytes = Buffer.from(` ${JSON.stringify(value, null, indent)}\n`);
        const elements = scanArray(bytes)?.map(({ from, to }) =>
          JSON.parse(bytes.toString('utf8', from, to)),
        );
        expect(elements ?? null).toEqual(Array.isArray(value) ? JSON.parse(bytes.toString()) : null);
      }),
    );
  });

  it.each(['', '[', '[1,]', '[1] 2', '[[]', '{"a":[1]}', '[01]'])('refuses %j', (text) => {
    expect(scanArray(Buffer.from(text))).toBeNull();
  });
});
