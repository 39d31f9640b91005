import { setTimeout as sleep } from 'node:timers/promises';
import type { BackfillRequest, StreamRecords } from '@trunkline/elasticsearch-sink';
import type { Component, Service } from '@trunkline/service';
import type { StreamState } from '@trunkline/stream-state';
import type { AuditStreams } from './audit-streams.ts';
import type { GenesysClock } from './genesys-clock.ts';
import type { StreamWorker } from './stream-worker.ts';

/** How often it looks for requests, and whether the one in hand is done (ms). */
const lookMs = 10_000;
const doneLookMs = 1_000;

/** How long Redis keeps the state of a range that has ended (ms): whoever follows it reads its figures there. */
const keptMs = 3_600_000;

/** A range, ms since 1970, [from, to). */
interface Range {
  id: string;
  from: number;
  to: number;
}

/**
 * Takes up the ranges that people asked for, the oldest first, each as a stream of its own: every fetcher stands by for it, and the
 * holder of its lease reads it. What is done is recorded beside the checkpoints, and an hour later Redis is cleared of it; a fetcher that
 * dies leaves nothing that another could not go on with.
 */
export class BackfillKeeper implements Component {
  readonly name = 'backfill-keeper';
  readonly #service: Service;
  readonly #records: StreamRecords;
  readonly #stream: string;
  readonly #reachMs: number;
  readonly #clock: GenesysClock;
  readonly #streams: AuditStreams;
  readonly #workerOf: (range: Range) => StreamWorker;
  readonly #stateOf: (id: string) => Pick<StreamState, 'forget'>;
  readonly #stop = new AbortController();
  /** Ended ranges of which Redis holds nothing any more. */
  readonly #forgotten = new Set<string>();
  #worker: StreamWorker | null = null;
  #loop: Promise<void> = Promise.resolve();

  constructor(parts: {
    service: Service;
    records: StreamRecords;
    /** Whose ranges are asked for. */
    stream: string;
    /** How far back a range can be read (ms). */
    reachMs: number;
    clock: GenesysClock;
    streams: AuditStreams;
    worker: (range: Range) => StreamWorker;
    /** What Redis holds of a range's stream. */
    state: (id: string) => Pick<StreamState, 'forget'>;
  }) {
    this.#service = parts.service;
    this.#records = parts.records;
    this.#stream = parts.stream;
    this.#reachMs = parts.reachMs;
    this.#clock = parts.clock;
    this.#streams = parts.streams;
    this.#workerOf = parts.worker;
    this.#stateOf = parts.state;
  }

  async start(): Promise<void> {
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
    await this.#drop();
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#stop.signal.aborted) {
      try {
        await this.#look();
        failures = 0;
      } catch (err) {
        if (this.#stop.signal.aborted) return;
        // Elasticsearch is told of by those who cannot do without it.
        failures++;
        if (failures % 60 === 1) this.#service.log.warn({ event: 'backfill.look-failed', failures, err });
      }
      await this.#rest();
    }
  }

  /** Until it is time to look again, or the stream in hand is read and settled. */
  async #rest(): Promise<void> {
    for (let rested = 0; rested < lookMs && !this.#stop.signal.aborted; rested += doneLookMs) {
      if (this.#worker?.isComplete) return;
      await sleep(doneLookMs, undefined, { signal: this.#stop.signal }).catch(() => {});
    }
  }

  async #look(): Promise<void> {
    const { signal } = this.#stop;
    if (this.#worker?.isComplete) await this.#finish(this.#worker);
    const requests = await this.#records.listBackfills(this.#stream, signal);
    const open = requests.filter(({ state }) => state === 'open');
    const next = open.find((request) => request.id === this.#worker?.id) ?? open[0];
    if (next?.id !== this.#worker?.id) {
      await this.#drop();
      if (next !== undefined) await this.#takeUp(next);
    }
    await this.#forgetEnded(requests);
  }

  /** An id is not used again, and every fetcher does this, so that none has to be alive when a range ends. */
  async #forgetEnded(requests: readonly BackfillRequest[]): Promise<void> {
    const before = this.#clock.now() - keptMs;
    for (const { id, endedAt } of requests) {
      if (endedAt === null || Date.parse(endedAt) > before || this.#forgotten.has(id)) continue;
      await this.#stateOf(id).forget();
      this.#forgotten.add(id);
    }
  }

  async #takeUp(request: BackfillRequest): Promise<void> {
    const { id, requestedBy } = request;
    const range = { id, from: Date.parse(request.from), to: Date.parse(request.to) };
    const fields = {
      event: 'backfill.taken-up',
      stream: id,
      from: request.from,
      to: request.to,
      requestedBy,
    };
    if (range.from < this.#clock.now() - this.#reachMs) return this.#refuse(request);
    this.#service.log.info(fields, 'A range that was asked for is read through the audit history');
    const worker = this.#workerOf(range);
    this.#worker = worker;
    this.#streams.add(worker);
    await worker.start();
  }

  async #refuse({ id }: BackfillRequest): Promise<void> {
    const days = Math.round(this.#reachMs / 86_400_000);
    const why = `The range begins before the ${days} days that Genesys keeps audit events for.`;
    await this.#records.endBackfill(id, { state: 'refused', at: this.#nowText(), why }, this.#stop.signal);
    this.#service.log.error({ event: 'backfill.refused', stream: id }, why);
  }

  async #finish(worker: StreamWorker): Promise<void> {
    const end = { state: 'done', at: this.#nowText(), why: null } as const;
    await this.#records.endBackfill(worker.id, end, this.#stop.signal);
    this.#service.log.info(
      { event: 'backfill.done', stream: worker.id },
      'The range is read, and every event of it is settled',
    );
    await this.#drop();
  }

  /** Gives up what is in hand: another fetcher has done it, or this one stops. */
  async #drop(): Promise<void> {
    const worker = this.#worker;
    if (worker === null) return;
    this.#worker = null;
    await worker.stop();
    this.#streams.remove(worker);
  }

  #nowText(): string {
    return new Date(this.#clock.now()).toISOString();
  }
}
