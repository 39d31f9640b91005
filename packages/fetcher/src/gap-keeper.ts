import type { StreamRecords } from '@trunkline/elasticsearch-sink';
import type { SourceReach } from '@trunkline/genesys';
import type { Service } from '@trunkline/service';
import type { Position } from '@trunkline/stream-state';
import { gapRecord } from './gap-record.ts';
import type { GenesysClock } from './genesys-clock.ts';
import type { FetcherMetrics } from './metrics.ts';

/** Writes a durable gap record before anything of a page is taken that was asked for without a cursor (rule 9). */
export class GapKeeper {
  readonly #service: Service;
  readonly #records: StreamRecords;
  readonly #stream: string;
  readonly #reach: SourceReach;
  readonly #clock: GenesysClock;
  readonly #metrics: FetcherMetrics;
  #lastId: string | null = null;

  constructor(parts: {
    service: Service;
    records: StreamRecords;
    stream: string;
    reach: SourceReach;
    clock: GenesysClock;
    metrics: FetcherMetrics;
  }) {
    this.#service = parts.service;
    this.#records = parts.records;
    this.#stream = parts.stream;
    this.#reach = parts.reach;
    this.#clock = parts.clock;
    this.#metrics = parts.metrics;
  }

  /**
   * Resolves when the record is on disk; the same gap met again is written once. A stream that begins at a time of its own leaves
   * nothing out.
   * @param received the last position received; its cursor is `null` where the stream has none
   * @param begins where the stream begins anew, ms since 1970; `null`: as one does that is started for the first time
   * @throws TrunklineError with an ELASTICSEARCH_ code
   */
  async record(epoch: string, received: Position, begins: number | null, signal: AbortSignal): Promise<void> {
    const { firstStartMs, lateMs } = this.#reach;
    if (firstStartMs === null) return;
    const now = this.#clock.now();
    const reason = received.cursor === null ? 'no-cursor' : 'cursor-expired';
    const gap = gapRecord({
      epoch,
      cursor: received.cursor,
      receivedAt: received.at,
      reason,
      now,
      beginsAt: begins ?? now - firstStartMs,
      lateMs,
    });
    if (gap.id === this.#lastId) return;
    await this.#records.writeGapRecord(this.#stream, gap, signal);
    this.#lastId = gap.id;
    this.#metrics.gaps.inc({ stream: this.#stream, reason });
    this.#service.totals.add('gapRecords', 1);
    const fields = { event: 'gap.recorded', stream: this.#stream, reason, from: gap.from, to: gap.to };
    if (reason === 'no-cursor') {
      this.#service.log.warn(fields, 'The stream has no cursor: it starts AUDIT_REPLAY_WINDOW_HOURS ago');
    } else {
      this.#service.log.error(
        fields,
        'The cursor is of no more use: the stream begins anew where the gap ends; run a reconcile for it, or a backfill',
      );
    }
  }
}
