import { memberTexts } from '@trunkline/json-source';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AuditEvent, EventReader, eventDigest, type Trouble } from './audit-event.ts';
import { documentText, eventTextOf } from './document.ts';
import { defaultDateBounds } from './index-name.ts';

const reader = new EventReader({ prefix: 'genesys-audit-', ...defaultDateBounds, routing: 'resourceType' });
const context = { stream: 'default', ingestedAt: '2026-11-22T10:00:01.000Z' };

function eventOf(text: string): AuditEvent {
  const read = reader.read(text);
  if (read.kind === 'malformed') throw new Error(`no event: ${text}`);
  return read.event;
}

const plain =
  '{"id":"e-1","date":"2026-11-22T10:00:00.123Z","resourceType":"Queue","action":"UPDATE","count":9007199254740993,"rate":1.50e+10}';

describe('an event', () => {
  test('knows its index, routing and digest', () => {
    expect(eventOf(plain)).toMatchObject({
      id: 'e-1',
      index: 'genesys-audit-2026.11.22',
      routing: 'Queue',
      digest: eventDigest(plain),
      troubles: new Set(),
    });
  });

  test('has the digest of its content, not of its layout', () => {
    expect(eventDigest('{ "b": 1, "a": [true] }')).toBe(eventDigest('{"a":[true],"b":1}'));
    expect(eventDigest('{"n":9007199254740993}')).not.toBe(eventDigest('{"n":9007199254740992}'));
  });

  test.each<[string, string | null]>([
    ['{"id":"1","resourceType":"Flow"}', 'Flow'],
    ['{"id":"1"}', null],
    ['{"id":"1","resourceType":null}', null],
    ['{"id":"1","resourceType":""}', null],
    ['{"id":"1","resourceType":["Flow"]}', null],
    ['{"id":"1","resourceType":"\\ud800"}', null],
    [`{"id":"1","resourceType":"${'x'.repeat(513)}"}`, null],
  ])('%.50s is routed by %s', (text, routing) => {
    expect(eventOf(text).routing).toBe(routing);
  });

  test('is routed by action, or not at all, where that is set', () => {
    const routed = (routing: 'action' | 'none') =>
      new EventReader({ prefix: 'p-', ...defaultDateBounds, routing }).read(plain);
    expect(routed('action')).toMatchObject({ event: { routing: 'UPDATE' } });
    expect(routed('none')).toMatchObject({ event: { routing: null } });
  });

  test.each([
    'null',
    '[]',
    '"e-1"',
    '{}',
    '{"id":""}',
    '{"id":7}',
    '{"id":"\\ud800"}',
    `{"id":"${'x'.repeat(513)}"}`,
    '{"id":"1"',
    '',
  ])('is not what stands in %.30s', (text) => {
    expect(reader.read(text)).toMatchObject({ kind: 'malformed', text });
  });

  test.each<[string, Trouble[]]>([
    ['{"id":"1","date":{"a":1}}', ['field-shape']],
    ['{"id":"1","userId":[{"a":1}]}', ['field-shape']],
    ['{"id":"1","request":"text"}', ['field-shape']],
    ['{"id":"1","request":[1]}', ['field-shape']],
    ['{"id":"1","request":[{"a":1},null],"response":null,"userId":["a",null],"ipAddress":1}', []],
    ['{"id":"1","ingestedAt":1}', ['field-name']],
    ['{"id":"1","trunkline":1}', ['field-name']],
    ['{"id":"1","@timestamp":"2026-11-22"}', ['field-name']],
    ['{"id":"1","event":{"kind":"event"}}', ['field-name']],
    ['{"id":"1","user":"u"}', ['field-name']],
    ['{"id":"1","genesys":"text"}', ['field-shape']],
    ['{"id":"1","genesys":{"user":{"id":"u"},"a.b":1},"ipAddress":["::1","x"]}', []],
    ['{"id":"1","_id":"x"}', ['field-name']],
    ['{"id":"1","userId.x":1}', ['field-name']],
    ['{"id":"1","__proto__":{"a":1}}', ['bad-name', 'field-name']],
    ['{"id":"1","extra":{"a.b":1,"_c":2}}', []],
  ])('%s has the troubles %j', (text, troubles) => {
    expect([...eventOf(text).troubles]).toEqual(troubles);
  });
});

describe('the document of an event', () => {
  test('is its source text with our fields in front', () => {
    expect(documentText(eventOf(plain), context, 'fitting')).toBe(
      `{"ingestedAt":"2026-11-22T10:00:01.000Z","trunkline":{"stream":"default","digest":"${eventDigest(plain)}"},${plain.slice(1)}`,
    );
  });

  test('keeps what is harmless and sets the whole text aside where there is trouble', () => {
    const text =
      '{"id":"e-2","date":"2026-11-22","big":12345678901234567890,"userId":{"a":1},"action":"A","request":{"a":1.0},"response":{"":1}}';
    const members = memberTexts(documentText(eventOf(text), context, 'fitting'));
    expect([...members.keys()]).toEqual(['ingestedAt', 'trunkline', 'id', 'date', 'action', 'request']);
    expect(members.get('request')).toBe('{"a":1.0}');
    const own = memberTexts(members.get('trunkline') ?? '');
    expect(JSON.parse(own.get('setAside') ?? '')).toBe(text);
    expect(own.get('setAsideFor')).toBe('["bad-name","field-shape"]');
  });

  test('keeps only plain scalars in its bare form', () => {
    const text = '{"id":"e-3","date":"x","userId":["a"],"action":null,"ipAddress":"::1","request":{"a":1}}';
    const members = memberTexts(documentText(eventOf(text), context, 'bare'));
    expect([...members.keys()]).toEqual(['ingestedAt', 'trunkline', 'id', 'date', 'action', 'ipAddress']);
    expect(memberTexts(members.get('trunkline') ?? '').get('setAsideFor')).toBe('["refused"]');
  });

  test('is valid JSON without a name that stands twice, for any event', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.constantFrom('fitting', 'bare'),
        (extra, form) => {
          const event = eventOf(JSON.stringify({ ...extra, id: 'x' }));
          const document = documentText(event, context, form as 'fitting' | 'bare');
          expect(JSON.parse(document)).toMatchObject({ id: 'x', trunkline: { digest: event.digest } });
          expect(document).not.toContain('\n');
        },
      ),
    );
  });

  test('gives back the source text of any event, byte for byte', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.constantFrom('fitting', 'bare'),
        (extra, form) => {
          const text = JSON.stringify({ ...extra, id: 'x', n: 1 }).replace(
            /1}$/,
            '1.000000000000000000001e2}',
          );
          const stream = 'a "stream" \\ of \u{1f600}';
          const document = documentText(eventOf(text), { ...context, stream }, form as 'fitting' | 'bare');
          expect(eventTextOf(document)).toBe(text);
        },
      ),
    );
  });

  test('of another writer gives no source text', () => {
    expect(eventTextOf('{"id":"x"}')).toBeNull();
    expect(eventTextOf('{"id":"x","trunkline":{"digest":"00"}}')).toBeNull();
  });
});
