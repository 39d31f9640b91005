import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { runCommand } from '../frame/program.ts';

const env = {
  REDIS_URL: 'redis://user:geheim@redis.example.com',
  ELASTICSEARCH_URL: 'https://elastic:geheim@es.example.com',
  GENESYS_API_BASE: 'https://genesys.example.com',
  GENESYS_CLIENT_ID: 'client',
  GENESYS_CLIENT_SECRET: 'geheim',
  PAYLOAD_KEY: randomBytes(32).toString('base64'),
  TOKENIZATION_KEY: randomBytes(32).toString('hex'),
  AWS_REGION: 'eu-central-1',
  S3_BUCKET: 'archive',
};

async function run(args: string[], more: Record<string, string> = {}) {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await runCommand(['config', ...args], {
    env: { ...env, ...more },
    in: Readable.from([]),
    out: { write: (text) => out.push(text) },
    err: { write: (text) => err.push(text) },
    user: 'ops@test',
    now: Date.now,
  });
  return { code, out: out.join(''), err: err.join('') };
}

describe('config', () => {
  test('shows what holds and where it comes from, secrets masked', async () => {
    const { code, out, err } = await run([]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^GENESYS_CLIENT_ID +client +environment$/m);
    expect(out).toMatch(/^GENESYS_CLIENT_SECRET +\*\*\* +environment$/m);
    expect(out).toMatch(/^ELASTICSEARCH_URL +https:\/\/\*\*\*@es\.example\.com +environment$/m);
    expect(out).toMatch(/^AUDIT_PAGE_LIMIT +100 +default$/m);
    expect(out).toMatch(/^GENESYS_REGION +- +not set$/m);
    for (const secret of ['geheim', env.PAYLOAD_KEY, env.TOKENIZATION_KEY]) expect(out).not.toContain(secret);
  });

  test('shows those of one kind of process, for programs too', async () => {
    const { code, out } = await run(['--process', 'indexer', '--json']);
    expect(code).toBe(0);
    const { settings } = JSON.parse(out) as { settings: { env: string; readBy: string[] }[] };
    expect(settings.map((row) => row.env)).toContain('BULK_MAX_EVENTS');
    expect(settings.map((row) => row.env)).not.toContain('GENESYS_CLIENT_ID');
    expect((await run(['--process', 'nobody'])).code).toBe(64);
  });

  test('names each problem once, with the processes that would not start', async () => {
    const { code, err } = await run([], { PAYLOAD_KEY: 'short', AUDIT_SHARDS: 'many' });
    expect(code).toBe(78);
    expect(err).toContain('PAYLOAD_KEY must be base64 of 32 bytes');
    expect(err.match(/PAYLOAD_KEY must be/g)).toHaveLength(1);
    expect(err).toMatch(/AUDIT_SHARDS must be a whole number \(fetcher, indexer, uploader\)/);
  });

  test('gives a JSON Schema in which each setting is a text with its meaning', async () => {
    const { out } = await run(['--schema']);
    const schema = JSON.parse(out) as {
      properties: Record<string, Record<string, unknown>>;
      allOf: object[];
    };
    expect(schema.properties['GENESYS_CONTRACT']).toMatchObject({
      type: 'string',
      enum: ['guide', 'platform'],
      default: 'guide',
    });
    expect(schema.properties['PAYLOAD_KEY']).toMatchObject({ type: 'string', writeOnly: true });
    expect(schema.allOf).toContainEqual({
      anyOf: [{ required: ['PAYLOAD_KEY'] }, { required: ['PAYLOAD_KEY_FILE'] }],
    });
    expect(schema.allOf).toContainEqual({ required: ['GENESYS_CLIENT_ID'] });
    for (const property of Object.values(schema.properties))
      expect(property).toMatchObject({ type: 'string', description: expect.any(String) });
  });
});
