import { z } from 'zod';
import { type CrossCheck, httpUrl, optionalSetting, secondsAsMs, setting, wholeNumber } from './setting.ts';

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
    default: '10',
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
    default: String(64 * 1_024 * 1_024),
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

/** Rules over several Genesys settings. */
export const checkGenesysSettings: CrossCheck<typeof genesysSettings> = (values) => {
  const problems: string[] = [];
  const { apiBase, subdomain, backoffMinMs, backoffMaxMs } = values;
  if (apiBase === null && subdomain === null)
    problems.push('GENESYS_API_BASE or GENESYS_SUBDOMAIN is missing');
  if (apiBase && subdomain) {
    problems.push('GENESYS_API_BASE and GENESYS_SUBDOMAIN are both set: keep one of them');
  }
  if (backoffMinMs !== undefined && backoffMaxMs !== undefined && backoffMinMs > backoffMaxMs) {
    problems.push('GENESYS_BACKOFF_MIN_SECONDS must not be above GENESYS_BACKOFF_MAX_SECONDS');
  }
  return problems;
};
