/**
 * One thing is broken at a time, on the real parts and the simulator; `trunkline check` has to name that thing, what to do about it, and
 * nothing else. Answers that the real parts here cannot give (security of Elasticsearch, other clocks) are given by a relay before them.
 */
import { hash, randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  DeleteBucketEncryptionCommand,
  DeletePublicAccessBlockCommand,
  ListObjectVersionsCommand,
  PutBucketAclCommand,
  PutBucketEncryptionCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3';
import { Keyring } from '@trunkline/claim-check';
import { deploymentPrefix } from '@trunkline/contracts';
import { DeadLetters } from '@trunkline/elasticsearch-sink';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { ArchiveDeployment } from '../archive-deployment.fixture.ts';
import { Deployment, refusedEvent } from '../deployment.fixture.ts';
import { SimulatorProcess } from '../simulator.fixture.ts';
import type { Result } from './probe.ts';
import { type RedisSays, Relay, scriptedRedis } from './relay.fixture.ts';

let simulator: SimulatorProcess;
let audit: Deployment;
let archive: ArchiveDeployment;
let elasticsearch: Relay;
let s3: Relay;
let genesys: Relay;
let stage: string;
let env: Record<string, string>;

beforeAll(async () => {
  // More checks follow each other here than the allowance of a client is for.
  simulator = await SimulatorProcess.start({ SIMULATOR_RATE_LIMIT: '100000' });
  archive = await ArchiveDeployment.start();
  elasticsearch = await Relay.before(inject('elasticsearchUrl'));
  s3 = await Relay.before(inject('s3').endpoint);
  genesys = await Relay.before(simulator.url);
  audit = new Deployment(simulator);
  stage = path.join(tmpdir(), `trunkline-check-${audit.name}`);
  env = {
    ...archive.env,
    ...audit.env,
    ELASTICSEARCH_URL: elasticsearch.url,
    S3_ENDPOINT: s3.url,
    GENESYS_CONTRACT: 'platform',
    GENESYS_API_BASE: genesys.url,
    GENESYS_LOGIN_BASE: genesys.url,
    STAGE_URL: `file://${stage}`,
    ARCHIVE_MEDIA_TYPES: 'voice,message,email',
    // Answers, which is all that is asked of it.
    EVENT_BRIDGE_URL: `${simulator.url}/event-bridge`,
    EVENT_BRIDGE_ALLOW_PRIVATE: 'true',
  };
  await secureBucket();
  await audit.sink.install(Date.now());
});

afterAll(async () => {
  await rm(stage, { recursive: true, force: true });
  for (const open of [elasticsearch, s3, genesys, audit, archive, simulator])
    await open[Symbol.asyncDispose]();
});

async function secureBucket(): Promise<void> {
  const Bucket = archive.bucket.name;
  const all = {
    BlockPublicAcls: true,
    IgnorePublicAcls: true,
    BlockPublicPolicy: true,
    RestrictPublicBuckets: true,
  };
  await archive.client.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: all }));
  const Rules = [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' as const } }];
  await archive.client.send(
    new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: { Rules } }),
  );
  const Policy = policy({
    Effect: 'Deny',
    Action: 's3:*',
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  });
  await archive.client.send(new PutBucketPolicyCommand({ Bucket, Policy }));
}

function policy(statement: object): string {
  const Resource = `arn:aws:s3:::${archive.bucket.name}/*`;
  return JSON.stringify({ Version: '2012-10-17', Statement: [{ Principal: '*', Resource, ...statement }] });
}

async function check(more: Record<string, string>): Promise<{ code: number; results: Result[] }> {
  const { code, out } = await audit.run(['check', '--json'], { ...env, ...more });
  return { code, results: (JSON.parse(out) as { results: Result[] }).results };
}

const security = (lacks: string[] = []) => ({
  status: 200,
  body: {
    cluster: { monitor: true, manage_index_templates: !lacks.includes('manage_index_templates') },
    index: { [`${audit.name}-audit-*`]: { index: !lacks.includes('index') } },
  },
});

interface Case {
  broken: string;
  /** Breaks it: settings in place of others; called after everything was made whole. */
  by: () => Promise<Record<string, string>> | Record<string, string>;
  names: string;
  said: RegExp;
  remedy: RegExp;
  kind?: 'look';
  /** Makes whole again what the real parts were told. */
  mend?: () => Promise<unknown>;
}

