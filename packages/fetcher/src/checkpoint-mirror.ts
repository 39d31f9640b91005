import type { StreamRecords } from '@trunkline/elasticsearch-sink';
import type { Service } from '@trunkline/service';
import type { Position } from '@trunkline/stream-state';

/**
 * Mirrors the indexed cursor to Elasticsearch, beside the data it speaks of, for the day on which Redis is found empty.
 *
 * Never waited for: a slow Elasticsearch must not slow the polls, and an older checkpoint is safe (more is fetched again).
 * A write that fails is not repeated: the next one carries more.
 */
export class CheckpointMirror {
  readonly #service: Service;
  readonly #records: StreamRecords;
  readonly #stream: string;
  readonly #intervalMs: number;
  readonly #stop = new AbortController();
  #mirrored: string | null = null;
  #nextAt = 0;
  #writing: Promise<void> | null = null;

  constructor(service: Service, records: StreamRecords, stream: string, intervalMs: number) {
    this.#service = service;
    this.#records = records;
    this.#stream = stream;
    this.#intervalMs = intervalMs;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#writing;
  }

  /** Writes the position in the background, unless it was written already, one is being written, or it is too soon. */
  offer(indexed: Position): void {
    const now = Date.now();
    if (this.#writing !== null || now < this.#nextAt) return;
    if (indexed.cursor === null || indexed.cursor === this.#mirrored) return;
    this.#nextAt = now + this.#intervalMs;
    this.#writing = this.#write(indexed.cursor, indexed.seq, new Date(now)).finally(() => {
      this.#writing = null;
    });
  }

  async #write(cursor: string, seq: number, at: Date): Promise<void> {
    try {
      await this.#records.writeCheckpoint(
        this.#stream,
        { cursor, seq, at: at.toISOString() },
        this.#stop.signal,
      );
      this.#mirrored = cursor;
    } catch (err) {
      this.#service.log.debug({ event: 'checkpoint.not-mirrored', err });
    }
  }
}
