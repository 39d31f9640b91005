import { deploymentPrefix } from '@trunkline/contracts';
import { connectionSettings, GenesysConnection, type GenesysWait, genesysDefaults } from '@trunkline/genesys';
import type { Service } from '@trunkline/service';
import type { LoadedSettings } from './config.ts';
import { GenesysClock } from './genesys-clock.ts';

/** What a fetcher holds of an organisation: its settings, a way of its own to Genesys, and Genesys' clock. */
export interface FetcherOrganisation extends LoadedSettings {
  genesys: GenesysConnection;
  clock: GenesysClock;
  /** Who is told of each wait for Genesys that belongs to no job; by default the log. */
  told: { onWait: (wait: GenesysWait) => void };
}

/** @param id `null`: the only one of the deployment */
export function openOrganisation(
  loaded: LoadedSettings,
  id: string | null,
  service: Service,
): FetcherOrganisation {
  const { filters, limit: pageLimit, replayWindowMs } = genesysDefaults;
  const stream = loaded.audit?.audit ?? { filters, pageLimit, replayWindowMs };
  const told = {
    onWait: ({ code, correlationId, message }: GenesysWait): void => {
      service.log.warn({ event: 'genesys.wait', organisation: id, errorCode: code, correlationId }, message);
    },
  };
  const genesys = new GenesysConnection(connectionSettings(loaded.common.genesys, stream), {
    redis: service.redis,
    keyPrefix: deploymentPrefix(service.deployment),
    onWait: (wait) => told.onWait(wait),
  });
  return { ...loaded, genesys, clock: new GenesysClock(), told };
}

/** What of it the archive pipeline needs; `null` where this process archives none of its conversations. */
export function archiveOrganisation({ archive, common, genesys, clock }: FetcherOrganisation) {
  return archive === null ? null : { config: archive, genesys, genesysSettings: common.genesys, clock };
}

/** What of it the audit pipeline needs; `null` where this process polls none of its streams. */
export function auditOrganisation({ audit, common, genesys, clock }: FetcherOrganisation) {
  return audit === null ? null : { config: { ...common, ...audit }, genesys, clock };
}
