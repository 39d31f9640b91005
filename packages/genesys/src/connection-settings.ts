import {
  type Contract,
  contractDefaults,
  defaultDownloadHosts,
  type EventFilter,
  type GenesysSettings,
  genesysDefaults,
  guideApiBase,
  regionBases,
} from './settings.ts';

/** A process's settings about Genesys, as they were read from its environment. */
export interface ReadSettings {
  contract: Contract;
  apiBase: string | null;
  loginBase: string | null;
  /** Of the guide contract. */
  subdomain: string | null;
  /** Of the platform contract: the region's domain. */
  region: string | null;
  clientId: string;
  clientSecret: string;
  clientAuth: 'basic' | 'body' | null;
  ratePerSecond: number | null;
  timeoutMs: number;
  backoffMinMs: number;
  backoffMaxMs: number;
  pauseMs: number;
  maxPageBytes: number;
  downloadHosts: readonly string[] | null;
  httpProxy: string | null;
  httpsProxy: string | null;
  noProxy: string | null;
}

/**
 * The settings of a connection, in its own terms; what no process sets keeps the default of its contract.
 * @throws TrunklineError CONFIG_INVALID as `guideApiBase`
 */
export function connectionSettings(
  read: ReadSettings,
  stream: { filters: readonly EventFilter[]; pageLimit: number; replayWindowMs: number },
): GenesysSettings {
  const { httpProxy, httpsProxy, noProxy } = read;
  const defaults = contractDefaults[read.contract];
  const bases = basesOf(read);
  return {
    ...genesysDefaults,
    ...bases,
    clientId: read.clientId,
    clientSecret: read.clientSecret,
    clientAuth: read.clientAuth ?? defaults.clientAuth,
    ratePerSecond: read.ratePerSecond ?? defaults.ratePerSecond,
    timeoutMs: read.timeoutMs,
    backoffMinMs: read.backoffMinMs,
    backoffMaxMs: read.backoffMaxMs,
    pauseMs: read.pauseMs,
    maxBodyBytes: read.maxPageBytes,
    downloadHosts: read.downloadHosts ?? defaultDownloadHosts(bases.apiBase),
    proxy:
      httpProxy === null && httpsProxy === null
        ? null
        : { http: httpProxy ?? '', https: httpsProxy ?? '', noProxy: noProxy ?? '' },
    filters: stream.filters,
    limit: stream.pageLimit,
    replayWindowMs: stream.replayWindowMs,
  };
}

/** A gateway's own bases stand before those of the region; the guide's service issues tokens where its API is. */
function basesOf(read: ReadSettings): Pick<GenesysSettings, 'apiBase' | 'loginBase'> {
  if (read.contract === 'guide') {
    const apiBase = read.apiBase ?? guideApiBase(read.subdomain ?? '');
    return { apiBase, loginBase: read.loginBase ?? apiBase };
  }
  const ofRegion = regionBases(read.region ?? '');
  return {
    apiBase: read.apiBase ?? ofRegion.apiBase,
    loginBase: read.loginBase ?? ofRegion.loginBase,
  };
}
