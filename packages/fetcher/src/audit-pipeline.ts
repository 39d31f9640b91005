import { join } from 'node:path';
import { Keyring, RedisPayloads } from '@trunkline/claim-check';
import { AUDIT_INDEX, deploymentPrefix, pipelinePrefix as prefixOf } from '@trunkline/contracts';
import { Elasticsearch, StreamRecords } from '@trunkline/elasticsearch-sink';
import {
  auditSources,
  connectionSettings,
  type GenesysConnection,
  type GenesysWait,
} from '@trunkline/genesys';
import type { Component, Service } from '@trunkline/service';
import { payloadKeyOf } from '@trunkline/stream-state';
import { AuditFacts } from './audit-facts.ts';
import { AuditStreams } from './audit-streams.ts';
import { BackfillKeeper } from './backfill-keeper.ts';
import { BatchQueue } from './batch-queue.ts';
import type { FetcherConfig } from './config.ts';
import type { GenesysClock } from './genesys-clock.ts';
import { fetcherMetrics } from './metrics.ts';
import { Outlet } from './outlet.ts';
import { PatientOutlet } from './patient-outlet.ts';
import { PayloadSweeper } from './payload-sweeper.ts';
import { Spool } from './spool.ts';
import { SpoolDrain } from './spool-drain.ts';
import { type SharedParts, StreamWorker } from './stream-worker.ts';

/** The audit pipeline's part of a fetcher, in the order of the data. */
export interface AuditPipeline {
  components: Component[];
  /** Told of each wait for Genesys that belongs to no stream, such as that for a token. */
  onGenesysWait: (wait: GenesysWait) => void;
}

/** What the audit pipeline reaches beside Redis and Genesys. */
export interface AuditPlaces extends AsyncDisposable {
  spool: Spool;
  elasticsearch: Elasticsearch;
}

/** Opened before anything is started: a folder that cannot be used is a fault of the configuration. */
export async function openAuditPlaces(config: FetcherConfig): Promise<AuditPlaces> {
  const { spoolDir, spoolMaxBytes, spoolMaxDiskPercent, stream } = config.audit;
  const spool = new Spool(join(spoolDir, config.process.deployment, stream), {
    maxBytes: spoolMaxBytes,
    maxDiskPercent: spoolMaxDiskPercent,
  });
  await spool.open();
  const elasticsearch = new Elasticsearch(config.elasticsearch);
  return {
    spool,
    elasticsearch,
    [Symbol.asyncDispose]: () => elasticsearch[Symbol.asyncDispose](),
  };
}

export function auditPipeline(parts: {
  service: Service;
  config: FetcherConfig;
  places: AuditPlaces;
  genesys: GenesysConnection;
  clock: GenesysClock;
}): AuditPipeline {
  const { service, config, genesys, clock } = parts;
  const { spool, elasticsearch } = parts.places;
  const { stream, highWater, lowWater, overlapMs, historyEveryMs } = config.audit;
  const pipelinePrefix = prefixOf(service.deployment, 'audit');
  const metrics = fetcherMetrics(service.registry);
  const keyring = new Keyring(config.payload.payloadKeys);
  const payloads = new RedisPayloads(service.redis, keyring);
  const queue = new BatchQueue(service.queue(AUDIT_INDEX), payloads, config.worker.attempts);
  const records = new StreamRecords(elasticsearch, config.elasticsearch);
  const facts = new AuditFacts(service.log, metrics);
  const streams = new AuditStreams(service);
  const sources = auditSources({
    contract: config.genesys.contract,
    connection: genesys,
    settings: connectionSettings(config.genesys, config.audit),
    redis: service.redis,
    keyPrefix: deploymentPrefix(service.deployment),
    overlapMs,
    historyEveryMs,
    tell: (id, fact) => facts.told(id, fact),
    onWait: (id, wait) => {
      facts.waited(id, wait);
      streams.onGenesysWait(id, wait);
    },
  });
  const shared: SharedParts = {
    service,
    config: config.audit,
    pipelinePrefix,
    queue,
    spool,
    keyring,
    records,
    clock,
    metrics,
  };

  const outlet = new Outlet({ service, queue, spool, highWater, metrics });
  const tail = new StreamWorker(shared, { id: stream, isMain: true, source: sources.tail(stream), outlet });
  streams.add(tail);
  /** A stream beside the tail, which can wait for room. */
  const beside = (id: string, source: NonNullable<ReturnType<typeof sources.uncovered>>): StreamWorker =>
    new StreamWorker(shared, { id, isMain: false, source, outlet: new PatientOutlet(queue, lowWater) });
  const historyId = `${stream}.history`;
  const uncovered = sources.uncovered(historyId);
  const history = uncovered === null ? null : beside(historyId, uncovered);
  if (history !== null) streams.add(history);

  const drain = new SpoolDrain({ service, spool, queue, lowWater, metrics });
  const prefix = payloadKeyOf(pipelinePrefix, '');
  const sweeper = new PayloadSweeper({
    service,
    payloads,
    prefix,
    queue,
    streams: () => streams.states(),
    metrics,
  });
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
          worker: ({ id, from, to }) => beside(id, sources.range(id, { from, to })),
        });
  return {
    components: [sweeper, drain, tail, history, backfills].filter((component) => component !== null),
    onGenesysWait: (wait) => {
      facts.waited(null, wait);
      streams.onGenesysWait(null, wait);
    },
  };
}
