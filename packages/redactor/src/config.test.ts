import { expect, it } from 'vitest';
import { loadRedactorSettings, threadCount } from './config.ts';

const sound = {
  REDIS_URL: 'redis://127.0.0.1:6379',
  PAYLOAD_KEY: Buffer.alloc(32).toString('base64'),
  TOKENIZATION_KEY: 'x'.repeat(32),
};

const load = (env: NodeJS.ProcessEnv) => loadRedactorSettings(env);

it('needs Redis and its keys, and nothing of Genesys, Elasticsearch or a bucket', () => {
  const { redaction, stage, tokens } = load(sound);
  expect(redaction).toMatchObject({
    mode: 'canonical',
    profile: 'standard',
    region: 'US',
    hexLength: 16,
    patterns: [],
  });
  expect(stage.url).toBe('file:///var/lib/trunkline/stage');
  expect(tokens.keyId).toBeNull();
});

it('names every problem at once', () => {
  const patterns = [{ type: 'STAFF', expression: 'E(', examples: { positive: ['E1'], negative: ['x'] } }];
  const env = {
    TOKENIZATION_KEY: 'short',
    PAYLOAD_KEY: 'x',
    REDACTION_REGION: 'usa',
    REDACTION_PROFILE: 'all',
    REDACTION_TOKEN_HEX: '8',
    REDACTION_PATTERNS: JSON.stringify(patterns),
    REDACTOR_THREADS: '0',
    STAGE_URL: 's3://stage-bucket/x',
  };
  expect(() => load(env)).toThrow(
    expect.objectContaining({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(
        /PAYLOAD_KEY[\s\S]*TOKENIZATION_KEY[\s\S]*REDACTION_REGION[\s\S]*REDACTION_TOKEN_HEX[\s\S]*REDACTION_PROFILE[\s\S]*REDACTOR_THREADS[\s\S]*AWS_REGION[\s\S]*REDACTION_PATTERNS[\s\S]*STAFF/,
      ),
    }),
  );
});

it.each([
  ['{', 'must be JSON'],
  ['{}', 'must be a list'],
  ['[{"type":"STAFF"}]', 'REDACTION_PATTERNS'],
  [
    '[{"type":"STAFF","expression":"E\\\\d","examples":{"positive":["none"],"negative":["x"]}}]',
    'finds nothing in its positive example',
  ],
])('refuses the patterns %s', (text, told) => {
  expect(() => load({ ...sound, REDACTION_PATTERNS: text })).toThrow(told);
});

it('takes patterns of one’s own', () => {
  const text =
    '[{"type":"STAFF","expression":"E\\\\d{5}","examples":{"positive":["E12345"],"negative":["x"]}}]';
  expect(load({ ...sound, REDACTION_PATTERNS: text }).redaction.patterns).toHaveLength(1);
});

it('says that the guide’s three expressions take neither patterns nor a profile', () => {
  const text =
    '[{"type":"STAFF","expression":"E\\\\d{5}","examples":{"positive":["E12345"],"negative":["x"]}}]';
  expect(() =>
    load({ ...sound, REDACTION_MODE: 'guide', REDACTION_PATTERNS: text, REDACTION_PROFILE: 'extended' }),
  ).toThrow(/REDACTION_PATTERNS has no effect[\s\S]*REDACTION_PROFILE=extended has no effect/);
});

it('takes one thread less than there are processors, at least one', () => {
  expect([1, 2, 8].map((processors) => threadCount(null, processors))).toEqual([1, 1, 7]);
  expect(threadCount(3, 1)).toBe(3);
});
