import { join } from 'node:path';
import { Keyring, RedisPayloads } from '@trunkline/claim-check';
import { AUDIT_INDEX, deploymentPrefix, pipelinePrefix as prefixOf } from '@trunkline/contracts';
import { Elasticsearch, StreamRecords } from '@trunkline/elasticsearch-sink';
import { connectionSettings, EventStreamsSource, GenesysConnection } from '@trunkline/genesys';
import { loadSettings, runProcess, Service } from '@trunkline/service';
import { payloadKeyOf, StreamState } from '@trunkline/stream-state';
import { AuditPoller } from './audit-poller.ts';
import { BatchQueue } from './batch-queue.ts';
import { CheckpointMirror } from './checkpoint-mirror.ts';
import { checkFetcherSettings, fetcherSettings } from './config.ts';
import { GapKeeper } from './gap-keeper.ts';
import { GenesysClock } from './genesys-clock.ts';
import { fetcherMetrics } from './metrics.ts';
import { Outlet } from './outlet.ts';
import { PayloadSweeper } from './payload-sweeper.ts';
import { PollRound } from './poll-round.ts';
import { Spool } from './spool.ts';
import { SpoolDrain } from './spool-drain.ts';
import { StreamRecovery } from './stream-recovery.ts';

await runProcess('fetcher', async () => {
  const config = loadSettings(fetcherSettings, process.env, checkFetcherSettings);
  const { stream: streamId, highWater, lowWater, replayWindowMs } = config.audit;
  await using service = new Service('fetcher', config);
  const spool = new Spool(join(config.audit.spoolDir, service.deployment, streamId), {
    maxBytes: config.audit.spoolMaxBytes,
    maxDiskPercent: config.audit.spoolMaxDiskPercent,
  });
  await spool.open();
  await service.start(fetcherSettings, process.env);

  const pipelinePrefix = prefixOf(service.deployment, 'audit');
  const metrics = fetcherMetrics(service.registry);
  const stream = new StreamState(service.redis, pipelinePrefix, streamId);
  const keyring = new Keyring(config.payload.payloadKeys);
  const payloads = new RedisPayloads(service.redis, keyring);
  const queue = new BatchQueue(service.queue(AUDIT_INDEX), payloads, config.worker.attempts);

  await using elasticsearch = new Elasticsearch(config.elasticsearch);
  const records = new StreamRecords(elasticsearch, config.elasticsearch);
  const mirror = new CheckpointMirror(service, records, streamId, config.audit.checkpointIntervalMs);

  const settings = connectionSettings(config.genesys, config.audit);
  await using genesys = new GenesysConnection(settings, {
    redis: service.redis,
    keyPrefix: deploymentPrefix(service.deployment),
    onWait: (wait) => poller.onGenesysWait(wait),
  });
  const clock = new GenesysClock();

  const round = new PollRound({
    service,
    config: config.audit,
    pipelinePrefix,
    stream,
    source: new EventStreamsSource(genesys.call, settings),
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
  await service.run(mirror, sweeper, drain, poller);
});
