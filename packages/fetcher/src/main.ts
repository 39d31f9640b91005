import { join } from 'node:path';
import { Keyring, RedisPayloads } from '@trunkline/claim-check';
import { AUDIT_INDEX, deploymentPrefix, pipelinePrefix } from '@trunkline/contracts';
import { Elasticsearch, StreamRecords } from '@trunkline/elasticsearch-sink';
import { EventStreamsSource, GenesysConnection, genesysDefaults } from '@trunkline/genesys';
import { loadSettings, runProcess, Service } from '@trunkline/service';
import { payloadKeyOf, StreamState } from '@trunkline/stream-state';
import { AuditPoller } from './audit-poller.ts';
import { BatchQueue } from './batch-queue.ts';
import { CheckpointMirror } from './checkpoint-mirror.ts';
import { checkFetcherSettings, fetcherSettings, genesysConnectionSettings } from './config.ts';
import { fetcherMetrics } from './metrics.ts';
import { Outlet } from './outlet.ts';
import { PayloadSweeper } from './payload-sweeper.ts';
import { Spool } from './spool.ts';
import { SpoolDrain } from './spool-drain.ts';

await runProcess('fetcher', async () => {
  const config = loadSettings(fetcherSettings, process.env, checkFetcherSettings);
  await using service = new Service('fetcher', config);
  await service.start(fetcherSettings, process.env);

  const prefix = pipelinePrefix(service.deployment, 'audit');
  const metrics = fetcherMetrics(service.registry);
  const stream = new StreamState(service.redis, prefix, config.audit.stream);
  const keyring = new Keyring(config.payload.payloadKeys);
  const payloads = new RedisPayloads(service.redis, keyring);
  const queue = new BatchQueue(service.queue(AUDIT_INDEX), payloads, config.worker.attempts);

  await using elasticsearch = new Elasticsearch(config.elasticsearch);
  const records = new StreamRecords(elasticsearch, config.elasticsearch);
  const mirror = new CheckpointMirror(
    service,
    records,
    config.audit.stream,
    config.audit.checkpointIntervalMs,
  );

  const settings = { ...genesysDefaults, ...genesysConnectionSettings(config) };
  await using genesys = new GenesysConnection(settings, {
    redis: service.redis,
    keyPrefix: deploymentPrefix(service.deployment),
    onWait: (wait) => poller.onGenesysWait(wait),
  });
  const source = new EventStreamsSource(genesys.call, settings);

  const spool = new Spool(join(config.audit.spoolDir, service.deployment, config.audit.stream), {
    maxBytes: config.audit.spoolMaxBytes,
    maxDiskPercent: config.audit.spoolMaxDiskPercent,
  });
  await spool.open();

  const { highWater, lowWater } = config.audit;
  const outlet = new Outlet({ service, queue, spool, highWater, metrics });
  const drain = new SpoolDrain({ service, queue, spool, lowWater, metrics });
  const poller = new AuditPoller({
    service,
    config: config.audit,
    pipelinePrefix: prefix,
    stream,
    source,
    queue,
    spool,
    outlet,
    keyring,
    records,
    mirror,
    metrics,
  });
  const sweeper = new PayloadSweeper({
    service,
    payloads,
    prefix: payloadKeyOf(prefix, ''),
    queue,
    stream,
    metrics,
  });
  await service.run(mirror, sweeper, drain, poller);
});
