import { TrunklineError } from '@trunkline/contracts';
import { connectionSettings, genesysDefaults } from '@trunkline/genesys';
import { settingsOf } from '@trunkline/service';
import { describe, expect, it } from 'vitest';
import { loadFetcherSettings } from './config.ts';

const complete = {
  FETCHER_PIPELINES: 'audit',
  REDIS_URL: 'redis://localhost',
  ELASTICSEARCH_URL: 'http://localhost:9200',
  GENESYS_SUBDOMAIN: 'acme',
  GENESYS_CLIENT_ID: 'id',
  GENESYS_CLIENT_SECRET: 'secret',
  PAYLOAD_KEY: Buffer.alloc(32, 1).toString('base64'),
};

function problems(env: NodeJS.ProcessEnv): string {
  try {
    loadFetcherSettings(env);
    return '';
  } catch (error) {
    if (error instanceof TrunklineError) return error.message;
    throw error;
  }
}

describe("the fetcher's settings", () => {
  it('need addresses, credentials and a key, and have defaults for the rest', () => {
    const { common, audit, archive } = loadFetcherSettings(complete);
    expect(archive).toBeNull();
    expect(audit?.audit).toMatchObject({
      pollIntervalMs: 5_000,
      leaseTtlMs: 15_000,
      highWater: 2_000,
      lowWater: 1_000,
    });
    const stream = audit?.audit ?? { filters: [], pageLimit: 1, replayWindowMs: 0 };
    expect(connectionSettings(common.genesys, stream)).toEqual({
      ...genesysDefaults,
      apiBase: 'https://acme.mypurecloud.com',
      loginBase: 'https://acme.mypurecloud.com',
      downloadHosts: ['.amazonaws.com', 'acme.mypurecloud.com'],
      clientId: 'id',
      clientSecret: 'secret',
    });
  });

  it('are all missed in one message', () => {
    const message = problems({});
    const required = [...Object.keys(complete), 'AWS_REGION', 'S3_BUCKET'];
    for (const name of required.filter((name) => !/SUBDOMAIN|ELASTIC|PIPELINES/.test(name))) {
      expect(message).toContain(`${name} is missing`);
    }
    expect(message).toContain('GENESYS_API_BASE or GENESYS_SUBDOMAIN is missing');
    expect(message).toContain('ELASTICSEARCH_URL or ELASTICSEARCH_CLOUD_ID is missing');
  });

  it('are those of its pipelines alone', () => {
    const { ELASTICSEARCH_URL: _, ...rest } = complete;
    const archiveOnly = {
      ...rest,
      FETCHER_PIPELINES: 'archive',
      AWS_REGION: 'eu-central-1',
      S3_BUCKET: 'acme',
    };
    const { audit, archive, settings } = loadFetcherSettings(archiveOnly);
    expect(audit).toBeNull();
    expect(archive?.archive).toMatchObject({
      planCron: '*/10 * * * *',
      windowMs: 86_400_000,
      mediaTypes: null,
      pageSize: 100,
      storageClass: 'STANDARD_IA',
      batchConversations: 500,
      batchBytes: 16_777_216,
      concurrency: 2,
    });
    const shown = settingsOf(settings).map(({ env }) => env);
    expect(shown).toContain('STAGE_URL');
    expect(shown).not.toContain('SPOOL_DIR');
    expect(problems({ ...archiveOnly, FETCHER_PIPELINES: '' })).toContain('ELASTICSEARCH_URL or');
  });

  it.each([
    [{ FETCHER_PIPELINES: 'audit,replay' }, 'FETCHER_PIPELINES must name audit, archive or both'],
    [{ FETCHER_PIPELINES: 'archive' }, 'S3_BUCKET is missing'],
    [
      { FETCHER_PIPELINES: 'archive', ARCHIVE_PLAN_CRON: 'daily' },
      'ARCHIVE_PLAN_CRON must be a cron pattern',
    ],
    [{ FETCHER_PIPELINES: 'archive', ARCHIVE_STORAGE_CLASS: 'COLD' }, 'ARCHIVE_STORAGE_CLASS must be one of'],
    [
      { FETCHER_PIPELINES: 'archive', WORKER_LOCK_SECONDS: '5' },
      'WORKER_STALLED_INTERVAL_SECONDS must not be',
    ],
    [{ GENESYS_API_BASE: 'http://x' }, 'GENESYS_API_BASE and GENESYS_SUBDOMAIN are both set'],
    [{ QUEUE_LOW_WATER: '2000' }, 'QUEUE_LOW_WATER must be below'],
    [{ LEASE_RENEW_SECONDS: '10' }, 'LEASE_RENEW_SECONDS must be at most half'],
    [{ AUDIT_FILTERS: '[{"field":"a"}]' }, 'AUDIT_FILTERS'],
    [{ AUDIT_FILTERS: 'nonsense' }, 'AUDIT_FILTERS must be a JSON array'],
    [{ AUDIT_PAGE_LIMIT: '101' }, 'AUDIT_PAGE_LIMIT must be at most 100'],
    [{ PAYLOAD_KEY: 'short' }, 'PAYLOAD_KEY must be base64 of 32 bytes'],
    [{ GENESYS_CONTRACT: 'guides' }, 'GENESYS_CONTRACT must be guide or platform'],
    [{ GENESYS_CONTRACT: 'platform' }, 'GENESYS_SUBDOMAIN is of the guide contract'],
    [{ GENESYS_CONTRACT: 'platform', GENESYS_SUBDOMAIN: '' }, 'GENESYS_REGION is missing'],
    [
      { GENESYS_CONTRACT: 'platform', GENESYS_SUBDOMAIN: '', GENESYS_API_BASE: 'https://gateway/genesys' },
      'GENESYS_REGION is missing (a gateway: GENESYS_API_BASE and GENESYS_LOGIN_BASE)',
    ],
    [{ GENESYS_REGION: 'eu-central-1' }, 'GENESYS_REGION is of the platform contract'],
    [{ GENESYS_REGION: 'eu-central-9' }, 'GENESYS_REGION must be a domain such as mypurecloud.de, or one of'],
    [{ GENESYS_DOWNLOAD_HOSTS: 'https://x' }, 'GENESYS_DOWNLOAD_HOSTS must name hosts'],
    [{ REDIS_URL: 'http://x' }, 'REDIS_URL must be a redis://'],
  ])('name what is wrong with %j', (env, problem) => {
    expect(problems({ ...complete, ...env })).toContain(problem);
  });
});
