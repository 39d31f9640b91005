import { describe, expect, test } from 'vitest';
import { hasShapes, isSameEvent } from './same-event.ts';

const realtime =
  '{"id":"1","date":"2026-11-22T10:00:00.120Z","userId":"u","userName":"Ada","action":"Update","ipAddress":["::1"],"genesys":{"user":{"selfUri":"/u"},"client":{"id":""},"entity":{"name":"Q"},"status":"SUCCESS","n":9007199254740993,"propertyChanges":[{"property":"p","oldValues":[],"newValues":["1"]}]}}';
const downloaded =
  '{"id":"1","date":"2026-11-22T11:00:00.12+01:00","userId":"u","action":"Update","ipAddress":["::1"],"genesys":{"client":null,"entity":{"name":"","selfUri":"/q"},"n":9007199254740993,"initiatingAction":{},"propertyChanges":[{"newValues":["1"],"property":"\\u0070","oldValues":[ ]}]}}';
const pushed =
  '{"id":"1","date":"2026-11-22T10:00:00Z","userId":"u","userName":"A. Lovelace","action":"Update","ipAddress":"::1","genesys":{"user":{"id":"u","name":"ada"},"client":{"id":"c"},"entity":{"name":"Q"},"propertyChanges":[{"property":"p","oldValues":[],"newValues":["1"]}],"eventBridge":{"id":"aws-1"}}}';

describe('one event in two shapes', () => {
  test.each([
    ['query and download', realtime, downloaded],
    ['query and EventBridge', realtime, pushed],
    ['download and EventBridge', downloaded, pushed],
    ['two deliveries of EventBridge', pushed, pushed.replace('aws-1', 'aws-2')],
    ['with another name of its user', realtime, realtime.replace('Ada', 'Ada King')],
    [
      'without a time, or much else, in one',
      pushed,
      '{"id":"1","genesys":{"propertyChanges":[{"property":"p","oldValues":null,"newValues":["1"],"x":""}]}}',
    ],
    ['with values that are none in a list', '{"genesys":{"a":[null,"1"]}}', '{"genesys":{"a":["","1"]}}'],
    ['with a time that cannot be read', '{"date":"x","genesys":{}}', '{"date":"\\u0078","genesys":{}}'],
  ])('is the same: %s', (_, one, other) => {
    expect(isSameEvent(one, other)).toBe(true);
    expect(isSameEvent(other, one)).toBe(true);
  });

  test.each([
    ['another user', realtime, downloaded.replace('"userId":"u"', '"userId":"v"')],
    ['another address', realtime, pushed.replace('::1', '::2')],
    ['one address more', realtime, downloaded.replace('["::1"]', '["::1","::2"]')],
    ['another time', realtime, downloaded.replace('.12+', '.13+')],
    ['another second', downloaded, pushed.replace('10:00:00Z', '10:00:01Z')],
    ['times that cannot be read', '{"date":"x","genesys":{}}', '{"date":"y","genesys":{}}'],
    ['another digit', realtime, downloaded.replace('9007199254740993', '9007199254740992')],
    ['another status', realtime, realtime.replace('SUCCESS', 'FAILURE')],
    ['an old value that was none', realtime, downloaded.replace('[ ]', '["0"]')],
    ['a change more', realtime, realtime.replace('"oldValues":[]', '"oldValues":[],"more":1')],
    ['a context that the other has not', realtime, realtime.replace('"n":', '"context":{"a":"b"},"n":')],
    ['a value in a list that was none', '{"genesys":{"a":[null,"1"]}}', '{"genesys":{"a":["0","1"]}}'],
    ['another name of the thing', realtime, pushed.replace('"Q"', '"R"')],
    ['a text where a number was', '{"genesys":{"a":"1"}}', '{"genesys":{"a":1}}'],
    ['an object where a text was', '{"genesys":{"a":"1"}}', '{"genesys":{"a":{"b":1}}}'],
    [
      'a difference deep inside',
      '{"genesys":{"a":[{"b":[{"c":1}]}]}}',
      '{"genesys":{"a":[{"b":[{"c":2}]}]}}',
    ],
  ])('is not the same with %s', (_, one, other) => {
    expect(isSameEvent(one, other)).toBe(false);
    expect(isSameEvent(other, one)).toBe(false);
  });

  test.each([
    ['{"id":"1","action":"UPDATE"}', '{"id":"1","action":"UPDATE","request":null}'],
    ['{"id":"1","genesys":"text"}', '{"id":"1"}'],
    ['{"id":"1","genesys":{}}', '{"id":"1"}'],
  ])('is nothing that the guide contract knows: %s', (one, other) => {
    expect(isSameEvent(one, other)).toBe(false);
    expect(hasShapes(other)).toBe(false);
  });

  test('nested more deeply than any stack is compared as a whole', () => {
    const deep = (leaf: string) => `{"genesys":{"a":${'['.repeat(100_000)}${leaf}${']'.repeat(100_000)}}}`;
    expect(isSameEvent(deep('1'), `${deep('1')} `)).toBe(true);
    expect(isSameEvent(deep('1'), deep('2'))).toBe(false);
  });
});
