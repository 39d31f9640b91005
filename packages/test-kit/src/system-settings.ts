import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Contract } from '@trunkline/local-stack';
import type { SimulatorOptions } from '@trunkline/simulator';

/** Names that keep one system apart from all others on the same Redis and Elasticsearch. */
export interface SystemNames {
  /** TRUNKLINE_PREFIX, and the start of the name of every index and template. */
  id: string;
  indexPrefix: string;
  alias: string;
  stateIndex: string;
  deadLetterIndex: string;
  clientId: string;
  clientSecret: string;
  /** Base64 of 32 bytes. */
  payloadKey: string;
}

export function newSystemNames(): SystemNames {
  const id = `t${randomBytes(5).toString('hex')}`;
  return {
    id,
    indexPrefix: `${id}-audit-`,
    alias: `${id}-logs`,
    stateIndex: `${id}-state`,
    deadLetterIndex: `${id}-dead-letters`,
    clientId: `${id}-client`,
    clientSecret: randomBytes(24).toString('hex'),
    payloadKey: randomBytes(32).toString('base64'),
  };
}

export interface SystemAddresses {
  redisUrl: string;
  elasticsearchUrl: string;
  genesysUrl: string;
  /** Default: the guide's. */
  contract?: Contract | undefined;
}

/**
 * The environment of every process of a system: as in production, with all that is waited for shortened, so that a test of
 * what happens after a crash takes seconds.
 */
export function systemEnvironment(names: SystemNames, addresses: SystemAddresses): Record<string, string> {
  return {
    TRUNKLINE_PREFIX: names.id,
    FETCHER_PIPELINES: 'audit',
    REDIS_URL: addresses.redisUrl,
    ELASTICSEARCH_URL: addresses.elasticsearchUrl,
    AUDIT_INDEX_PREFIX: names.indexPrefix,
    AUDIT_READ_ALIAS: names.alias,
    STATE_INDEX: names.stateIndex,
    DEAD_LETTER_INDEX: names.deadLetterIndex,
    AUDIT_SHARDS: '1',
    AUDIT_REPLICAS: '0',
    PAYLOAD_KEY: names.payloadKey,
    SPOOL_DIR: join(tmpdir(), 'trunkline-test-spool'),
    GENESYS_CONTRACT: addresses.contract ?? 'guide',
    GENESYS_API_BASE: addresses.genesysUrl,
    ...(addresses.contract === 'platform' ? { GENESYS_LOGIN_BASE: addresses.genesysUrl } : {}),
    GENESYS_CLIENT_ID: names.clientId,
    GENESYS_CLIENT_SECRET: names.clientSecret,
    HTTP_PORT: '0',
    LOG_LEVEL: 'debug',
    SHUTDOWN_DEADLINE_SECONDS: '60',
    AUDIT_POLL_INTERVAL_SECONDS: '0.2',
    GENESYS_BACKOFF_MIN_SECONDS: '0.05',
    GENESYS_BACKOFF_MAX_SECONDS: '0.5',
    GENESYS_PAUSE_SECONDS: '0.5',
    GENESYS_PROBE_SECONDS: '0.5',
    LEASE_TTL_SECONDS: '2',
    LEASE_RENEW_SECONDS: '0.5',
    RECOVERY_AUDIT_SECONDS: '1',
    CHECKPOINT_INTERVAL_SECONDS: '0.3',
    WORKER_LOCK_SECONDS: '2',
    WORKER_STALLED_INTERVAL_SECONDS: '1',
    ES_HEALTH_MAX_AGE_SECONDS: '0.2',
    ES_PROBE_SECONDS: '0.5',
    BREAKER_HALF_OPEN_SECONDS: '0.5',
    // Not shortened much: on a busy machine a request that is given up too early is made again for ever.
    ELASTICSEARCH_TIMEOUT_SECONDS: '30',
    GENESYS_TIMEOUT_SECONDS: '15',
  };
}

/**
 * What else every process of a system is told under the platform contract: the shortest times that there are. Whoever wants sweeps
 * and histories faster lets the simulator's clock run faster.
 */
export const platformEnvironment: Readonly<Record<string, string>> = {
  // No limit: the simulator has none either, where a test does not set one.
  GENESYS_RATE_PER_SECOND: '0',
  AUDIT_OVERLAP_MINUTES: '1',
  AUDIT_HISTORY_MINUTES: '1',
};

/** The platform contract of a simulator of which a test says nothing else: no limit, and every row at its time. */
export const calmPlatform: SimulatorOptions = {
  rateLimit: null,
  audits: { lateShare: 0, querySeconds: 0.2 },
};
