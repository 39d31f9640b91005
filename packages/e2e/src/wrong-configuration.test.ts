import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { newSystemNames, type ProcessKind, systemEnvironment, TrunklineProcess } from '@trunkline/test-kit';
import { expect, test } from 'vitest';

/** Nothing of it is reached: a wrong configuration is told before anything is started. */
const nowhere = {
  redisUrl: 'redis://127.0.0.1:1',
  elasticsearchUrl: 'http://127.0.0.1:1',
  genesysUrl: 'http://127.0.0.1:1',
};

const secret = 'correct-horse-battery-staple';

const wrong: { kind: ProcessKind; what: string; change: Record<string, string>; told: string[] }[] = [
  {
    kind: 'fetcher',
    what: 'several settings at once',
    change: {
      REDIS_URL: 'localhost:6379',
      GENESYS_CLIENT_ID: '',
      PAYLOAD_KEY: secret,
      AUDIT_POLL_INTERVAL_SECONDS: 'fast',
      AUDIT_FILTERS: '[{"field":1}]',
      LEASE_TTL_SECONDS: '0.1',
    },
    told: [
      'REDIS_URL',
      'GENESYS_CLIENT_ID is missing',
      'PAYLOAD_KEY must be base64 of 32 bytes',
      'AUDIT_POLL_INTERVAL_SECONDS must be a number',
      'AUDIT_FILTERS',
      'LEASE_TTL_SECONDS must be at least 1',
    ],
  },
  {
    kind: 'fetcher',
    what: 'nothing that names the organisation',
    change: { GENESYS_API_BASE: '' },
    told: ['GENESYS_API_BASE or GENESYS_SUBDOMAIN is missing'],
  },
  {
    kind: 'indexer',
    what: 'several settings at once',
    change: {
      ELASTICSEARCH_URL: 'elastic:9200',
      ES_REQUIRED_HEALTH: 'blue',
      AUDIT_INDEX_PREFIX: 'Upper-',
      WORKER_CONCURRENCY: '0',
      PAYLOAD_KEY_FILE: '/nowhere/key',
      PAYLOAD_KEY: '',
    },
    told: [
      'ELASTICSEARCH_URL must be an http(s) URL',
      'ES_REQUIRED_HEALTH must be green or yellow',
      'AUDIT_INDEX_PREFIX must be lower-case',
      'WORKER_CONCURRENCY must be at least 1',
      'PAYLOAD_KEY_FILE: the file cannot be read (ENOENT)',
    ],
  },
  {
    kind: 'indexer',
    what: 'two ways to log in',
    change: { ELASTICSEARCH_API_KEY: secret, ELASTICSEARCH_USERNAME: 'elastic' },
    told: [
      'ELASTICSEARCH_API_KEY and ELASTICSEARCH_USERNAME are both set',
      'ELASTICSEARCH_PASSWORD is missing',
    ],
  },
  {
    kind: 'dashboard',
    what: 'open to everybody, and a port that is none',
    change: { DASHBOARD_HOST: '0.0.0.0', DASHBOARD_PORT: '99999' },
    told: ['DASHBOARD_USERS is missing', 'DASHBOARD_PORT must be at most 65535'],
  },
];

test.concurrent.for(wrong)(
  '$kind: $what: one message names every problem, exit code 78',
  async ({ kind, change, told }) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'trunkline-config-'));
    try {
      const env = { ...systemEnvironment(newSystemNames(), nowhere), ...change };
      const started = await TrunklineProcess.start({ kind, name: kind, env, folder });
      expect(await started.exited).toEqual({ code: 78, signal: null });
      const text = started.log.text();
      for (const problem of told) expect(text).toContain(problem);
      expect(text.match(/^ {2}- /gm)).toHaveLength(told.length);
      expect(text).not.toContain(secret);
      expect(started.log.events('process.started')).toEqual([]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
);
