import { join } from 'node:path';
import { Keyring, RedisPayloads } from '@trunkline/claim-check';
import { AUDIT_INDEX, pipelinePrefix as prefixOf } from '@trunkline/contracts';
import { Elasticsearch, StreamRecords } from '@trunkline/elasticsearch-sink';
import type { GenesysWait } from '@trunkline/genesys';
import type { Component, Organisations, Service } from '@trunkline/service';
import { payloadKeyOf } from '@trunkline/stream-state';
import { AuditFacts } from './audit-facts.ts';
import { type AuditOrganisation, organisationStreams } from './audit-organisation.ts';
import { BatchQueue } from './batch-queue.ts';
import type { FetcherConfig } from './config.ts';
import { fetcherMetrics } from './metrics.ts';
import { PayloadSweeper } from './payload-sweeper.ts';
import { Spool } from './spool.ts';

/** The audit pipeline's part of a fetcher, in the order of the data. */
export interface AuditPipeline {
  components: Component[];
  /** Told of each wait of an organisation for Genesys that belongs to no stream, such as that for a token. */
  onGenesysWait: Organisations<(wait: GenesysWait) => void>;
}

/** What the audit pipeline reaches beside Redis and Genesys. */
export interface AuditPlaces extends AsyncDisposable {
  spools: Organisations<Spool>;
  elasticsearch: Elasticsearch;
}

/** Opened before anything is started: a folder that cannot be used is a fault of the configuration. */
export async function openAuditPlaces(
  organisations: Organisations<{ config: FetcherConfig }>,
): Promise<AuditPlaces> {
  const spools = organisations.map(({ config: { audit, process } }) => {
    const { spoolDir, spoolMaxBytes, spoolMaxDiskPercent, stream } = audit;
    return new Spool(join(spoolDir, process.deployment, stream), {
      maxBytes: spoolMaxBytes,
      maxDiskPercent: spoolMaxDiskPercent,
    });
  });
  for (const spool of spools.all) await spool.open();
  const elasticsearch = new Elasticsearch(organisations.all[0].config.elasticsearch);
  return {
    spools,
    elasticsearch,
    [Symbol.asyncDispose]: () => elasticsearch[Symbol.asyncDispose](),
  };
}

/** Streams are each organisation's own; the queue, and what looks after its payloads, are of all. */
export function auditPipeline(parts: {
  service: Service;
  organisations: Organisations<AuditOrganisation>;
  places: AuditPlaces;
}): AuditPipeline {
  const { service, organisations } = parts;
  const { spools, elasticsearch } = parts.places;
  const [{ config }] = organisations.all;
  const pipelinePrefix = prefixOf(service.deployment, 'audit');
  const metrics = fetcherMetrics(service.registry);
  const keyring = new Keyring(config.payload.payloadKeys);
  const payloads = new RedisPayloads(service.redis, keyring);
  const queue = new BatchQueue(service.queue(AUDIT_INDEX), payloads, config.worker.attempts);
  const records = new StreamRecords(elasticsearch, config.elasticsearch);
  const facts = new AuditFacts(service.log, metrics);

  const shared = { service, pipelinePrefix, queue, keyring, records, metrics, facts };
  const polled = organisations.map((organisation, id) =>
    organisationStreams(organisation, id, { ...shared, spool: spools.of(id) }),
  );
  const prefix = payloadKeyOf(pipelinePrefix, '');
  const sweeper = new PayloadSweeper({
    service,
    payloads,
    prefix,
    queue,
    streams: () => polled.all.flatMap(({ streams }) => streams.states()),
    metrics,
  });
  return {
    components: [sweeper, ...polled.all.flatMap(({ components }) => components)],
    onGenesysWait: polled.map(({ streams }) => (wait) => {
      facts.waited(null, wait);
      streams.onGenesysWait(null, wait);
    }),
  };
}