const forbidden = (match: string) => async () => {
  await simulator.control('faults', { kind: 'forbidden', match });
  return {};
};
const noFaults = () => fetch(`${simulator.url}/_simulator/faults`, { method: 'DELETE' });
const s3Denies = (method: string) => () => {
  s3.answering = (asked) =>
    asked.method === method && asked.path.includes('trunkline-check')
      ? { status: 403, body: '<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>' }
      : null;
  return {};
};
const skewed = () => ({ date: new Date(Date.now() - 600_000).toUTCString() });

const redisCases: [string, RedisSays, string, RegExp, RegExp, 'look'?][] = [
  ['Redis is too old', { version: '6.2.14' }, 'redis', /version 6\.2/, /upgrade/],
  ['Redis may evict', { policy: 'allkeys-lru' }, 'redis eviction', /allkeys-lru/, /noeviction/],
  [
    'Redis keeps no file',
    { appendOnly: false },
    'redis append-only file',
    /append-only/,
    /appendonly yes/,
    'look',
  ],
  ['Redis is a replica', { isReplica: true }, 'redis writing', /READONLY/, /primary/],
  [
    'Redis is full',
    { refusal: "OOM command not allowed when used memory > 'maxmemory'." },
    'redis writing',
    /OOM/,
    /maxmemory/,
  ],
  ["Redis' clock is wrong", { aheadSeconds: 300 }, 'redis clock', /(299|300|301) s ahead/, /NTP/],
];

