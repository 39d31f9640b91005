import { scanMembers, splitArray } from '@trunkline/json-source';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { platformEvent } from './platform-event.ts';

const documentOf = (text: string): string => platformEvent(Buffer.from(text)).toString('utf8');

const realtime = `{
  "id": "a-1",
  "userHomeOrgId": "org-1",
  "user": { "id": "u-1", "name": "Ada Lovelace", "selfUri": "/api/v2/users/u-1" },
  "client": {"id":""},
  "remoteIp": ["203.0.113.7", "2001:db8::1"],
  "serviceName": "PeoplePermissions",
  "level": "USER",
  "eventDate": "2026-11-22T10:00:00.123Z",
  "action": "Update",
  "entity": {"id":"q-1","name":"Queue \\u00e9","selfUri":"/api/v2/routing/queues/q-1"},
  "entityType": "Queue",
  "status": "SUCCESS",
  "application": "",
  "initiatingAction": {},
  "transactionInitiator": true,
  "propertyChanges": [{"property":"wrapUp","oldValues":["9007199254740993"],"newValues":[ 1.10 ]}],
  "context": {"a.b":"c"}
}`;
const downloaded = `{"id":"a-1","user":{"id":"u-1"},"remoteIp":["203.0.113.7"],"eventTime":"2026-11-22T10:00:00.123Z","action":"Update","entity":{"id":"q-1"},"entityType":"Queue","status":"SUCCESS"}`;
const body = `{"id":"a-1","userId":"u-1","username":{"id":"u-1","name":"ada","selfUri":"/u"},"userDisplay":"Ada Lovelace","clientId":{"id":"c-1"},"remoteIp":["203.0.113.7"],"eventTime":"2026-11-22T10:00:00.123Z","action":"Update","entityType":"Queue","entity":{"id":"q-1"}}`;
const bodyFields = `"id":"a-1","date":"2026-11-22T10:00:00.123Z","userId":"u-1","userName":"Ada Lovelace","resourceType":"Queue","resourceId":"q-1","action":"Update","ipAddress":["203.0.113.7"]`;
const bodyRest = `"user":{"id":"u-1","name":"ada","selfUri":"/u"},"client":{"id":"c-1"}`;

