import type { Keyring } from '@trunkline/claim-check';
import type { Facts } from '@trunkline/contracts';
import type { StreamRecords } from '@trunkline/elasticsearch-sink';
import type { AuditSource, GenesysWait } from '@trunkline/genesys';
import type { Component, Service } from '@trunkline/service';
import { StreamState } from '@trunkline/stream-state';
import { AuditPoller } from './audit-poller.ts';
import type { BatchQueue } from './batch-queue.ts';
import { CheckpointMirror } from './checkpoint-mirror.ts';
import type { FetcherConfig } from './config.ts';
import { GapKeeper } from './gap-keeper.ts';
import type { GenesysClock } from './genesys-clock.ts';
import type { FetcherMetrics } from './metrics.ts';
import type { BatchOutlet } from './outlet.ts';
import { PollRound } from './poll-round.ts';
import type { Spool } from './spool.ts';
import { StreamHealth } from './stream-health.ts';
import { StreamRecovery } from './stream-recovery.ts';

/** What all streams of a process share. */
export interface SharedParts {
  service: Service;
  config: FetcherConfig['audit'];
  pipelinePrefix: string;
  queue: BatchQueue;
  spool: Spool;
  keyring: Keyring;
  records: StreamRecords;
  clock: GenesysClock;
  metrics: FetcherMetrics;
}

/** One audit stream in the hands of this process: lease, source, batches, recovery and checkpoint are its own. */
export class StreamWorker implements Component {
  readonly name: string;
  readonly id: string;
  readonly state: StreamState;
  readonly #mirror: CheckpointMirror;
  readonly #poller: AuditPoller;

  /** @param stream `isMain`: what is wrong with it is told without its name */
  constructor(
    shared: SharedParts,
    stream: { id: string; isMain: boolean; source: AuditSource; outlet: BatchOutlet },
  ) {
    const { service, records, metrics, clock, pipelinePrefix, queue, spool } = shared;
    const { id, source, outlet } = stream;
    this.id = id;
    this.name = `stream ${id}`;
    const config = { ...shared.config, stream: id };
    const state = new StreamState(service.redis, pipelinePrefix, id);
    this.state = state;
    this.#mirror = new CheckpointMirror(service, records, id, config.checkpointIntervalMs);
    const health = new StreamHealth(service.health, stream.isMain ? null : id);
    const round = new PollRound({
      ...shared,
      config,
      stream: state,
      source,
      recovery: new StreamRecovery({
        service,
        stream: state,
        streamId: id,
        pipelinePrefix,
        queue,
        spool,
        records,
        metrics,
      }),
      gaps: new GapKeeper({ service, records, stream: id, reach: source.reach, clock, metrics }),
      outlet,
      mirror: this.#mirror,
      health,
    });
    this.#poller = new AuditPoller({ service, config, stream: state, round, metrics, health });
  }

  async start(): Promise<void> {
    await this.#poller.start();
  }

  async stop(): Promise<void> {
    await this.#poller.stop();
    await this.#mirror.stop();
  }

  facts(): Facts {
    return this.#poller.facts();
  }

  /** As of `AuditPoller`. */
  get isComplete(): boolean {
    return this.#poller.isComplete;
  }

  onGenesysWait(wait: GenesysWait): void {
    this.#poller.onGenesysWait(wait);
  }
}