const cases: Case[] = [
  {
    broken: 'a key is too short',
    by: () => ({ PAYLOAD_KEY: 'c2hvcnQ=' }),
    names: 'configuration',
    said: /PAYLOAD_KEY must be base64 of 32 bytes.*fetcher, indexer, redactor, uploader, dashboard/,
    remedy: /trunkline config/,
  },
  {
    broken: 'a key is missing',
    by: () => ({ TOKENIZATION_KEY: '' }),
    names: 'configuration',
    said: /TOKENIZATION_KEY is missing.*\(redactor, uploader\)/,
    remedy: /environment/,
  },
  {
    broken: 'two settings contradict each other',
    by: () => ({ WORKER_STALLED_INTERVAL_SECONDS: '60' }),
    names: 'configuration',
    said: /WORKER_STALLED_INTERVAL_SECONDS must not be longer/,
    remedy: /environment/,
  },
  {
    broken: 'Redis is away',
    by: () => ({ REDIS_URL: 'redis://127.0.0.1:1' }),
    names: 'redis',
    said: /does not answer/,
    remedy: /REDIS_URL/,
  },
  {
    broken: "Redis' password is wrong",
    by: () => ({ REDIS_URL: inject('redisUrl').replace('redis://', 'redis://nobody:secret@') }),
    names: 'redis',
    said: /refuses the user or the password/,
    remedy: /REDIS_URL/,
  },
  ...redisCases.map(([broken, says, names, said, remedy, kind]): Case => {
    let redis: Awaited<ReturnType<typeof scriptedRedis>> | null = null;
    return {
      broken,
      by: async () => {
        redis = await scriptedRedis(says);
        return { REDIS_URL: redis.url };
      },
      names,
      said,
      remedy,
      ...(kind === undefined ? {} : { kind }),
      mend: async () => redis?.[Symbol.asyncDispose](),
    };
  }),
  {
    broken: 'Genesys is away',
    by: () => ({ GENESYS_LOGIN_BASE: 'http://127.0.0.1:1' }),
    names: 'genesys login',
    said: /Genesys/,
    remedy: /./,
  },
  {
    broken: "the client's secret is wrong",
    by: () => ({ GENESYS_CLIENT_SECRET: 'other' }),
    names: 'genesys login',
    said: /OAuth|client/,
    remedy: /GENESYS_CLIENT/,
  },
  {
    broken: 'audits are not permitted',
    by: forbidden('audits'),
    names: 'genesys audit events',
    said: /lacks audits:audit:view/,
    remedy: /Grant it to a role/,
    mend: noFaults,
  },
  {
    broken: 'conversations are not permitted',
    by: forbidden('conversations-query'),
    names: 'genesys conversations',
    said: /lacks analytics:conversationDetail:view/,
    remedy: /Grant it to a role/,
    mend: noFaults,
  },
  {
    broken: 'transcripts are not permitted',
    by: forbidden('conversations-transcripts'),
    names: 'genesys transcripts',
    said: /lacks recording:recording:view/,
    remedy: /Grant it to a role/,
    mend: noFaults,
  },
  {
    broken: 'the clock of Genesys is wrong',
    by: () => {
      genesys.headers = skewed();
      return {};
    },
    names: 'genesys clock',
    said: /600 s behind|60\d s behind/,
    remedy: /NTP/,
  },
  {
    broken: 'Elasticsearch is away',
    by: () => ({ ELASTICSEARCH_URL: 'http://127.0.0.1:1' }),
    names: 'elasticsearch',
    said: /could not be reached/,
    remedy: /ELASTICSEARCH_URL/,
  },
  {
    broken: 'the certificate cannot be read',
    by: () => ({ ELASTICSEARCH_CA_FILE: '/nowhere/ca.pem' }),
    names: 'elasticsearch',
    said: /ELASTICSEARCH_CA_FILE/,
    remedy: /PEM file/,
  },
  {
    broken: 'the API key is refused',
    by: () => {
      elasticsearch.answering = () => ({ status: 401, body: { error: { type: 'security_exception' } } });
      return {};
    },
    names: 'elasticsearch',
    said: /401/,
    remedy: /ELASTICSEARCH_API_KEY/,
  },
  {
    broken: 'Elasticsearch is too old',
    by: () => {
      elasticsearch.answering = ({ path: asked }) =>
        asked.startsWith('/_nodes')
          ? { status: 200, body: { nodes: { a: { version: '7.17.20' } } } }
          : asked.startsWith('/_security')
            ? security()
            : null;
      return {};
    },
    names: 'elasticsearch',
    said: /7\.17\.20/,
    remedy: /upgrade/,
  },
  {
    broken: 'a privilege is missing',
    by: () => {
      elasticsearch.answering = ({ path: asked }) =>
        asked.startsWith('/_security') ? security(['manage_index_templates', 'index']) : null;
      return {};
    },
    names: 'elasticsearch privileges',
    said: /lacks manage_index_templates of the cluster, index on/,
    remedy: /Grant/,
  },
  {
    broken: 'an index is write-blocked',
    by: async () => {
      await block(true);
      return {};
    },
    names: 'elasticsearch write blocks',
    said: /Write block 8/,
    remedy: /index\.blocks/,
    mend: () => block(false),
  },
  {
    broken: 'the template was deleted',
    by: async () => {
      await audit.ask('DELETE', `/_index_template/${audit.name}-audit-template`);
      return {};
    },
    names: 'elasticsearch template',
    said: /is gone/,
    remedy: /Restart an indexer/,
    mend: () => audit.sink.install(Date.now()),
  },
  {
    broken: 'the alias was taken off',
    by: async () => {
      await alias('remove');
      return {};
    },
    names: 'elasticsearch alias',
    said: /does not lead to/,
    remedy: /_aliases/,
    mend: () => alias('add'),
  },
  {
    broken: 'one node is to hold replicas',
    by: () => ({ AUDIT_REPLICAS: '1' }),
    names: 'elasticsearch replicas',
    said: /never be green/,
    remedy: /AUDIT_REPLICAS=0/,
  },
  {
    broken: 'the indices are red',
    by: () => {
      elasticsearch.answering = ({ path: asked }) =>
        asked.startsWith(`/_cluster/health/${audit.name}`)
          ? { status: 200, body: { status: 'red', unassigned_shards: 3 } }
          : withSecurity(asked);
      return {};
    },
    names: 'elasticsearch health',
    said: /is red, 3 shards/,
    remedy: /allocation\/explain/,
  },
  {
    broken: 'the bucket is not there',
    by: () => ({ S3_BUCKET: `${archive.bucket.name}-gone` }),
    names: 'bucket',
    said: /404/,
    remedy: /S3_BUCKET/,
  },
  {
    broken: 'the bucket lost its encryption',
    by: async () => {
      await archive.client.send(new DeleteBucketEncryptionCommand({ Bucket: archive.bucket.name }));
      return {};
    },
    names: 'bucket rules',
    said: /no default encryption/,
    remedy: /put-bucket-encryption/,
    mend: secureBucket,
  },
  {
    broken: 'the bucket is open to everybody',
    by: async () => {
      await openBucket();
      return {};
    },
    names: 'bucket rules',
    said: /open to everybody/,
    remedy: /public access block/,
    mend: async () => {
      await archive.client.send(new PutBucketAclCommand({ Bucket: archive.bucket.name, ACL: 'private' }));
      await secureBucket();
    },
  },
  {
    broken: 'no policy enforces TLS',
    by: async () => {
      await archive.client.send(
        new PutBucketPolicyCommand({
          Bucket: archive.bucket.name,
          Policy: policy({ Effect: 'Deny', Action: 's3:DeleteBucket' }),
        }),
      );
      return {};
    },
    names: 'bucket rules',
    said: /enforces TLS/,
    remedy: /SecureTransport/,
    kind: 'look',
    mend: secureBucket,
  },
  {
    broken: 'objects may not be stored',
    by: s3Denies('PUT'),
    names: 'bucket objects',
    said: /403/,
    remedy: /Grant s3:PutObject/,
  },
  {
    broken: 'objects may not be read',
    by: s3Denies('GET'),
    names: 'bucket objects',
    said: /403/,
    remedy: /Grant s3:GetObject/,
  },
  {
    broken: 'objects may not be deleted',
    by: s3Denies('DELETE'),
    names: 'bucket objects',
    said: /403/,
    remedy: /Grant s3:DeleteObject/,
  },
  {
    broken: 'the clock of S3 is wrong',
    by: () => {
      s3.headers = skewed();
      return {};
    },
    names: 'bucket clock',
    said: /behind/,
    remedy: /NTP/,
  },
  {
    broken: 'the stage cannot be written to',
    by: async () => {
      await writeFile(`${stage}-file`, '');
      return { STAGE_URL: `file://${stage}-file/below` };
    },
    names: 'stage',
    said: /stage/i,
    remedy: /./,
    mend: () => rm(`${stage}-file`, { force: true }),
  },
  {
    broken: 'a dead letter was sealed with a key that is gone',
    by: async () => {
      await letterOfAnotherKey();
      return { DEAD_LETTER_INDEX: otherLetters() };
    },
    names: 'payload key',
    said: /sealed with a key/,
    remedy: /former key/,
  },
  {
    broken: 'the webhook lies at a private address',
    by: () => ({ EVENT_BRIDGE_ALLOW_PRIVATE: 'false' }),
    names: 'webhook',
    said: /private, loopback/,
    remedy: /EVENT_BRIDGE_ALLOW_PRIVATE/,
  },
  {
    broken: 'the webhook is away',
    by: () => ({ EVENT_BRIDGE_URL: 'http://127.0.0.1:1/' }),
    names: 'webhook',
    said: /ECONNREFUSED/,
    remedy: /receiver/,
  },
];