describe('one event', () => {
  test('of a query has the guide’s names first, and all else as it was written', () => {
    expect(documentOf(realtime)).toBe(
      '{"id":"a-1","date":"2026-11-22T10:00:00.123Z","userId":"u-1","userName":"Ada Lovelace","resourceType":"Queue","resourceId":"q-1","action":"Update","ipAddress":["203.0.113.7", "2001:db8::1"],' +
        '"genesys":{"userHomeOrgId":"org-1","user":{"selfUri":"/api/v2/users/u-1"},"client":{"id":""},"serviceName":"PeoplePermissions","level":"USER","entity":{"name":"Queue \\u00e9","selfUri":"/api/v2/routing/queues/q-1"},"status":"SUCCESS","application":"","initiatingAction":{},"transactionInitiator":true,' +
        '"propertyChanges":[{"property":"wrapUp","oldValues":["9007199254740993"],"newValues":[ 1.10 ]}],"context":{"a.b":"c"}}}',
    );
  });

  test('of a download has the same names', () => {
    expect(documentOf(downloaded)).toBe(
      '{"id":"a-1","date":"2026-11-22T10:00:00.123Z","userId":"u-1","resourceType":"Queue","resourceId":"q-1","action":"Update","ipAddress":["203.0.113.7"],"genesys":{"status":"SUCCESS"}}',
    );
  });

  test('of EventBridge is taken out of its envelope, which is kept', () => {
    expect(documentOf(body)).toBe(`{${bodyFields},"genesys":{${bodyRest}}}`);
    const detail = `{"topicName":"v2.audits.entitytype.Queue.entityid.q-1","version":"2","eventBody":${body},"metadata":{"CorrelationId":"x"},"timestamp":"2026-11-22T10:00:01Z"}`;
    const detailRest = `"topicName":"v2.audits.entitytype.Queue.entityid.q-1","version":"2","metadata":{"CorrelationId":"x"},"timestamp":"2026-11-22T10:00:01Z"`;
    const envelope = `{"version":"0","id":"aws-1","detail-type":"v2.audits","detail":${detail}}`;
    expect(documentOf(envelope)).toBe(
      `{${bodyFields},"genesys":{${bodyRest},"eventBridge":{"version":"0","id":"aws-1","detail-type":"v2.audits","detail":{${detailRest}}}}}`,
    );
    expect(documentOf(detail)).toBe(`{${bodyFields},"genesys":{${bodyRest},"eventBridge":{${detailRest}}}}`);
    expect(documentOf(`{"detail":{"eventBody":${body}}}`)).toBe(`{${bodyFields},"genesys":{${bodyRest}}}`);
  });

  test.each<[string, string, string]>([
    ['nothing but its id', '{ "id" : "1" }', '{"id":"1","genesys":{}}'],
    ['no user', '{"id":"1","user":null}', '{"id":"1","genesys":{"user":null}}'],
    ['a user of which nothing is known', '{"id":"1","user":{}}', '{"id":"1","genesys":{"user":{}}}'],
    [
      'an empty user id',
      '{"id":"1","user":{"id":"","name":"A"}}',
      '{"id":"1","userName":"A","genesys":{"user":{"id":""}}}',
    ],
    [
      'a user that is a text',
      '{"id":"1","user":"u","userId":"v"}',
      '{"id":"1","userId":"v","genesys":{"user":"u"}}',
    ],
    [
      'both names of its time',
      '{"id":"1","eventTime":"b","eventDate":"a"}',
      '{"id":"1","date":"a","genesys":{"eventTime":"b"}}',
    ],
    [
      'no time where one is expected',
      '{"id":"1","eventDate":null,"eventTime":"b"}',
      '{"id":"1","date":"b","genesys":{"eventDate":null}}',
    ],
    [
      'its time in milliseconds',
      '{"id":"1","eventTime":1610679597052}',
      '{"id":"1","date":1610679597052,"genesys":{}}',
    ],
    ['no address', '{"id":"1","remoteIp":[]}', '{"id":"1","genesys":{"remoteIp":[]}}'],
    ['one address', '{"id":"1","remoteIp":"::1"}', '{"id":"1","ipAddress":"::1","genesys":{}}'],
    [
      'an address that is none',
      '{"id":"1","remoteIp":[{"ip":1},"::1"]}',
      '{"id":"1","genesys":{"remoteIp":[{"ip":1},"::1"]}}',
    ],
    ['an action that is an object', '{"id":"1","action":{"a":1}}', '{"id":"1","genesys":{"action":{"a":1}}}'],
    [
      'fields of the guide that the platform has not',
      '{"id":"1","request":{"a":1},"date":"d"}',
      '{"id":"1","date":"d","genesys":{"request":{"a":1}}}',
    ],
    [
      'a name twice',
      '{"id":"1","action":"A","x":1,"action":"B","x":2}',
      '{"id":"1","action":"B","genesys":{"action":"A","x":1,"x":2}}',
    ],
    [
      'the name of the rest',
      '{"id":"1","genesys":{"a":1},"level":"USER"}',
      '{"id":"1","genesys":{"genesys":{"a":1},"level":"USER"}}',
    ],
    [
      'names that mean something to JavaScript',
      '{"id":"1","__proto__":{"id":"2"},"constructor":1}',
      '{"id":"1","genesys":{"__proto__":{"id":"2"},"constructor":1}}',
    ],
    ['a name with escapes', '{"\\u0069d":"1","a\\"b":1}', '{"id":"1","genesys":{"a\\"b":1}}'],
    [
      'two names for its user',
      '{"id":"1","username":{"x":1},"user":{"y":2}}',
      '{"id":"1","genesys":{"username":{"x":1},"user":{"y":2}}}',
    ],
    [
      'client ids in other forms',
      '{"id":"1","clientId":"c","username":null}',
      '{"id":"1","genesys":{"clientId":"c","username":null}}',
    ],
    [
      'numbers beyond a double',
      '{"id":"1","n":123456789012345678901234567890,"e":1E+400,"z":-0.0}',
      '{"id":"1","genesys":{"n":123456789012345678901234567890,"e":1E+400,"z":-0.0}}',
    ],
    [
      'no id, in an envelope that has one',
      '{"id":"aws-1","detail":{"eventBody":{"action":"A"}}}',
      '{"action":"A","genesys":{"eventBridge":{"id":"aws-1"}}}',
    ],
  ])('with %s', (_, text, document) => {
    expect(documentOf(text)).toBe(document);
  });

  it.each([
    'null',
    '[]',
    '"a"',
    '',
    '{"id":"1"',
    '{"id":"1"}}',
    '{}',
    '{ "id":"", "eventDate":"d" }',
    '{"id":null,"user":{"id":"u"}}',
    '{ "id":"1", "genesys":{ "a":1 } }',
  ])('passes as it is where it is %s', (text) => {
    expect(documentOf(text)).toBe(text);
  });
});

