import { genesysDefaults, guideApiBase } from '@trunkline/genesys';
import {
  type CrossCheck,
  checkElasticsearchSettings,
  elasticsearchSettings,
  httpUrl,
  optionalSetting,
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

const filters = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue('must be a JSON array of {"field", "operator", "value"}');
      return z.NEVER;
    }
  })
  .pipe(
    z.array(
      z.strictObject({
        field: z.string().min(1),
        operator: z.enum(['EQUAL', 'NOT_EQUAL']),
        value: z.string(),
      }),
      'must be a JSON array of {"field", "operator", "value"}',
    ),
  );

/** How Genesys Cloud is reached. */
export const genesysSettings = {
  contract: setting({
    env: 'GENESYS_CONTRACT',
    schema: z.enum(['guide'], 'must be guide'),
    default: 'guide',
    summary: 'which HTTP contract the service speaks: `guide`',
  }),
  apiBase: optionalSetting({
    env: 'GENESYS_API_BASE',
    schema: httpUrl,
    summary: 'base URL of the API, as it is (or GENESYS_SUBDOMAIN)',
  }),
  subdomain: optionalSetting({
    env: 'GENESYS_SUBDOMAIN',
    schema: z
      .string()
      .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i, 'must be what stands before .mypurecloud.com'),
    summary: 'the organisation: its API is `https://<subdomain>.mypurecloud.com`',
  }),
  clientId: setting({
    env: 'GENESYS_CLIENT_ID',
    schema: z.string(),
    summary: 'OAuth client (client credentials) of a dedicated service account',
  }),
  clientSecret: setting({
    env: 'GENESYS_CLIENT_SECRET',
    schema: z.string(),
    secret: true,
    summary: "the client's secret",
  }),
  ratePerSecond: setting({
    env: 'GENESYS_RATE_PER_SECOND',
    schema: wholeNumber(0, 1_000_000),
    default: String(genesysDefaults.ratePerSecond),
    summary: 'requests a second of all processes with this client id together; 0 = no limit',
  }),
  timeoutMs: setting({
    env: 'GENESYS_TIMEOUT_SECONDS',
    schema: secondsAsMs(0.5, 3_600),
    default: '30',
    summary: 'longest wait for the head of a reply and between two parts of its body',
  }),
  backoffMinMs: setting({
    env: 'GENESYS_BACKOFF_MIN_SECONDS',
    schema: secondsAsMs(0.01, 3_600),
    default: '1',
    summary: 'first wait after a failure; doubles, with jitter, for ever',
  }),
  backoffMaxMs: setting({
    env: 'GENESYS_BACKOFF_MAX_SECONDS',
    schema: secondsAsMs(0.01, 86_400),
    default: '300',
    summary: 'longest wait after a failure',
  }),
  pauseMs: setting({
    env: 'GENESYS_PAUSE_SECONDS',
    schema: secondsAsMs(0.01, 86_400),
    default: '30',
    summary: 'pause of all processes after a 429 that names no time',
  }),
  maxPageBytes: setting({
    env: 'GENESYS_MAX_PAGE_BYTES',
    schema: wholeNumber(1_024),
    default: String(genesysDefaults.maxBodyBytes),
    summary: 'a larger reply is not read but asked for again, with an alarm',
  }),
  httpProxy: optionalSetting({ env: 'HTTP_PROXY', schema: httpUrl, summary: 'outbound proxy for `http:`' }),
  httpsProxy: optionalSetting({
    env: 'HTTPS_PROXY',
    schema: httpUrl,
    summary: 'outbound proxy for `https:`',
  }),
  noProxy: optionalSetting({
    env: 'NO_PROXY',
    schema: z.string(),
    summary: 'hosts that are reached without the proxy',
  }),
} as const;

