import { setTimeout as sleep } from 'node:timers/promises';
import { Keyring, RedisPayloads } from '@trunkline/claim-check';
import { AUDIT_DEAD_LETTER, pipelinePrefix } from '@trunkline/contracts';
import { AuditSink, DeadLetters, Elasticsearch, EventReader } from '@trunkline/elasticsearch-sink';
import { type Component, loadForOrganisations, type Organisations, Service, Valve } from '@trunkline/service';
import { StreamState } from '@trunkline/stream-state';
import { BatchIndexing } from './batch-indexing.ts';
import { BatchProcessing } from './batch-processing.ts';
import { BatchStarts } from './batch-starts.ts';
import { Breaker } from './breaker.ts';
import { BulkDelivery, type DeliverySink } from './bulk-delivery.ts';
import { Company } from './company.ts';
import { type IndexerConfig, indexerSettings, loadIndexerSettings } from './config.ts';
import { DeadLetterDesk } from './dead-letter-desk.ts';
import { DeadLetterWorker } from './dead-letter-worker.ts';
import { FloodGuard } from './flood-guard.ts';
import { HealthGate } from './health-gate.ts';
import { indexerMetrics } from './metrics.ts';
import { Redrive } from './redrive.ts';
import { SharedBulk } from './shared-bulk.ts';
import { Told } from './told.ts';
import { Upkeep } from './upkeep.ts';
import { IndexWorker } from './worker.ts';

/** How long of the shutdown deadline requests under way may take to end by themselves. */
const shareOfDeadline = 0.6;
/** Batches, and events in them, that must be refused wholly in a row before the gate shuts. */
const flood = { batches: 5, events: 50 };
/** As many as a page of Genesys holds, at most. */
const eventsOfBatch = 100;

export interface IndexerOptions {
  /** Stands between the indexer and its sink; for tests of requests that never return. */
  wrapSink?: (sink: AuditSink) => DeliverySink;
}

/** Runs an indexer until it is told to stop. @throws TrunklineError CONFIG_INVALID, before anything is started */
export async function runIndexer(env: NodeJS.ProcessEnv, options: IndexerOptions = {}): Promise<void> {
  const organisations = await loadForOrganisations(env, loadIndexerSettings);
  const [config] = organisations.all;
  await using elasticsearch = new Elasticsearch(config.elasticsearch);
  await using service = new Service('indexer', config);
  await service.start(indexerSettings, env);
  await service.run(...indexerComponents(service, elasticsearch, organisations, options));
}

/** The parts of an indexer, in the order in which they start. */
export function indexerComponents(
  service: Service,
  elasticsearch: Elasticsearch,
  organisations: Organisations<IndexerConfig>,
  { wrapSink = (sink) => sink }: IndexerOptions = {},
): Component[] {
  // What is of an organisation is where its events go; all else is the same for each.
  const [config] = organisations.all;
  const { indexing: settings } = config;
  const now = Date.now;
  const pause = (ms: number): Promise<void> => sleep(ms, undefined, { signal: service.stopping });
  const prefix = pipelinePrefix(service.deployment, 'audit');
  const metrics = indexerMetrics(service.registry);
  const told = new Told(service, metrics);
  const keyring = new Keyring(config.payload.payloadKeys);
  const abandon = new AbortController();
  service.stopping.addEventListener('abort', () => {
    setTimeout(() => abandon.abort(), config.process.shutdownDeadlineMs * shareOfDeadline).unref();
  });

  const [first, ...others] = organisations.map(({ elasticsearch: names, indexing }) => ({
    ...names,
    retentionDays: indexing.retentionDays,
  })).all;
  const sink = new AuditSink(elasticsearch, first, ...others);
  const readers = organisations.map(
    ({ elasticsearch: { indexPrefix }, indexing }) => new EventReader({ prefix: indexPrefix, ...indexing }),
  );
  const readerOf = (stream: string): EventReader => readers.ofStream(stream);
  const letters = new DeadLetters(elasticsearch, config.elasticsearch, keyring, (stream) =>
    organisations.idOfStream(stream),
  );

  const gate = new HealthGate(
    {
      health: () => sink.health(settings.healthScope, service.stopping),
      writeBlocks: (indices) => sink.writeBlocks(indices, service.stopping),
    },
    {
      required: settings.requiredHealth,
      maxAgeMs: settings.healthMaxAgeMs,
      probeMs: settings.probeMs,
      now,
      onChange: (state) => told.gate(state),
    },
  );
  const breaker = new Breaker({
    failures: settings.breakerFailures,
    halfOpenMs: settings.breakerHalfOpenMs,
    now,
    onChange: (state) => told.breaker(state),
  });
  const valve = new Valve({
    mayRun: async () => breaker.isPassable && (await gate.check()),
    pollMs: settings.healthMaxAgeMs,
  });

  const delivery = new BulkDelivery({
    sink: wrapSink(sink),
    gate,
    breaker,
    metrics,
    pause,
    stopping: service.stopping,
    abandon: abandon.signal,
    onFailure: (error, items) => told.bulkFailed(error, items),
  });
  const bulk = new SharedBulk((items) => delivery.deliver(items), {
    maxEvents: settings.bulkEvents,
    maxBytes: settings.bulkBytes,
    lingerMs: settings.bulkLingerMs,
    maxInFlight: settings.bulksInFlight,
    worthEvents: Math.min(settings.bulkEvents, config.worker.concurrency * eventsOfBatch),
  });
  const deliver = bulk.deliver.bind(bulk);
  const streams = new Map<string, StreamState>();
  const stream = (id: string): StreamState => {
    let state = streams.get(id);
    if (state === undefined) {
      state = new StreamState(service.redis, prefix, id);
      streams.set(id, state);
    }
    return state;
  };

  const { deadLetterIndex } = config.elasticsearch;
  const processing = new BatchProcessing({
    payloads: new RedisPayloads(service.redis, keyring),
    starts: new BatchStarts(service.redis, prefix),
    company: new Company(),
    indexing: new BatchIndexing({
      readerOf,
      deliver,
      gate,
      flood: new FloodGuard(flood.batches, flood.events),
      now,
      pause,
    }),
    readerOf,
    desk: new DeadLetterDesk({ letters, queue: service.queue(AUDIT_DEAD_LETTER), metrics, log: service.log }),
    gate,
    deadLetterIndex,
    stream,
    now,
    log: service.log,
  });
  const shared = { service, valve, metrics };
  const worker = new IndexWorker({
    ...shared,
    // A bulk request's worth of batches is on its way from and to Redis while another is with Elasticsearch.
    config: { ...config.worker, concurrency: config.worker.concurrency * settings.bulksInFlight },
    pipelinePrefix: prefix,
    processing,
  });
  const deadLetters = new DeadLetterWorker({
    ...shared,
    config: config.worker,
    redrive: new Redrive({ letters, readerOf, deliver, gate, deadLetterIndex, now }),
  });
  const upkeep = new Upkeep({
    service,
    sink,
    gate,
    metrics,
    pipelinePrefix: prefix,
    waitsForGreen: settings.requiredHealth === 'green',
    probeMs: settings.probeMs,
    now,
  });

  service.showFacts('indexing', () => ({ ...worker.facts, gate: told.gateWord, breaker: breaker.state }));
  return [upkeep, valve, worker, deadLetters];
}
