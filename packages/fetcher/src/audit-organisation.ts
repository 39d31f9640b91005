import { deploymentPrefix } from '@trunkline/contracts';
import { auditSources, connectionSettings, type GenesysConnection } from '@trunkline/genesys';
import type { Component } from '@trunkline/service';
import { StreamState } from '@trunkline/stream-state';
import type { AuditFacts } from './audit-facts.ts';
import { AuditStreams } from './audit-streams.ts';
import { BackfillKeeper } from './backfill-keeper.ts';
import type { FetcherConfig } from './config.ts';
import type { GenesysClock } from './genesys-clock.ts';
import { Outlet } from './outlet.ts';
import { PatientOutlet } from './patient-outlet.ts';
import { SpoolDrain } from './spool-drain.ts';
import { type SharedParts, StreamWorker } from './stream-worker.ts';

/** What the audit pipeline needs of an organisation. */
export interface AuditOrganisation {
  config: FetcherConfig;
  genesys: GenesysConnection;
  clock: GenesysClock;
}

/**
 * The streams of one organisation, with the sources, the spool and the clock that are its own: its tail, what realtime queries do not
 * cover, and ranges that somebody asked for.
 * @param id `null`: the only one of the deployment
 */
export function organisationStreams(
  { config, genesys, clock }: AuditOrganisation,
  id: string | null,
  parts: Omit<SharedParts, 'config' | 'clock'> & { facts: AuditFacts },
): { streams: AuditStreams; components: Component[] } {
  const { service, queue, spool, metrics, records, facts } = parts;
  const { stream, highWater, lowWater, overlapMs, historyEveryMs } = config.audit;
  const streams = new AuditStreams(service);
  const sources = auditSources({
    contract: config.genesys.contract,
    connection: genesys,
    settings: connectionSettings(config.genesys, config.audit),
    redis: service.redis,
    keyPrefix: deploymentPrefix(service.deployment),
    overlapMs,
    historyEveryMs,
    tell: (of, fact) => facts.told(of, fact),
    onWait: (of, wait) => {
      facts.waited(of, wait);
      streams.onGenesysWait(of, wait);
    },
  });
  const shared: SharedParts = { ...parts, config: config.audit, clock };

  const outlet = new Outlet({ service, organisation: id, queue, spool, highWater, metrics });
  const tail = new StreamWorker(shared, {
    id: stream,
    isMain: id === null,
    source: sources.tail(stream),
    outlet,
  });
  streams.add(tail);
  /** A stream beside the tail, which can wait for room. */
  const beside = (of: string, source: NonNullable<ReturnType<typeof sources.uncovered>>): StreamWorker =>
    new StreamWorker(shared, {
      id: of,
      isMain: false,
      source,
      outlet: new PatientOutlet(queue, lowWater),
    });
  const historyId = `${stream}.history`;
  const uncovered = sources.uncovered(historyId);
  const history = uncovered === null ? null : beside(historyId, uncovered);
  if (history !== null) streams.add(history);

  const backfills =
    sources.rangeReachMs === null
      ? null
      : new BackfillKeeper({
          service,
          records,
          stream,
          reachMs: sources.rangeReachMs,
          clock,
          streams,
          worker: ({ id: of, from, to }) => beside(of, sources.range(of, { from, to })),
          state: (of) => new StreamState(service.redis, parts.pipelinePrefix, of),
        });
  const drain = new SpoolDrain({ service, stream, spool, queue, lowWater, metrics });
  return {
    streams,
    components: [drain, tail, history, backfills].filter((component) => component !== null),
  };
}
