import { TrunklineError } from '@trunkline/contracts';

/** One filter of the event stream. Source: guide contract, "Audit event stream". */
export interface EventFilter {
  field: string;
  operator: string;
  value: string;
}

/** Outbound proxies as the usual variables name them; an empty string is none. */
export interface ProxySettings {
  /** `HTTP_PROXY`: for bases that start with `http:`. */
  http: string;
  /** `HTTPS_PROXY`: for bases that start with `https:`; empty: `http` serves them too. */
  https: string;
  /** `NO_PROXY`: hosts that are reached directly, separated by commas. */
  noProxy: string;
}

/** Which HTTP contract the service speaks: that of the guides, or the Genesys Cloud Platform API's. */
export type Contract = 'guide' | 'platform';

/**
 * What a connection to Genesys Cloud needs. A plain object: reading the environment is the process's business.
 * Everything but bases and credentials has its default in `genesysDefaults`.
 */
export interface GenesysSettings {
  /** Where paths start, as it is: a path prefix (gateway) is kept. */
  apiBase: string;
  /** Where `/oauth/token` starts, likewise. */
  loginBase: string;
  clientId: string;
  clientSecret: string;
  /** Where the credentials stand: in an `Authorization: Basic` header, or in the form. */
  clientAuth: 'basic' | 'body';
  /** Requests per second that all processes of the client id send together; 0 = no limit. */
  ratePerSecond: number;
  /** To connect, until the reply's head, and between two parts of its body. */
  timeoutMs: number;
  /** From the request to the end of its reply, however steadily the body trickles. */
  exchangeTimeoutMs: number;
  /** Bound of the first wait before a retry; doubles with each failure in a row. */
  backoffMinMs: number;
  backoffMaxMs: number;
  /** Pause of all processes after a 429 that names no time. */
  pauseMs: number;
  /** Longest pause that a `Retry-After` can ask for: beyond it the next request asks again. */
  maxPauseMs: number;
  /** A larger reply is not read. */
  maxBodyBytes: number;
  /** Where presigned links may lead: `example.com`, or `.example.com` for all hosts below it. */
  downloadHosts: readonly string[];
  proxy: ProxySettings | null;
  eventTypes: readonly string[];
  filters: readonly EventFilter[];
  /** Events a page, at most 100. */
  limit: number;
  /** How far back a stream without a cursor begins. */
  replayWindowMs: number;
}

/** What holds under both contracts, and the guide's where they differ (`contractDefaults`). */
export const genesysDefaults = {
  clientAuth: 'body',
  ratePerSecond: 10,
  timeoutMs: 30_000,
  exchangeTimeoutMs: 300_000,
  backoffMinMs: 1_000,
  backoffMaxMs: 300_000,
  pauseMs: 30_000,
  // The replay window: a stream that waits longer loses events for certain.
  maxPauseMs: 24 * 60 * 60_000,
  maxBodyBytes: 64 * 1024 * 1024,
  downloadHosts: [],
  proxy: null,
  eventTypes: ['auditlogs'],
  filters: [{ field: 'action', operator: 'NOT_EQUAL', value: 'LOGIN' }],
  limit: 100,
  replayWindowMs: 24 * 60 * 60_000,
} as const satisfies Partial<GenesysSettings>;

/**
 * Where the contracts differ. The platform's rate is its documented allowance of a client: 300 requests a minute
 * (genesys-api section 7).
 */
export const contractDefaults = {
  guide: { clientAuth: 'body', ratePerSecond: 10 },
  platform: { clientAuth: 'basic', ratePerSecond: 5 },
} as const satisfies Record<Contract, Partial<GenesysSettings>>;

/**
 * The API base of an organisation (setting GENESYS_SUBDOMAIN).
 * @throws TrunklineError CONFIG_INVALID where the name could not be part of a host name
 */
export function guideApiBase(subdomain: string): string {
  if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i.test(subdomain)) {
    throw new TrunklineError('CONFIG_INVALID', {
      message: 'GENESYS_SUBDOMAIN is not a host name part.',
      remedy: 'Give what stands before .mypurecloud.com, or the whole address as GENESYS_API_BASE.',
    });
  }
  return `https://${subdomain}.mypurecloud.com`;
}

/** Where both bases of a region lie; its domain as `mypurecloud.de`. */
export function regionBases(domain: string): Pick<GenesysSettings, 'apiBase' | 'loginBase'> {
  return { apiBase: `https://api.${domain}`, loginBase: `https://login.${domain}` };
}

/**
 * Where presigned links may lead unless a setting names it: Amazon's hosts, on which Genesys Cloud runs, and those of the API
 * base's own domain.
 */
export function defaultDownloadHosts(apiBase: string): string[] {
  const { hostname } = new URL(apiBase);
  const own = hostname.startsWith('api.') ? hostname.slice('api'.length) : hostname;
  return ['.amazonaws.com', ...(hostname.endsWith('.eusc-pure.cloud') ? ['.amazonaws.eu'] : []), own];
}
