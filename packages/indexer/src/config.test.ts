import { expect, test } from 'vitest';
import { loadIndexerSettings } from './config.ts';

const complete = {
  REDIS_URL: 'redis://localhost',
  ELASTICSEARCH_URL: 'http://localhost:9200',
  PAYLOAD_KEY: Buffer.alloc(32).toString('base64'),
};

test('the defaults are those of the table of requirements', () => {
  const { indexing, worker } = loadIndexerSettings(complete);
  expect(indexing).toMatchObject({
    routing: 'resourceType',
    retentionDays: 365,
    requiredHealth: 'green',
    healthScope: 'indices',
    healthMaxAgeMs: 1_000,
    bulkEvents: 1_000,
    bulkBytes: 5_000_000,
    breakerFailures: 3,
    breakerHalfOpenMs: 30_000,
    earliest: Date.UTC(2010, 0, 1),
    latest: Date.UTC(2100, 0, 1),
  });
  expect(worker).toMatchObject({ lockDurationMs: 30_000, stalledIntervalMs: 15_000, attempts: 8 });
});

test('every problem is named in one message', () => {
  const env = {
    AUDIT_ROUTING: 'shard',
    ES_REQUIRED_HEALTH: 'red',
    AUDIT_EARLIEST_DATE: '2030-01-01',
    AUDIT_LATEST_DATE: '2020-01-01',
    WORKER_LOCK_SECONDS: '5',
    WORKER_STALLED_INTERVAL_SECONDS: '6',
    AUDIT_RETENTION_DAYS: '0',
  };
  let message = '';
  try {
    loadIndexerSettings(env);
  } catch (error) {
    message = String(error);
  }
  for (const name of [...Object.keys(env), 'REDIS_URL', 'PAYLOAD_KEY', 'ELASTICSEARCH_URL']) {
    expect(message).toContain(name);
  }
});
