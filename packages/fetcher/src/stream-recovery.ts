import type { StreamRecords } from '@trunkline/elasticsearch-sink';
import type { Service } from '@trunkline/service';
import type { StreamState } from '@trunkline/stream-state';
import type { BatchQueue } from './batch-queue.ts';
import { type Lease, newToken } from './lease.ts';
import type { FetcherMetrics } from './metrics.ts';
import { firstMissing } from './recovery-audit.ts';
import type { Spool } from './spool.ts';

/** Brings a stream back that Redis has lost, wholly or in part. Each recovery is an event in log, metric and totals. */
export class StreamRecovery {
  readonly #service: Service;
  readonly #stream: StreamState;
  readonly #streamId: string;
  readonly #pipelinePrefix: string;
  readonly #queue: BatchQueue;
  readonly #spool: Spool;
  readonly #records: StreamRecords;
  readonly #metrics: FetcherMetrics;

  constructor(parts: {
    service: Service;
    stream: StreamState;
    streamId: string;
    pipelinePrefix: string;
    queue: BatchQueue;
    spool: Spool;
    records: StreamRecords;
    metrics: FetcherMetrics;
  }) {
    this.#service = parts.service;
    this.#stream = parts.stream;
    this.#streamId = parts.streamId;
    this.#pipelinePrefix = parts.pipelinePrefix;
    this.#queue = parts.queue;
    this.#spool = parts.spool;
    this.#records = parts.records;
    this.#metrics = parts.metrics;
  }

  /**
   * Redis holds no state: the stream starts at its checkpoint, or at the window's beginning where there is none.
   * @throws TrunklineError with an ELASTICSEARCH_ code: without an answer nobody knows where to start
   */
  async start(lease: Lease, signal: AbortSignal): Promise<void> {
    const checkpoint = await this.#records.readCheckpoint(this.#streamId, signal);
    const result = await this.#stream.init(lease.token, lease.holder, checkpoint?.cursor || null);
    if (result === 'fenced') lease.lose();
    if (result !== 'ok') return;
    if (checkpoint === null) {
      this.#service.log.info(
        { event: 'stream.started', stream: this.#streamId },
        'No state and no checkpoint: the stream starts at its beginning',
      );
      return;
    }
    this.#metrics.recoveries.inc({ stream: this.#streamId });
    this.#service.totals.add('recoveries', 1);
    this.#service.log.error(
      { event: 'stream.recovered', stream: this.#streamId, checkpointAt: checkpoint.at },
      'Redis held no state of the stream: it goes on from the checkpoint in Elasticsearch, duplicates are discarded',
    );
  }

  /** Goes back to the watermark where an accepted batch is in nobody's hands; tells whether it did. */
  async rewindWhereMissing(lease: Lease): Promise<boolean> {
    const inFlight = await this.#stream.inFlight();
    // The spool is read before the queue: a batch that is drained in between is found on the queue.
    const spooled = await this.#spool.jobIds();
    const hands = {
      holds: async (jobId: string, payloadKey: string) =>
        spooled.has(jobId) || (await this.#queue.holds(jobId, payloadKey)),
    };
    const missing = await firstMissing(inFlight, hands, this.#pipelinePrefix);
    if (missing === null) return false;
    const token = newToken();
    const result = await this.#stream.rewind(lease.token, missing.seq, missing.jobId, token);
    if (result === 'fenced') lease.lose();
    if (result !== 'rewound') return false;
    lease.moveTo(token);
    this.#metrics.rewinds.inc({ stream: this.#streamId });
    this.#service.totals.add('rewinds', 1);
    this.#service.log.error(
      { event: 'stream.rewound', stream: this.#streamId, seq: missing.seq, jobId: missing.jobId },
      'A batch is missing from the queue: the stream goes back to its watermark, duplicates are discarded',
    );
    return true;
  }
}
