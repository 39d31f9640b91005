import { defaultDateBounds } from '@trunkline/elasticsearch-sink';
import { type GenesysSettings, genesysDefaults, guideApiBase } from '@trunkline/genesys';
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

/**
 * The settings of the commands: the variables that the processes read, each command only those it uses. Those of Genesys, of
 * the stream and of the places of documents must say here what they say to fetcher and indexer.
 */
const genesysSettings = {
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
    summary: 'first wait after a failure; doubles, with jitter',
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
    summary: 'a larger reply is not read',
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

const filterList = z.array(
  z.strictObject({
    field: z.string().min(1),
    operator: z.enum(['EQUAL', 'NOT_EQUAL']),
    value: z.string(),
  }),
  'must be a JSON array of {"field", "operator", "value"}',
);

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
  .pipe(filterList);

const streamSettings = {
  stream: setting({
    env: 'AUDIT_STREAM',
    schema: z.string().regex(/^[A-Za-z0-9_.]{1,64}$/, 'must be 1-64 letters, digits, dots or underscores'),
    default: 'default',
    summary: 'id of the stream; `--stream` wins',
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
    summary: 'events a page',
  }),
  replayWindowMs: setting({
    env: 'AUDIT_REPLAY_WINDOW_HOURS',
    schema: wholeNumber(1, 24 * 366).transform((hours) => hours * 3_600_000),
    default: '24',
    summary: 'how far back Genesys serves events without a cursor',
  }),
} as const;

const day = z
  .string()
  .refine(
    (text) => /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)),
    'must be a date as 2010-01-01',
  )
  .transform((text) => Date.parse(text));

const isoDay = (instant: number): string => new Date(instant).toISOString().slice(0, 10);

const placeSettings = {
  routing: setting({
    env: 'AUDIT_ROUTING',
    schema: z.enum(['resourceType', 'action', 'none'], 'must be resourceType, action or none'),
    default: 'resourceType',
    summary: 'field by whose value documents are routed to shards: `resourceType`, `action` or `none`',
  }),
  earliest: setting({
    env: 'AUDIT_EARLIEST_DATE',
    schema: day,
    default: isoDay(defaultDateBounds.earliest),
    summary: 'events dated before this day stand in the undated index',
  }),
  latest: setting({
    env: 'AUDIT_LATEST_DATE',
    schema: day,
    default: isoDay(defaultDateBounds.latest),
    summary: 'events dated on this day or later stand in the undated index',
  }),
} as const;

const deployment = { deployment: processSettings.deployment } as const;

/** What `reconcile audit` reads; what only `--repair` needs is in `repairSettings`. */
export const reconcileSettings = {
  process: deployment,
  redis: redisSettings,
  genesys: genesysSettings,
  audit: streamSettings,
  place: placeSettings,
  elasticsearch: elasticsearchSettings,
} as const;
export type ReconcileConfig = Values<typeof reconcileSettings>;

/** What `--repair` needs besides. */
export const repairSettings = {
  ...reconcileSettings,
  payload: payloadSettings,
  worker: { attempts: queueWorkerSettings.attempts },
} as const;
export type RepairConfig = Values<typeof repairSettings>;

/** What looking at dead letters, and discarding them, needs of Elasticsearch. */
export const letterSettings = { elasticsearch: elasticsearchSettings } as const;

export const sealedLetterSettings = {
  elasticsearch: elasticsearchSettings,
  payload: payloadSettings,
} as const;

/** Metadata can be shown without a key; the event's fields only with one. */
export const shownLetterSettings = {
  elasticsearch: elasticsearchSettings,
  payload: {
    payloadKeys: optionalSetting({
      env: payloadSettings.payloadKeys.env,
      schema: payloadSettings.payloadKeys.schema,
      secret: true,
      summary: payloadSettings.payloadKeys.summary,
    }),
  },
} as const;

export const worklistSettings = {
  process: deployment,
  redis: redisSettings,
  elasticsearch: elasticsearchSettings,
} as const;

/** The rules over several Elasticsearch settings, for every command that reads them. */
export const checkElasticsearch: CrossCheck<typeof letterSettings> = ({ elasticsearch }) =>
  elasticsearch === undefined ? [] : checkElasticsearchSettings(elasticsearch);

export const checkReconcile: CrossCheck<typeof reconcileSettings> = (values) => {
  const { genesys, place } = values;
  const problems = checkElasticsearch(values);
  if (genesys?.apiBase === null && genesys.subdomain === null) {
    problems.push('GENESYS_API_BASE or GENESYS_SUBDOMAIN is missing');
  }
  if (genesys?.apiBase && genesys.subdomain) {
    problems.push('GENESYS_API_BASE and GENESYS_SUBDOMAIN are both set: keep one of them');
  }
  if (genesys && genesys.backoffMinMs > genesys.backoffMaxMs) {
    problems.push('GENESYS_BACKOFF_MIN_SECONDS must not be above GENESYS_BACKOFF_MAX_SECONDS');
  }
  if (place?.earliest !== undefined && place.latest !== undefined && place.earliest >= place.latest) {
    problems.push('AUDIT_EARLIEST_DATE must be before AUDIT_LATEST_DATE');
  }
  return problems;
};

/** The settings of the connection to Genesys, in its own terms. */
export function genesysConnectionSettings({ genesys, audit }: ReconcileConfig): GenesysSettings {
  const { httpProxy, httpsProxy, noProxy } = genesys;
  return {
    ...genesysDefaults,
    apiBase: genesys.apiBase ?? guideApiBase(genesys.subdomain ?? ''),
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
