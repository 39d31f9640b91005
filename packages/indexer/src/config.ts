import {
  auditPlaceSettings,
  type CrossCheck,
  checkAuditPlaces,
  checkElasticsearchSettings,
  elasticsearchSettings,
  loadSettings,
  organisationsSettings,
  payloadSettings,
  processSettings,
  queueWorkerSettings,
  redisSettings,
  secondsAsMs,
  setting,
  type Values,
  wholeNumber,
} from '@trunkline/service';
import { z } from 'zod';

/** Where events go, and when they may be written. */
const indexingSettings = {
  ...auditPlaceSettings,
  retentionDays: setting({
    env: 'AUDIT_RETENTION_DAYS',
    schema: wholeNumber(1, 36_500),
    default: '365',
    summary: 'days that a daily index is kept (by ILM where the cluster has it)',
  }),
  requiredHealth: setting({
    env: 'ES_REQUIRED_HEALTH',
    schema: z.enum(['green', 'yellow'], 'must be green or yellow'),
    default: 'green',
    summary: 'least health for indexing: `green`, or `yellow` for clusters where yellow is normal',
  }),
  healthScope: setting({
    env: 'ES_HEALTH_SCOPE',
    schema: z.enum(['indices', 'cluster'], 'must be indices or cluster'),
    default: 'indices',
    summary: 'whose health counts: that of the audit `indices`, or of the whole `cluster`',
  }),
  healthMaxAgeMs: setting({
    env: 'ES_HEALTH_MAX_AGE_SECONDS',
    schema: secondsAsMs(0.05, 60),
    default: '1',
    summary: 'how long a health answer counts before the cluster is asked again',
  }),
  probeMs: setting({
    env: 'ES_PROBE_SECONDS',
    schema: secondsAsMs(0.2, 86_400),
    default: '300',
    summary: 'how often a refused permission, or a cluster that refuses every event, is tried again',
  }),
  bulkEvents: setting({
    env: 'BULK_MAX_EVENTS',
    schema: wholeNumber(1, 100_000),
    default: '1000',
    summary: 'most events in one bulk request; batches in hand share one',
  }),
  bulkBytes: setting({
    env: 'BULK_MAX_BYTES',
    schema: wholeNumber(10_000, 100_000_000),
    default: '5000000',
    summary: 'most bytes in one bulk request; a single larger event is sent alone',
  }),
  bulkLingerMs: setting({
    env: 'BULK_LINGER_MS',
    schema: wholeNumber(0, 1_000),
    default: '5',
    summary: 'how long a bulk request waits for other batches, in milliseconds',
  }),
  bulksInFlight: setting({
    env: 'BULKS_IN_FLIGHT',
    schema: wholeNumber(1, 64),
    default: '2',
    summary: 'bulk requests that one indexer has under way at a time, each of WORKER_CONCURRENCY batches',
  }),
  breakerFailures: setting({
    env: 'BREAKER_FAILURES',
    schema: wholeNumber(1, 1_000),
    default: '3',
    summary: 'bulk requests that must fail as a whole, one after another, for the circuit breaker to open',
  }),
  breakerHalfOpenMs: setting({
    env: 'BREAKER_HALF_OPEN_SECONDS',
    schema: secondsAsMs(0.1, 3_600),
    default: '30',
    summary: 'how long the breaker stays open before one request is tried',
  }),
} as const;

export const indexerSettings = {
  process: processSettings,
  organisations: organisationsSettings,
  redis: redisSettings,
  elasticsearch: elasticsearchSettings,
  payload: payloadSettings,
  worker: queueWorkerSettings,
  indexing: indexingSettings,
} as const;

export type IndexerConfig = Values<typeof indexerSettings>;

/** @throws TrunklineError CONFIG_INVALID */
export function loadIndexerSettings(env: NodeJS.ProcessEnv): IndexerConfig {
  return loadSettings(indexerSettings, env, checkIndexerSettings);
}

const checkIndexerSettings: CrossCheck<typeof indexerSettings> = ({ elasticsearch, worker, indexing }) => {
  const problems = elasticsearch === undefined ? [] : checkElasticsearchSettings(elasticsearch);
  if (indexing !== undefined) problems.push(...checkAuditPlaces(indexing));
  if (worker?.lockDurationMs !== undefined && worker.stalledIntervalMs > worker.lockDurationMs) {
    problems.push('WORKER_STALLED_INTERVAL_SECONDS must not be longer than WORKER_LOCK_SECONDS');
  }
  return problems;
};