/** What is polled, how often, and when polling holds back. */
export const auditStreamSettings = {
  stream: setting({
    env: 'AUDIT_STREAM',
    schema: z.string().regex(/^[A-Za-z0-9_.]{1,64}$/, 'must be 1-64 letters, digits, dots or underscores'),
    default: 'default',
    summary: 'id of the stream (an organisation and a filter) in Redis, jobs and documents',
  }),
  filters: setting({
    env: 'AUDIT_FILTERS',
    schema: filters,
    default: JSON.stringify(genesysDefaults.filters),
    summary: 'filters of the event stream, as JSON',
  }),
  pageLimit: setting({
    env: 'AUDIT_PAGE_LIMIT',
    schema: wholeNumber(1, 100),
    default: String(genesysDefaults.limit),
    summary: 'events a page; a page is a batch and a job',
  }),
  pollIntervalMs: setting({
    env: 'AUDIT_POLL_INTERVAL_SECONDS',
    schema: secondsAsMs(0.2, 3_600),
    default: '5',
    summary: 'wait between polls when the stream is drained (5-10 s advised)',
  }),
  replayWindowMs: setting({
    env: 'AUDIT_REPLAY_WINDOW_HOURS',
    schema: wholeNumber(1, 24 * 366).transform((hours) => hours * 3_600_000),
    default: '24',
    summary: 'how far back Genesys serves events without a cursor',
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
  audit: auditStreamSettings,
  elasticsearch: elasticsearchSettings,
  payload: payloadSettings,
  worker: { attempts: queueWorkerSettings.attempts },
} as const;

export type FetcherConfig = Values<typeof fetcherSettings>;

/** Rules over several of the fetcher's settings. */
export const checkFetcherSettings: CrossCheck<typeof fetcherSettings> = (values) => {
  const problems: string[] = [];
  const { genesys, audit, elasticsearch } = values;
  if (elasticsearch !== undefined) problems.push(...checkElasticsearchSettings(elasticsearch));
  if (genesys?.apiBase === null && genesys.subdomain === null) {
    problems.push('GENESYS_API_BASE or GENESYS_SUBDOMAIN is missing');
  }
  if (genesys?.apiBase && genesys.subdomain) {
    problems.push('GENESYS_API_BASE and GENESYS_SUBDOMAIN are both set: keep one of them');
  }
  if (genesys && genesys.backoffMinMs > genesys.backoffMaxMs) {
    problems.push('GENESYS_BACKOFF_MIN_SECONDS must not be above GENESYS_BACKOFF_MAX_SECONDS');
  }
  if (audit && audit.lowWater >= audit.highWater)
    problems.push('QUEUE_LOW_WATER must be below QUEUE_HIGH_WATER');
  if (audit && audit.leaseRenewMs * 2 > audit.leaseTtlMs) {
    problems.push('LEASE_RENEW_SECONDS must be at most half of LEASE_TTL_SECONDS');
  }
  return problems;
};

/** The API base that the settings name. */
function apiBaseOf(genesys: FetcherConfig['genesys']): string {
  return genesys.apiBase ?? guideApiBase(genesys.subdomain ?? '');
}

/** The settings of the connection to Genesys, in its own terms. */
export function genesysConnectionSettings(config: FetcherConfig) {
  const { genesys, audit } = config;
  const { httpProxy, httpsProxy, noProxy } = genesys;
  return {
    apiBase: apiBaseOf(genesys),
    clientId: genesys.clientId,
    clientSecret: genesys.clientSecret,
    ratePerSecond: genesys.ratePerSecond,
    timeoutMs: genesys.timeoutMs,
    backoffMinMs: genesys.backoffMinMs,
    backoffMaxMs: genesys.backoffMaxMs,
    pauseMs: genesys.pauseMs,
    maxBodyBytes: genesys.maxPageBytes,
    proxy:
      httpProxy === null && httpsProxy === null
        ? null
        : { http: httpProxy ?? '', https: httpsProxy ?? '', noProxy: noProxy ?? '' },
    filters: audit.filters,
    limit: audit.pageLimit,
  };
}