describe('whatever is in an object', () => {
  const names = [
    ...[
      'id',
      'user',
      'username',
      'userId',
      'userDisplay',
      'name',
      'entity',
      'entityType',
      'action',
      'detail',
    ],
    ...['eventBody', 'eventDate', 'eventTime', 'date', 'remoteIp', 'clientId', 'client', 'genesys', 'é'],
  ];
  const scalarText = fc.oneof(
    fc.constantFrom('9007199254740993', '1.10', '1E+400', '-0', 'null', 'true', '""', '"\\u0041"'),
    fc.string({ unit: 'binary' }).map((text) => JSON.stringify(text)),
  );
  // Not by way of an object, in which no name can stand twice.
  const { object } = fc.letrec<{ value: string; object: string }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      scalarText,
      tie('object'),
      fc.array(tie('value'), { maxLength: 3 }).map((texts) => `[${texts.join(' , ')}]`),
    ),
    object: fc
      .array(fc.tuple(fc.oneof(fc.constantFrom(...names), fc.string()), tie('value')), { maxLength: 8 })
      .map((members) => `{${members.map(([name, text]) => `${JSON.stringify(name)}: ${text}`).join()}}`),
  }));
  const event = object.map((text) => `{"id":"e"${text === '{}' ? '' : ','}${text.slice(1)}`);
  const envelope = fc
    .tuple(object, event)
    .map(([text, body]) => `${text.slice(0, -1)}${text === '{}' ? '' : ','}"eventBody":${body}}`);
  const anyShape = fc.oneof(
    object,
    event,
    envelope,
    envelope.map((detail) => `{"id":"aws","detail":${detail}}`),
  );

  /** The text of every value that holds no other, in the order of the alphabet; but for empty objects, which come and go. */
  function leaves(text: string): string[] {
    const inner = text.startsWith('{')
      ? (scanMembers(Buffer.from(text)) ?? []).map(({ from, to }) =>
          Buffer.from(text).toString('utf8', from, to),
        )
      : text.startsWith('[')
        ? splitArray(text, 0).elements
        : [];
    if (inner.length === 0) return text === '{}' ? [] : [text];
    return inner.flatMap(leaves).sort();
  }

  it('nothing is lost, and no value written anew', () => {
    fc.assert(
      fc.property(anyShape, (text) => {
        expect(leaves(documentOf(text))).toEqual(leaves(text));
      }),
    );
  });

  it('is normalised once and for all', () => {
    fc.assert(
      fc.property(anyShape, (text) => {
        const document = documentOf(text);
        expect(documentOf(document)).toBe(document);
      }),
    );
  });
});
