import { setTimeout as sleep } from 'node:timers/promises';
import { TrunklineError } from '@trunkline/contracts';
import type { AuditSink } from '@trunkline/elasticsearch-sink';
import type { Component, Logger, Service } from '@trunkline/service';
import type { Redis } from 'ioredis';
import type { HealthGate } from './health-gate.ts';
import type { IndexerMetrics } from './metrics.ts';

const hourMs = 3_600_000;
const retryMs = 2_000;
const retentionLeaseMs = 600_000;

export interface UpkeepParts {
  service: Pick<Service, 'redis' | 'instance' | 'health' | 'stopping'> & { log: Logger };
  sink: AuditSink;
  gate: HealthGate;
  metrics: IndexerMetrics;
  pipelinePrefix: string;
  /** Indexing waits for green. */
  waitsForGreen: boolean;
  /** How often a set-up that a person has to mend is tried again. */
  probeMs: number;
  now: () => number;
}

/**
 * Keeps the cluster in shape: installs templates before the first batch (the gate is shut until then), and every hour sees to
 * tomorrow's index and, once a day by one process of all, to the retention where the cluster has no ILM.
 */
export class Upkeep implements Component {
  readonly name = 'upkeep';
  readonly #parts: UpkeepParts;
  readonly #stop = new AbortController();
  #running: Promise<void> | null = null;

  constructor(parts: UpkeepParts) {
    this.#parts = parts;
    parts.gate.shut({ kind: 'setup', message: 'The index templates are not installed yet.' });
  }

  /** Does not wait for a cluster that is away. */
  async start(): Promise<void> {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    let installed = false;
    while (!signal.aborted) {
      const error = await this.#once(!installed).then(
        () => null,
        (failed: unknown) => failed,
      );
      if (signal.aborted) return;
      if (error === null) installed = true;
      else this.#tell(error, installed);
      const wait = error === null ? hourMs * (0.9 + Math.random() / 5) : this.#retryMs(error);
      await sleep(wait, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  async #once(first: boolean): Promise<void> {
    const { sink, service, gate, now } = this.#parts;
    const { signal } = this.#stop;
    const { policy, written, kept, extended, notExtended } = await sink.install(now(), signal);
    if (first || written.length > 0 || extended > 0) {
      service.log.info(
        { event: 'schema.installed', policy: policy ?? 'none', written, kept, extended, notExtended },
        policy === null
          ? 'The cluster has no ILM: expired indices are deleted by this process'
          : 'Templates and retention policy are in place',
      );
    }
    if (first) await this.#tellNeverGreen();
    if (gate.state.kind === 'shut' && gate.state.reason.kind === 'setup') gate.reset();
    if (policy === null) await this.#retain();
  }

  /** Named at the start, never waited for in silence; the gate itself goes on asking. */
  async #tellNeverGreen(): Promise<void> {
    const { sink, service, waitsForGreen } = this.#parts;
    const problem = waitsForGreen ? await sink.neverGreen(this.#stop.signal) : null;
    if (problem === null) return;
    service.health.report('elasticsearch set-up', problem.message);
    service.log.error({ event: 'cluster.never-green', err: problem }, problem.message);
  }

  #tell(error: unknown, installed: boolean): void {
    const { service, gate } = this.#parts;
    const message =
      error instanceof TrunklineError ? error.message : 'Unforeseen error; the log has its place.';
    if (!installed) gate.shut({ kind: 'setup', message });
    service.log.warn({ event: 'upkeep.failed', err: error }, message);
  }

  #retryMs(error: unknown): number {
    return error instanceof TrunklineError && error.kind === 'configuration' ? this.#parts.probeMs : retryMs;
  }

  async #retain(): Promise<void> {
    const { service, sink, metrics, pipelinePrefix, now } = this.#parts;
    const today = new Date(now()).toISOString().slice(0, 10);
    const turn = await takeTurn(service.redis, `${pipelinePrefix}:retention`, service.instance, today);
    if (turn === null) return;
    const deleted = await sink.deleteExpired(now(), this.#stop.signal);
    await turn.done();
    metrics.indicesDeleted.inc(deleted.length);
    if (deleted.length === 0) return;
    service.log.info({ event: 'retention.deleted', indices: deleted }, 'Expired daily indices were deleted');
  }
}

/**
 * One process of all gets the turn, once a day: the lease keeps others out while it runs, the note after it for the rest of the
 * day. A process that dies in between leaves the turn to another when its lease ends.
 */
async function takeTurn(
  redis: Redis,
  key: string,
  holder: string,
  day: string,
): Promise<{ done: () => Promise<void> } | null> {
  if ((await redis.get(`${key}:done`)) === day) return null;
  if ((await redis.set(`${key}:lease`, holder, 'PX', retentionLeaseMs, 'NX')) !== 'OK') return null;
  return {
    done: async () => {
      await redis.set(`${key}:done`, day, 'PX', 2 * 86_400_000);
      await redis.del(`${key}:lease`);
    },
  };
}
