import { z } from 'zod';
import { genesysDomain, genesysRegionNames } from './genesys-regions.ts';
import {
  type CrossCheck,
  commaList,
  httpUrl,
  optionalSetting,
  secondsAsMs,
  setting,
  wholeNumber,
} from './setting.ts';

const region = z.string().transform((text, context) => {
  const domain = genesysDomain(text);
  if (domain !== null) return domain;
  context.addIssue(`must be a domain such as mypurecloud.de, or one of ${genesysRegionNames.join(', ')}`);
  return z.NEVER;
});

/** How Genesys Cloud is reached. */
export const genesysSettings = {
  contract: setting({
    env: 'GENESYS_CONTRACT',
    schema: z.enum(['guide', 'platform'], 'must be guide or platform'),
    default: 'guide',
    summary:
      "which HTTP contract the service speaks: `platform` (Genesys Cloud's own API) or `guide` (that of the two guides)",
  }),
  region: optionalSetting({
    env: 'GENESYS_REGION',
    schema: region,
    summary:
      'platform: where the organisation lives, as an AWS region (`eu-central-1`) or as a domain (`mypurecloud.de`)',
  }),
  apiBase: optionalSetting({
    env: 'GENESYS_API_BASE',
    schema: httpUrl,
    summary:
      'base URL of the API, as it is, path prefix of a gateway included; in place of GENESYS_REGION or GENESYS_SUBDOMAIN',
  }),
  loginBase: optionalSetting({
    env: 'GENESYS_LOGIN_BASE',
    schema: httpUrl,
    summary:
      'base URL of the OAuth server, likewise; by default that of GENESYS_REGION, with the guide contract the API base',
  }),
  subdomain: optionalSetting({
    env: 'GENESYS_SUBDOMAIN',
    schema: z
      .string()
      .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i, 'must be what stands before .mypurecloud.com'),
    summary: 'guide: the organisation; its API is `https://<subdomain>.mypurecloud.com`',
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
  clientAuth: optionalSetting({
    env: 'GENESYS_CLIENT_AUTH',
    schema: z.enum(['basic', 'body'], 'must be basic or body'),
    summary:
      'how the client names itself to the OAuth server: `basic` (a header, default of platform) or `body` (in the form, default of guide)',
  }),
  ratePerSecond: optionalSetting({
    env: 'GENESYS_RATE_PER_SECOND',
    schema: wholeNumber(0, 1_000_000),
    summary:
      'requests a second of all processes with this client id together; 0 = no limit; by default platform 5, guide 10',
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
  downloadHosts: optionalSetting({
    env: 'GENESYS_DOWNLOAD_HOSTS',
    schema: commaList(
      z
        .string()
        .regex(/^\.?[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i, 'must name hosts such as files.acme.com or .acme.com'),
    ),
    summary:
      "hosts that presigned download links may lead to, `.acme.com` for all below it; by default `.amazonaws.com` and the hosts of the API base's own domain",
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
  const problems = basesProblems(values);
  const { backoffMinMs, backoffMaxMs } = values;
  if (backoffMinMs !== undefined && backoffMaxMs !== undefined && backoffMinMs > backoffMaxMs) {
    problems.push('GENESYS_BACKOFF_MIN_SECONDS must not be above GENESYS_BACKOFF_MAX_SECONDS');
  }
  return problems;
};

function basesProblems(values: Parameters<typeof checkGenesysSettings>[0]): string[] {
  const { contract, region, apiBase, loginBase, subdomain } = values;
  const problems: string[] = [];
  if (contract === 'platform') {
    if (subdomain) problems.push('GENESYS_SUBDOMAIN is of the guide contract: set GENESYS_REGION');
    if (region === null && (apiBase === null || loginBase === null)) {
      problems.push('GENESYS_REGION is missing (a gateway: GENESYS_API_BASE and GENESYS_LOGIN_BASE)');
    }
  } else if (contract === 'guide') {
    if (region) problems.push('GENESYS_REGION is of the platform contract: set GENESYS_CONTRACT=platform');
    if (apiBase === null && subdomain === null)
      problems.push('GENESYS_API_BASE or GENESYS_SUBDOMAIN is missing');
    if (apiBase && subdomain) {
      problems.push('GENESYS_API_BASE and GENESYS_SUBDOMAIN are both set: keep one of them');
    }
  }
  return problems;
}
