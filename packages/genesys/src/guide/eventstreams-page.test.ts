import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readEventStreamPage } from './eventstreams-page.ts';

function readPage(text: string): { eventTexts: string[]; nextCursor: string | null } {
  const { eventCount, lines, nextCursor } = readEventStreamPage(Buffer.from(text));
  const eventTexts = lines.toString('utf8').split('\n').slice(0, -1);
  expect(eventCount).toBe(eventTexts.length);
  return { eventTexts, nextCursor };
}

describe('readEventStreamPage', () => {
  it('keeps each event as it was written', () => {
    const events = [
      '{"id":"1","n":9007199254740993,"d":1.10,"e":1E400}',
      '{ "id" : "2", "s":"a\\u0041\\/]}," }',
      '{"__proto__":{"events":[]},"events":[1,2],"nextCursor":"inner"}',
    ];
    const text = ` {"events": [${events.join(' ,\n')}] , "nextCursor":"c-1", "more":{"events":[]}}\n`;
    expect(readPage(text)).toEqual({ eventTexts: events, nextCursor: 'c-1' });
  });

  it('keeps characters of every length in UTF-8, beside names and brackets made of them', () => {
    const events = ['{"é":"ÿ[{"}', '{"漢":"字\\""}', '{"x":"😀}]","\u2028":"\u00a0"}'];
    const text = `{"é":[1],"events":[${events.join(',')}],"nextCursor":"c-é漢😀\\u00e9"}`;
    expect(readPage(text)).toEqual({ eventTexts: events, nextCursor: 'c-é漢😀é' });
  });

  it('takes the last of members that stand twice, as JSON.parse does', () => {
    const text = '{"events":[1],"nextCursor":"a","\\u0065vents":[2.0],"nextCursor":null}';
    expect(readPage(text)).toEqual({ eventTexts: ['2.0'], nextCursor: null });
  });

  it('reads an empty cursor as none', () => {
    expect(readPage('{"events":[],"nextCursor":""}').nextCursor).toBeNull();
  });

  it.each([
    '',
    '<html>maintenance</html>',
    'null',
    '[]',
    '{"events":[]}',
    '{"events":[],"nextCursor":7}',
    '{"nextCursor":null}',
    '{"nextCursor":null,"events":{}}',
    '{"nextCursor":null,"events":[}',
    '{"nextCursor":null,"events":[01]}',
    '{"nextCursor":null,"events":[1]}]',
    '{"__proto__":{"nextCursor":null,"events":[]}}',
  ])('cannot read %j', (text) => {
    expect(() => readPage(text)).toThrow(expect.objectContaining({ code: 'GENESYS_REPLY_UNREADABLE' }));
  });

  it('agrees with JSON.parse on every page', () => {
    const page = fc.record({
      nextCursor: fc.option(fc.string({ minLength: 1, unit: 'binary' })),
      events: fc.array(fc.jsonValue({ stringUnit: 'binary', maxDepth: 2 }), { maxLength: 5 }),
      more: fc.jsonValue(),
    });
    fc.assert(
      fc.property(page, fc.nat(3), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        const read = readPage(text);
        expect(read.nextCursor).toBe(value.nextCursor);
        expect(read.eventTexts.map((event) => JSON.parse(event))).toEqual(JSON.parse(text).events);
      }),
    );
  });
});
