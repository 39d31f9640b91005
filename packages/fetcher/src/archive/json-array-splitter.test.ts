import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonArraySplitter, maxDepth, NotJsonArray } from './json-array-splitter.ts';

/** The items of a text that comes in pieces cut at the given offsets. */
function split(text: string | Buffer, cuts: readonly number[] = []): string[] {
  const bytes = Buffer.from(text);
  const splitter = new JsonArraySplitter();
  const items: string[] = [];
  let item: Buffer[] = [];
  const borders = [...new Set([0, ...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length])];
  borders.sort((a, b) => a - b);
  for (let index = 1; index < borders.length; index++) {
    for (const piece of splitter.push(Buffer.from(bytes.subarray(borders[index - 1], borders[index])))) {
      item.push(piece.bytes);
      if (!piece.ends) continue;
      items.push(Buffer.concat(item).toString('utf8'));
      item = [];
    }
  }
  splitter.end();
  expect(item).toEqual([]);
  return items;
}

function everyByte(text: string): number[] {
  return Array.from({ length: Buffer.byteLength(text) }, (_, at) => at);
}

function offsetOf(text: string, cuts: readonly number[] = []): number {
  try {
    split(text, cuts);
  } catch (error) {
    if (error instanceof NotJsonArray) return error.offset;
    throw error;
  }
  throw new Error('It was taken for an array.');
}

