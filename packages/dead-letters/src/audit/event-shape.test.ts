import fc from 'fast-check';
import { expect, test } from 'vitest';
import { eventShape } from './event-shape.ts';

test('tells fields, types and sizes', () => {
  const text = '{"id":"abc","n":12345678901234567890,"ok":true,"none":null,"request":{"a":1},"list":[1,2]}';
  expect(eventShape(text)).toEqual([
    { name: 'id', shape: 'string of 3 characters' },
    { name: 'n', shape: 'number' },
    { name: 'ok', shape: 'true or false' },
    { name: 'none', shape: 'null' },
    { name: 'request', shape: 'object of 1 member' },
    { name: 'list', shape: 'list of 2 elements' },
  ]);
});

test.each(['[1]', '"text"', 'null', '7', 'no json', ''])('%s is no object', (text) => {
  expect(eventShape(text)).toBeNull();
});

test('no shape depends on a value, only on its type and size', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 20 }), (value) => {
      const other = 'x'.repeat(value.length);
      expect(eventShape(JSON.stringify({ a: value }))).toEqual(eventShape(JSON.stringify({ a: other })));
    }),
  );
});
