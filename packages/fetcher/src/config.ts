import {
  auditSourceSettings,
  type CrossCheck,
  checkElasticsearchSettings,
  checkGenesysSettings,
  elasticsearchSettings,
  genesysSettings,
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

/** How often it is polled, and when polling holds back. */
const pollingSettings = {
  pollIntervalMs: setting({
    env: 'AUDIT_POLL_INTERVAL_SECONDS',
    schema: secondsAsMs(0.2, 3_600),
    default: '5',
    summary: 'wait between polls when the stream is drained (5-10 s advised)',
  }),
  probeIntervalMs: setting({
    env: 'GENESYS_PROBE_SECONDS',
    schema: secondsAsMs(0.2, 86_400),
    default: '300',
    summary: 'how often wrong credentials or a missing permission are tried again',
  }),
  leaseTtlMs: setting({
    env: 'LEASE_TTL_SECONDS',
    schema: secondsAsMs(1, 3_600),
    default: '15',
    summary: 'how long the lease of a fetcher that died keeps others waiting',
  }),
  leaseRenewMs: setting({
    env: 'LEASE_RENEW_SECONDS',
    schema: secondsAsMs(0.2, 1_200),
    default: '5',
    summary: 'how often the lease is renewed, and tried for by those who wait',
  }),
  auditIntervalMs: setting({
    env: 'RECOVERY_AUDIT_SECONDS',
    schema: secondsAsMs(0.5, 86_400),
    default: '60',
    summary: 'how often the holder looks for batches that are missing from the queue',
  }),
  checkpointIntervalMs: setting({
    env: 'CHECKPOINT_INTERVAL_SECONDS',
    schema: secondsAsMs(0.2, 3_600),
    default: '5',
    summary: 'how often, at most, the indexed cursor is mirrored to Elasticsearch',
  }),
  highWater: setting({
    env: 'QUEUE_HIGH_WATER',
    schema: wholeNumber(1),
    default: '2000',
    summary: 'batches on the queue from which on new ones go to the spool',
  }),
  lowWater: setting({
    env: 'QUEUE_LOW_WATER',
    schema: wholeNumber(0),
    default: '1000',
    summary: 'batches on the queue below which the spool is drained',
  }),
  spoolDir: setting({
    env: 'SPOOL_DIR',
    schema: z.string(),
    default: '/var/lib/trunkline/spool',
    summary:
      'folder for batches that the queue has no room for (sealed); on a disk that outlives the process',
  }),
  spoolMaxBytes: setting({
    env: 'SPOOL_MAX_BYTES',
    schema: wholeNumber(1_048_576),
    default: String(2 * 1024 ** 3),
    summary: 'size at which the spool is full and polling waits',
  }),
  spoolMaxDiskPercent: setting({
    env: 'SPOOL_MAX_DISK_PERCENT',
    schema: wholeNumber(1, 100),
    default: '80',
    summary: 'share of its disk in use at which the spool counts as full',
  }),
} as const;

export const fetcherSettings = {
  process: processSettings,
  redis: redisSettings,
  genesys: genesysSettings,
  audit: { ...auditSourceSettings, ...pollingSettings },
  elasticsearch: elasticsearchSettings,
  payload: payloadSettings,
  worker: { attempts: queueWorkerSettings.attempts },
} as const;

export type FetcherConfig = Values<typeof fetcherSettings>;

/** Rules over several of the fetcher's settings. */
export const checkFetcherSettings: CrossCheck<typeof fetcherSettings> = ({
  genesys,
  audit,
  elasticsearch,
}) => {
  const problems: string[] = [];
  if (elasticsearch !== undefined) problems.push(...checkElasticsearchSettings(elasticsearch));
  if (genesys !== undefined) problems.push(...checkGenesysSettings(genesys));
  if (audit && audit.lowWater >= audit.highWater) {
    problems.push('QUEUE_LOW_WATER must be below QUEUE_HIGH_WATER');
  }
  if (audit && audit.leaseRenewMs * 2 > audit.leaseTtlMs) {
    problems.push('LEASE_RENEW_SECONDS must be at most half of LEASE_TTL_SECONDS');
  }
  return problems;
};
