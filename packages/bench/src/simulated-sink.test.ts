import { expect, test } from 'vitest';
import { answerOf } from './simulated-sink.ts';

test('each document of a bulk request is answered as created, in order, under its own id', () => {
  const body =
    '{"create":{"_index":"i","_id":"a\\"b"}}\n{"x":1}\n{"create":{"_index":"i","_id":"c"}}\n{"y":2}\n';
  expect(JSON.parse(answerOf(body))).toEqual({
    items: [{ create: { _id: 'a"b', status: 201 } }, { create: { _id: 'c', status: 201 } }],
  });
});