function withSecurity(asked: string) {
  return asked.startsWith('/_security') ? security() : null;
}

async function block(on: boolean): Promise<void> {
  await audit.ask('PUT', `/${audit.name}-audit-*/_settings`, { 'index.blocks.write': on ? true : null });
}

async function alias(action: 'add' | 'remove'): Promise<void> {
  await audit.ask('POST', '/_aliases', {
    actions: [{ [action]: { index: `${audit.name}-audit-*`, alias: `${audit.name}-logs` } }],
  });
}

async function openBucket(): Promise<void> {
  const Bucket = archive.bucket.name;
  await archive.client.send(new DeletePublicAccessBlockCommand({ Bucket }));
  await archive.client.send(new PutBucketAclCommand({ Bucket, ACL: 'public-read' }));
}

const otherLetters = (): string => `${audit.name}-other-letters`;

async function letterOfAnotherKey(): Promise<void> {
  const place = { deadLetterIndex: otherLetters(), replicas: 0 };
  const letters = new DeadLetters(audit.elasticsearch, place, new Keyring([randomBytes(32)]));
  await letters.put([refusedEvent]);
  await audit.ask('POST', `/${otherLetters()}/_refresh`);
}

describe('trunkline check', () => {
  test('finds nothing wrong with a system that is whole', async () => {
    reset();
    const { code, results } = await check({});
    expect(notInOrder(results)).toEqual([]);
    expect(code).toBe(0);
    expect(results.filter(({ kind }) => kind === 'ok').length).toBeGreaterThan(20);
  });

  test('leaves no version of its object behind, and says where one stays', async () => {
    reset();
    const Bucket = archive.bucket.name;
    const VersioningConfiguration = { Status: 'Enabled' as const };
    await archive.client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
    const left = async () => {
      const { Versions = [], DeleteMarkers = [] } = await archive.client.send(
        new ListObjectVersionsCommand({ Bucket, Prefix: 'acme/trunkline-check/' }),
      );
      return Versions.length + DeleteMarkers.length;
    };
    const before = await left();
    const said = async () => (await check({})).results.find(({ name }) => name === 'bucket objects');
    expect(await said()).toMatchObject({ kind: 'ok', said: expect.not.stringContaining('stays') });
    expect(await left()).toBe(before);
    s3.answering = ({ method, path: asked }) =>
      method === 'DELETE' && asked.includes('versionId=')
        ? { status: 403, body: '<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>' }
        : null;
    expect(await said()).toMatchObject({ kind: 'ok', said: expect.stringContaining('its version stays') });
  });

  test('asks for what belongs to a conversation that is there, so that the answer proves the permission', async () => {
    reset();
    const { results } = await check({});
    expect(results).toContainEqual({ name: 'genesys transcripts', kind: 'ok', said: 'permitted' });
  });

  test('keeps to the pause that Genesys asked of all processes of the client', async () => {
    reset();
    const client = hash('sha256', 'simulator-client').slice(0, 16);
    const pause = `${deploymentPrefix(audit.name)}:genesys:pause:${client}`;
    await audit.redis.set(pause, '1', 'PX', 300_000);
    const { results } = await check({});
    await audit.redis.del(pause);
    const wrong = results.filter(({ kind }) => kind === 'wrong');
    expect(wrong.length).toBeGreaterThan(0);
    for (const result of wrong)
      expect(result).toMatchObject({
        name: expect.stringMatching(/^genesys /),
        said: expect.stringMatching(/wait|pause/i),
      });
  });

  test('speaks the contract of the guides where that is set', async () => {
    reset();
    const guide = { GENESYS_CONTRACT: 'guide' };
    const whole = await check(guide);
    expect(notInOrder(whole.results)).toEqual([]);
    expect(whole.results.filter(({ name }) => name.startsWith('genesys')).map(({ kind }) => kind)).toEqual(
      Array(4).fill('ok'),
    );
    await simulator.control('faults', { kind: 'forbidden', match: 'eventstreams' });
    const { results } = await check(guide);
    await noFaults();
    expect(notInOrder(results)).toMatchObject([{ name: 'genesys audit events', kind: 'wrong' }]);
  });

  test('names no secret', async () => {
    reset();
    const { out } = await audit.run(['check'], env);
    expect(out).toContain('Nothing is wrong.');
    for (const secret of [audit.key, archive.tokenizationKey, 'simulator-secret'])
      expect(out).not.toContain(secret);
  });

  test('has 30 cases', () => {
    expect(cases.length).toBeGreaterThanOrEqual(30);
  });

  test.each(cases)(
    'names it and its remedy where $broken',
    async ({ by, names, said, remedy, kind, mend }) => {
      reset();
      try {
        const { code, results } = await check(await by());
        expect(notInOrder(results)).toEqual([
          {
            name: names,
            kind: kind ?? 'wrong',
            said: expect.stringMatching(said),
            remedy: expect.stringMatching(remedy),
          },
        ]);
        expect(code).toBe(kind === 'look' ? 0 : 1);
      } finally {
        await mend?.();
      }
    },
  );
});

/** A cluster with security, which the one here has not. */
function reset(): void {
  for (const relay of [elasticsearch, s3, genesys]) relay.reset();
  elasticsearch.answering = ({ path: asked }) => withSecurity(asked);
}

function notInOrder(results: readonly Result[]): Result[] {
  return results.filter(({ kind }) => kind === 'wrong' || kind === 'look');
}
