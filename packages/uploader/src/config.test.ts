import { expect, test } from 'vitest';
import { loadUploaderSettings } from './config.ts';

const env = {
  REDIS_URL: 'redis://localhost',
  AWS_REGION: 'eu-central-1',
  S3_BUCKET: 'archive',
  PAYLOAD_KEY: Buffer.alloc(32).toString('base64'),
  TOKENIZATION_KEY: 'x'.repeat(32),
  ELASTICSEARCH_URL: 'http://localhost:9200',
};

function problems(changes: NodeJS.ProcessEnv): string {
  try {
    loadUploaderSettings({ ...env, ...changes });
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

test('the least configuration of an uploader is enough, and Elasticsearch can be left out', () => {
  expect(problems({})).toBe('');
  expect(problems({ ELASTICSEARCH_URL: '', COMPLIANCE_SEARCH: 'none' })).toBe('');
});

test('every problem is named at once', () => {
  const message = problems({
    S3_BUCKET: '',
    TOKENIZATION_KEY: 'short',
    ELASTICSEARCH_URL: '',
    ARCHIVE_KMS_KEY_ID: 'k',
    BUCKET_GATE_MAX_AGE_SECONDS: '61',
    EVENT_BRIDGE_SECRET: 'guess me',
  });
  for (const part of [
    'S3_BUCKET is missing',
    'TOKENIZATION_KEY must be at least 32 bytes',
    'COMPLIANCE_SEARCH=none',
    'ARCHIVE_KMS_KEY_ID is set',
    'BUCKET_GATE_MAX_AGE_SECONDS',
    'EVENT_BRIDGE_SECRET must be base64',
  ]) {
    expect(message).toContain(part);
  }
  expect(message).not.toContain('guess me');
});
