import { createRedactor } from '@trunkline/redaction';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { engineFingerprint } from './engine-settings.ts';
import { personal, personalLine, testEngine } from './lines.fixture.ts';
import { LineRedactor } from './redact-lines.ts';

const redactor = new LineRedactor(testEngine);
const engine = createRedactor({ tokens: { key: testEngine.key } });

function redact(...lines: (string | Buffer)[]) {
  const parts = lines.flatMap((line) => [Buffer.from(line as string), Buffer.from('\n')]);
  const result = redactor.redact(Buffer.concat(parts));
  return {
    ...result,
    redacted: Buffer.from(result.redacted).toString(),
    index: Buffer.from(result.index).toString(),
  };
}

describe('lines of conversations', () => {
  it('lose what is personal, wherever it stands, and keep their numbers', () => {
    const { redacted, index, counts, refused, conversations } = redact(personalLine('c-1'));
    for (const value of Object.values(personal)) {
      expect(redacted).not.toContain(value);
      expect(index).not.toContain(value);
    }
    expect(redacted).not.toMatch(/\d{9,}(?!\d)(?<!12345678901234567890|1610679598066|[0-9a-f]{16})/);
    for (const number of [
      '"big":12345678901234567890,',
      '"exact":1.10,',
      '"exponent":1E+400,',
      '1610679598066',
    ]) {
      expect(redacted).toContain(number);
    }
    expect({ refused, conversations }).toEqual({ refused: [], conversations: 1 });
    expect(counts).toEqual({ PHONE: 6, EMAIL: 1, SSN: 1, NAME: 1 });
    expect(redacted.endsWith('}\n')).toBe(true);
    const { id, tokens } = JSON.parse(index) as { id: string; tokens: string[] };
    expect(id).toBe('c-1');
    expect(tokens).toEqual([...new Set(tokens)].sort());
    for (const token of [
      engine.tokenOf('PHONE', personal.spoken),
      engine.tokenOf('PHONE', personal.key),
      engine.tokenOf('EMAIL', personal.mail),
      engine.tokenOf('PHONE', personal.address),
      engine.tokenOf('SSN', personal.social),
      engine.tokenOf('PHONE', personal.nested),
      engine.tokenOfWhole('NAME', personal.name),
    ]) {
      expect(tokens).toContain(token);
      expect(redacted).toContain(token);
    }
  });

  it('keep their own id, whatever it looks like, and no other field of that name', () => {
    const source =
      '{"conversationId":"jane@example.com","id":"bob@example.com","other":{"conversationId":"eve@example.com"}}';
    const { redacted, index } = redact(source);
    expect(JSON.parse(index)).toMatchObject({ id: 'jane@example.com' });
    expect(redacted).toContain('"conversationId":"jane@example.com"');
    expect(redacted).not.toContain('bob@');
    expect(redacted).not.toContain('eve@');
    expect(JSON.parse(redact('{"id":12345678901234567890}').index)).toEqual({
      id: '12345678901234567890',
      tokens: [],
    });
  });

  it.each([
    ['no JSON', '{"conversationId":"c",'],
    ['no object', '["conversationId"]'],
    ['a number', '17'],
    ['no id', '{"transcripts":["hello"]}'],
    ['an empty id', '{"conversationId":""}'],
    ['an id that is none', '{"conversationId":{"a":1}}'],
    ['nothing', ''],
    ['no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
  ])('that hold %s are refused, and the others go on', (_, broken) => {
    const { redacted, refused, conversations, index } = redact('{"id":"a"}', broken, '{"id":"b"}');
    expect(refused).toEqual([{ line: 1, code: 'ARCHIVE_CONVERSATION_MALFORMED' }]);
    expect(conversations).toBe(2);
    expect(redacted).toBe('{"id":"a"}\n{"id":"b"}\n');
    expect(index).toBe('{"id":"a","tokens":[]}\n{"id":"b","tokens":[]}\n');
  });

  it('that are dead letters already are refused unseen', () => {
    const lines = Buffer.from('{"id":"a"}\n{"id":"b"}\n');
    const { refused, conversations } = redactor.redact(lines, new Set([1]));
    expect(refused).toEqual([{ line: 1, code: 'ARCHIVE_CONVERSATION_UNREDACTABLE' }]);
    expect(conversations).toBe(1);
  });

  it('are read in the country of the conversation', () => {
    const spoken = (facts: object): string =>
      redact(JSON.stringify({ id: 'a', ...facts, transcripts: ['Customer: my phone is 030 901820'] }))
        .redacted;
    const german = engine.tokenOf('PHONE', '+49 30 901820');
    expect(spoken({})).not.toContain(german);
    expect(spoken({ country: 'de' })).toContain(german);
    expect(spoken({ ani: 'tel:+493012345' })).toContain(german);
    const session = { direction: 'outbound', ani: 'tel:+13105550142', dnis: 'tel:+493012345' };
    expect(
      spoken({ participants: [{ purpose: 'agent' }, { purpose: 'customer', sessions: [session] }] }),
    ).toContain(german);
    const written = { direction: 'inbound', addressFrom: '+493012345', addressTo: '+13105550142' };
    expect(spoken({ participants: [{ purpose: 'external', sessions: [written] }] })).toContain(german);
  });

  it('never make it throw, and stay as many as they were', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.string(),
            fc.json(),
            fc.dictionary(fc.string(), fc.jsonValue()).map((value) => JSON.stringify({ ...value, id: 'x' })),
          ),
        ),
        (texts) => {
          const lines = texts.map((text) => text.replaceAll('\n', ' '));
          const { conversations, refused, redacted, index } = redact(...lines);
          expect(conversations + refused.length).toBe(lines.length);
          expect(redacted.split('\n')).toHaveLength(conversations + 1);
          expect(index.split('\n')).toHaveLength(conversations + 1);
        },
      ),
    );
  });
});

it('finds its tokens with a key id, of any length, of patterns of one’s own, behind escapes', () => {
  const settings = {
    ...testEngine,
    keyId: 'k2',
    hexLength: 32,
    patterns: [
      { type: 'STAFF', expression: 'E\\d{5}', examples: { positive: ['E12345'], negative: ['12345'] } },
    ],
  };
  const line = JSON.stringify({ id: 'a', text: 'call\n415-555-2671\u0001E54321' });
  const { redacted, index } = new LineRedactor(settings).redact(Buffer.from(line));
  const { tokens } = JSON.parse(Buffer.from(index).toString()) as { tokens: string[] };
  expect(tokens).toEqual([
    expect.stringMatching(/^PHONE-k2\.[0-9a-f]{32}$/),
    expect.stringMatching(/^STAFF-k2\.[0-9a-f]{32}$/),
  ]);
  for (const token of tokens) expect(Buffer.from(redacted).toString()).toContain(token);
});

it('names the engine by all that its tokens depend on, and tells nothing of the key', () => {
  const all = [
    testEngine,
    { ...testEngine, key: new Uint8Array(32) },
    { ...testEngine, keyId: 'a' },
    { ...testEngine, hexLength: 20 },
    { ...testEngine, mode: 'guide' as const },
    { ...testEngine, profile: 'extended' as const },
    { ...testEngine, region: 'DE' },
  ].map((settings) => engineFingerprint(settings));
  all.push(engineFingerprint(testEngine, 'another'));
  expect(new Set(all).size).toBe(all.length);
  expect(engineFingerprint({ ...testEngine })).toBe(all[0]);
});
