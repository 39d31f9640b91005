import { expect, test } from 'vitest';
import { decodeBatch, encodeBatch } from './audit-batch.ts';

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
