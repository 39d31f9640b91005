import { type EventFilter, type GenesysSettings, genesysDefaults, guideApiBase } from './settings.ts';

/** A process's settings about Genesys, as they were read from its environment. */
export interface ReadSettings {
  apiBase: string | null;
  subdomain: string | null;
  clientId: string;
  clientSecret: string;
  ratePerSecond: number;
  timeoutMs: number;
  backoffMinMs: number;
  backoffMaxMs: number;
  pauseMs: number;
  maxPageBytes: number;
  httpProxy: string | null;
  httpsProxy: string | null;
  noProxy: string | null;
}

/**
 * The settings of a connection, in its own terms; what no process sets keeps its default.
 * @throws TrunklineError CONFIG_INVALID as `guideApiBase`
 */
export function connectionSettings(
  read: ReadSettings,
  stream: { filters: readonly EventFilter[]; pageLimit: number },
): GenesysSettings {
  const { httpProxy, httpsProxy, noProxy } = read;
  return {
    ...genesysDefaults,
    apiBase: read.apiBase ?? guideApiBase(read.subdomain ?? ''),
    clientId: read.clientId,
    clientSecret: read.clientSecret,
    ratePerSecond: read.ratePerSecond,
    timeoutMs: read.timeoutMs,
    backoffMinMs: read.backoffMinMs,
    backoffMaxMs: read.backoffMaxMs,
    pauseMs: read.pauseMs,
    maxBodyBytes: read.maxPageBytes,
    proxy:
      httpProxy === null && httpsProxy === null
        ? null
        : { http: httpProxy ?? '', https: httpsProxy ?? '', noProxy: noProxy ?? '' },
    filters: stream.filters,
    limit: stream.pageLimit,
  };
}
