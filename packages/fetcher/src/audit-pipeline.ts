import { join } from 'node:path';
import { Keyring, RedisPayloads } from '@trunkline/claim-check';
import { AUDIT_INDEX, pipelinePrefix as prefixOf } from '@trunkline/contracts';
import { Elasticsearch, StreamRecords } from '@trunkline/elasticsearch-sink';
import {
  connectionSettings,
  EventStreamsSource,
  type GenesysConnection,
  type GenesysWait,
} from '@trunkline/genesys';
import type { Component, Service } from '@trunkline/service';
import { payloadKeyOf, StreamState } from '@trunkline/stream-state';
import { AuditPoller } from './audit-poller.ts';
import { BatchQueue } from './batch-queue.ts';
import { CheckpointMirror } from './checkpoint-mirror.ts';
import type { FetcherConfig } from './config.ts';
import { GapKeeper } from './gap-keeper.ts';
import type { GenesysClock } from './genesys-clock.ts';
import { fetcherMetrics } from './metrics.ts';
import { Outlet } from './outlet.ts';
import { PayloadSweeper } from './payload-sweeper.ts';
import { PollRound } from './poll-round.ts';
import { Spool } from './spool.ts';
import { SpoolDrain } from './spool-drain.ts';
import { StreamRecovery } from './stream-recovery.ts';

/** The audit pipeline's part of a fetcher, in the order of the data. */
export interface AuditPipeline {
  components: Component[];
  /** Told of each wait for Genesys. */
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
  const { stream: streamId, highWater, lowWater, replayWindowMs } = config.audit;
  const pipelinePrefix = prefixOf(service.deployment, 'audit');
  const metrics = fetcherMetrics(service.registry);
  const stream = new StreamState(service.redis, pipelinePrefix, streamId);
  const keyring = new Keyring(config.payload.payloadKeys);
  const payloads = new RedisPayloads(service.redis, keyring);
  const queue = new BatchQueue(service.queue(AUDIT_INDEX), payloads, config.worker.attempts);
  const records = new StreamRecords(elasticsearch, config.elasticsearch);
  const mirror = new CheckpointMirror(service, records, streamId, config.audit.checkpointIntervalMs);

  const round = new PollRound({
    service,
    config: config.audit,
    pipelinePrefix,
    stream,
    source: new EventStreamsSource(genesys.call, connectionSettings(config.genesys, config.audit)),
    clock,
    recovery: new StreamRecovery({
      service,
      stream,
      streamId,
      pipelinePrefix,
      queue,
      spool,
      records,
      metrics,
    }),
    gaps: new GapKeeper({ service, records, stream: streamId, replayWindowMs, clock, metrics }),
    outlet: new Outlet({ service, queue, spool, highWater, metrics }),
    queue,
    spool,
    keyring,
    mirror,
    metrics,
  });
  const poller = new AuditPoller({ service, config: config.audit, stream, round, metrics });
  const drain = new SpoolDrain({ service, spool, queue, lowWater, metrics });
  const prefix = payloadKeyOf(pipelinePrefix, '');
  const sweeper = new PayloadSweeper({ service, payloads, prefix, queue, stream, metrics });
  return {
    components: [mirror, sweeper, drain, poller],
    onGenesysWait: (wait) => poller.onGenesysWait(wait),
  };
}
