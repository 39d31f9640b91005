import { TrunklineError } from '@trunkline/contracts';
import { connectionSettings, genesysDefaults } from '@trunkline/genesys';
import { loadSettings } from '@trunkline/service';
import { describe, expect, it } from 'vitest';
import { checkFetcherSettings, fetcherSettings } from './config.ts';

const complete = {
  REDIS_URL: 'redis://localhost',
  ELASTICSEARCH_URL: 'http://localhost:9200',
  GENESYS_SUBDOMAIN: 'acme',
  GENESYS_CLIENT_ID: 'id',
  GENESYS_CLIENT_SECRET: 'secret',
  PAYLOAD_KEY: Buffer.alloc(32, 1).toString('base64'),
};

function problems(env: NodeJS.ProcessEnv): string {
  try {
    loadSettings(fetcherSettings, env, checkFetcherSettings);
    return '';
  } catch (error) {
    if (error instanceof TrunklineError) return error.message;
    throw error;
  }
}

describe("the fetcher's settings", () => {
  it('need addresses, credentials and a key, and have defaults for the rest', () => {
    const config = loadSettings(fetcherSettings, complete, checkFetcherSettings);
    expect(config.audit).toMatchObject({
      pollIntervalMs: 5_000,
      leaseTtlMs: 15_000,
      highWater: 2_000,
      lowWater: 1_000,
    });
    expect(connectionSettings(config.genesys, config.audit)).toEqual({
      ...genesysDefaults,
      apiBase: 'https://acme.mypurecloud.com',
      clientId: 'id',
      clientSecret: 'secret',
    });
  });

  it('are all missed in one message', () => {
    const message = problems({});
    for (const name of Object.keys(complete).filter((name) => !/SUBDOMAIN|ELASTIC/.test(name))) {
      expect(message).toContain(`${name} is missing`);
    }
    expect(message).toContain('GENESYS_API_BASE or GENESYS_SUBDOMAIN is missing');
    expect(message).toContain('ELASTICSEARCH_URL or ELASTICSEARCH_CLOUD_ID is missing');
  });

  it.each([
    [{ GENESYS_API_BASE: 'http://x' }, 'GENESYS_API_BASE and GENESYS_SUBDOMAIN are both set'],
    [{ QUEUE_LOW_WATER: '2000' }, 'QUEUE_LOW_WATER must be below'],
    [{ LEASE_RENEW_SECONDS: '10' }, 'LEASE_RENEW_SECONDS must be at most half'],
    [{ AUDIT_FILTERS: '[{"field":"a"}]' }, 'AUDIT_FILTERS'],
    [{ AUDIT_FILTERS: 'nonsense' }, 'AUDIT_FILTERS must be a JSON array'],
    [{ AUDIT_PAGE_LIMIT: '101' }, 'AUDIT_PAGE_LIMIT must be at most 100'],
    [{ PAYLOAD_KEY: 'short' }, 'PAYLOAD_KEY must be base64 of 32 bytes'],
    [{ GENESYS_CONTRACT: 'platform' }, 'GENESYS_CONTRACT must be guide'],
    [{ REDIS_URL: 'http://x' }, 'REDIS_URL must be a redis://'],
  ])('name what is wrong with %j', (env, problem) => {
    expect(problems({ ...complete, ...env })).toContain(problem);
  });
});
