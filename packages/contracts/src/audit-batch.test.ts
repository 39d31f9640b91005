import { describe, expect, test } from 'vitest';
import { batchLines, decodeBatch, encodeBatch, lastLine, linesOfElements } from './audit-batch.ts';

function textsOf(payload: Buffer): string[] {
  return decodeBatch(payload).map((event) => event.toString('utf8'));
}

test.each([
  [['{}']],
  [['{"a":"plain"}', '{"a":"é ÿ"}', '{"a":"漢字"}', '{"a":"😀\u0000\u2028"}', '{"a":9007199254740993.10}']],
  [['', '{"a":1}', '']],
  [['"\\ud83d"', '1']],
])('every event comes back as the text it was, whatever alphabet its neighbours use: %j', (texts) => {
  expect(textsOf(encodeBatch(texts))).toEqual(texts);
  expect(encodeBatch(texts.map((text) => Buffer.from(text)))).toEqual(encodeBatch(texts));
});

test('the payload is the events in UTF-8, a line each', () => {
  expect(encodeBatch(['{"a":"é"}', '{"b":"漢字"}', '{}']).toString('utf8')).toBe(
    '{"a":"é"}\n{"b":"漢字"}\n{}',
  );
});

test('line breaks between the tokens of an event become spaces, others stay escaped', () => {
  expect(textsOf(encodeBatch(['{\r\n "a": 1,\n\n"b":"x\\ny" }', '{\r}']))).toEqual([
    '{  "a": 1, "b":"x\\ny" }',
    '{ }',
  ]);
});

describe('the lines of elements of a text', () => {
  function linesOf(text: string): { lines: string; textThen: string } {
    const bytes = Buffer.from(text);
    const elements = [...text.matchAll(/\{[^}]*\}/g)].map(({ index, 0: element }) => ({
      from: index,
      to: index + element.length,
    }));
    const lines = linesOfElements(bytes, elements).toString('utf8');
    return { lines, textThen: bytes.toString('utf8') };
  }

  test('are its own bytes where only a comma stands between two of them', () => {
    expect(linesOf('[{"a":1},{"b":"x,y"},{}],"nextCursor":null}')).toEqual({
      lines: '{"a":1}\n{"b":"x,y"}\n{}\n',
      textThen: '[{"a":1}\n{"b":"x,y"}\n{}\n,"nextCursor":null}',
    });
  });

  test.each([
    ['[{"a":1}, {"b":2}]', '{"a":1}\n{"b":2}\n'],
    ['[{"a":1},{"b":\n2}]', '{"a":1}\n{"b": 2}\n'],
    ['[{"a":1},{"b":2\r}]', '{"a":1}\n{"b":2 }\n'],
    ['[{"a":1}\n]', '{"a":1}\n'],
    ['[]', ''],
  ])('are copied where more stands there, and the text stays as it is: %j', (given, lines) => {
    expect(linesOf(given)).toEqual({ lines, textThen: given });
  });
});

test.each([
  [['{"a":1}', '{"b":2}'], '{"b":2}'],
  [['{"a":1}'], '{"a":1}'],
  [[], ''],
])('the last line of %j', (events, expected) => {
  expect(lastLine(batchLines(events)).toString('utf8')).toBe(expected);
});
