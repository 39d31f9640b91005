import { describe, expect, it } from 'vitest';
import { expectedDocument } from './expected-document.ts';
import { valuesDigest } from './values-digest.ts';

const source =
  '{"id":"1","user":{"id":"u","name":"Ann\\u00e9","selfUri":"/u"},"client":{"id":""},"remoteIp":["::1","10.0.0.1"],' +
  '"eventDate":"2026-11-22T10:00:00Z","action":"Update","entity":{"id":"q"},"entityType":"Queue","initiatingAction":{},' +
  '"propertyChanges":[{"property":"p","oldValues":["9007199254740993"],"newValues":[1.50E-9]}],"sequence":123456789012345678}';
const document =
  '{"id":"1","date":"2026-11-22T10:00:00Z","userId":"u","userName":"Ann\\u00e9","resourceType":"Queue","resourceId":"q",' +
  '"action":"Update","ipAddress":["::1","10.0.0.1"],"genesys":{"user":{"selfUri":"/u"},"client":{"id":""},"initiatingAction":{},' +
  '"propertyChanges":[{"property":"p","oldValues":["9007199254740993"],"newValues":[1.50E-9]}],"sequence":123456789012345678}}';

describe('what has to be stored of an event of the platform', () => {
  it('has the names of the guide, and all else under genesys', () => {
    expect(expectedDocument(source)).toBe(document);
    expect(expectedDocument('{"id":"1","eventTime":"2026-11-22T10:00:00Z","user":{"id":"u"}}')).toBe(
      '{"id":"1","date":"2026-11-22T10:00:00Z","userId":"u","genesys":{}}',
    );
  });

  it.each(['[1]', 'null', '{"eventDate":"2026-11-22T10:00:00Z"}', '{"id":null}', '{"id":""}'])(
    'is %s itself',
    (text) => {
      expect(expectedDocument(text)).toBe(text);
    },
  );

  it.each([
    ['{"id":"1","remoteIp":[]}', '{"id":"1","genesys":{"remoteIp":[]}}'],
    ['{"id":"1","eventDate":null}', '{"id":"1","genesys":{"eventDate":null}}'],
    ['{"id":"1","eventDate":1}', '{"id":"1","date":1,"genesys":{}}'],
    ['{"id":7,"action":""}', '{"id":7,"genesys":{"action":""}}'],
  ])('leaves where it stood what holds nothing: %s', (text, expected) => {
    expect(expectedDocument(text)).toBe(expected);
  });
});

describe('two texts have the same values', () => {
  it.each([
    ['{"a":1,"b":[{},"x"]}', '{ "b" : [ { } , "x" ], "a" : 1 }'],
    ['{"a\\u0062":[]}', '{"ab":[]}'],
    ['[[1],[2]]', '[[1],[2]]'],
    ['7', ' 7 '],
  ])('in %s and %s', (one, other) => {
    expect(valuesDigest(one)).toBe(valuesDigest(other));
  });

  it.each([
    ['{"a":1}', '{"a":1.0}'],
    ['{"a":9007199254740993}', '{"a":9007199254740992}'],
    ['{"a":"\\u00e9"}', '{"a":"é"}'],
    ['{"a":1}', '{"b":1}'],
    ['{"a":{"b":1}}', '{"a":{},"b":1}'],
    ['[1,2]', '[2,1]'],
    ['{"a":[]}', '{"a":{}}'],
    ['{"a":1}', '{"a":1,"b":{}}'],
    ['{"a":[1]}', '{"a":{"0":1}}'],
  ])('but not in %s and %s', (one, other) => {
    expect(valuesDigest(one)).not.toBe(valuesDigest(other));
  });
});