describe('JsonArraySplitter', () => {
  const texts: [string, string, string[]][] = [
    ['no item', '[]', []],
    ['no item, and white space', ' \r\n[\t\n] \n', []],
    ['a byte order mark', '\ufeff [{"a":1}]', ['{"a":1}']],
    [
      'numbers as they are written',
      '[{"n":9007199254740993,"d":1.10,"e":1E400}]',
      ['{"n":9007199254740993,"d":1.10,"e":1E400}'],
    ],
    [
      'brackets, commas and quotes in strings',
      String.raw`[{"a":"]},[{\"\\"},{"b":"\\\\\""}]`,
      [String.raw`{"a":"]},[{\"\\"}`, String.raw`{"b":"\\\\\""}`],
    ],
    ['white space between items', '[ {} ,\n\n{"a" : [1 , 2]}\t]', ['{}', '{"a" : [1 , 2]}']],
    ['line breaks between tokens', '[{\r\n"a":\n1}]', ['{  "a": 1}']],
    ['characters of every length', '[{"é":"漢字😀\u2028"}]', ['{"é":"漢字😀\u2028"}']],
    [
      'items that are no objects',
      '[1, "a,]" ,null,[2,[3]],-1.5e3]',
      ['1', '"a,]"', 'null', '[2,[3]]', '-1.5e3'],
    ],
  ];

  it.each(texts)('finds items: %s', (_name, text, items) => {
    expect(split(text)).toEqual(items);
    expect(split(text, everyByte(text))).toEqual(items);
  });

  const broken: [string, string, number][] = [
    ['nothing', '', 0],
    ['white space alone', ' \n', 2],
    ['an object', '{"a":1}', 0],
    ['a page of HTML', ' <html>', 1],
    ['an array that does not end', '[{"a":1},{"b":2}', 16],
    ['a string that does not end', '[{"a":"]}', 9],
    ['an item that does not end', '[{"a":[1]', 9],
    ['no item before a comma', '[,1]', 1],
    ['no item between commas', '[1, ,2]', 4],
    ['a comma behind the last item', '[1,2,]', 5],
    ['no comma between items', '[{"a":1} {"b":2}]', 9],
    ['something behind the array', '[{}] x', 5],
    ['a second array', '[{}][]', 4],
    ['a bracket that closes another kind', '[{"a":[1}]', 8],
    ['a brace between items', '[}]', 1],
    ['a line break inside of a string', '[{"a":"b\nc"}]', 8],
    ['a control character between tokens', '[{"a":\u00011}]', 6],
    ['an escape that there is not', String.raw`[{"a":"\x41"}]`, 8],
    ['a code point of three digits', String.raw`[{"a":"\u00e"}]`, 12],
    ['no comma inside of an item', '[{"a":1 "b":2}]', 8],
    ['no colon', '[{"a" 1}]', 6],
    ['a key without quotation marks', '[{a:1}]', 2],
    ['a number that begins with 0', '[{"a":012}]', 7],
    ['an item that is no value', '[nil]', 2],
    ['a number without a digit', '[-]', 2],
    ['half a byte order mark', '\ufeff'.slice(1), 0],
    ['a byte order mark behind white space', ' \ufeff[]', 1],
  ];

  it.each(broken)('names the byte: %s', (_name, text, offset) => {
    expect(offsetOf(text)).toBe(offset);
    expect(offsetOf(text, everyByte(text))).toBe(offset);
  });

  it('takes no byte of a mark alone', () => {
    expect(() => split(Buffer.from([0xef, 0xbb, 0x5b, 0x5d]))).toThrow(NotJsonArray);
  });

  it('takes brackets as deep as any document has them, and no deeper', () => {
    const nested = (depth: number): string => `[${'['.repeat(depth)}${']'.repeat(depth)}]`;
    expect(split(nested(maxDepth))).toHaveLength(1);
    expect(offsetOf(nested(maxDepth + 1))).toBe(maxDepth + 1);
  });

  it('holds nothing of an item that is larger than any piece', () => {
    const splitter = new JsonArraySplitter();
    expect(splitter.push(Buffer.from('[{"a":"'))).toEqual([{ bytes: Buffer.from('{"a":"'), ends: false }]);
    const piece = Buffer.alloc(1 << 20, 'x');
    for (let count = 0; count < 30; count++) {
      const [found] = splitter.push(piece);
      expect(found?.bytes.buffer).toBe(piece.buffer);
      expect(found?.bytes.length).toBe(piece.length);
    }
    expect(splitter.push(Buffer.from('"}]'))).toEqual([{ bytes: Buffer.from('"}'), ends: true }]);
    splitter.end();
  });

  it('agrees with JSON.parse, wherever a text is cut', () => {
    const items = fc.array(fc.jsonValue({ stringUnit: 'binary' }), { maxLength: 6 });
    fc.assert(
      fc.property(items, fc.nat(3), fc.array(fc.nat(400)), (value, indent, cuts) => {
        const texts = split(JSON.stringify(value, null, indent), cuts);
        expect(texts.map((text) => JSON.parse(text))).toEqual(JSON.parse(JSON.stringify(value)));
        for (const text of texts) expect(text).not.toMatch(/[\r\n]|^\s|\s$/);
      }),
    );
  });

  /** How many items JSON.parse finds; `null`: it takes the text for no array. */
  function parsedItems(text: string): number | null {
    try {
      const parsed: unknown = JSON.parse(text);
      return Array.isArray(parsed) ? parsed.length : null;
    } catch {
      return null;
    }
  }

  function splitItems(text: string, cuts: readonly number[]): number | null {
    try {
      return split(text, cuts).length;
    } catch (error) {
      if (error instanceof NotJsonArray) return null;
      throw error;
    }
  }

  it('takes what JSON.parse takes for an array, and nothing else', () => {
    const token = fc.constantFrom(
      ...['[', ']', '{', '}', '{}', '[]', ',', ':', '"', '"a"', '"a":', '\\', '\\u', '00e9', ' ', '\n'],
      ...[
        'true',
        'false',
        'nul',
        'l',
        'e',
        'E',
        '+',
        '-',
        '.',
        '0',
        '1',
        '12',
        '0.5',
        '-1e-7',
        '\u0001',
        'é',
      ],
    );
    fc.assert(
      fc.property(fc.array(token, { maxLength: 8 }), fc.array(fc.nat(20)), (tokens, cuts) => {
        const text = `[${tokens.join('')}]`;
        expect(splitItems(text, cuts)).toBe(parsedItems(text));
      }),
      { numRuns: 20_000 },
    );
  });

  it('finds every byte that is another one, as far as JSON.parse does', () => {
    const sound = String.raw`[{"id":"c\-é"1","n":[-0.25,1e+9,10],"b":{"t":true,"f":false,"n":null}}, "x", 7 ,[]]`;
    for (let at = 0; at < sound.length; at++) {
      for (let byte = 0; byte < 0x80; byte++) {
        const text = `${sound.slice(0, at)}${String.fromCharCode(byte)}${sound.slice(at + 1)}`;
        expect([at, byte, splitItems(text, [at, at + 1])]).toEqual([at, byte, parsedItems(text)]);
      }
      // What the simulator calls broken JSON.
      expect(splitItems(`${sound.slice(0, at)}\u0001${sound.slice(at + 1)}`, [])).toBe(null);
    }
  });
});
