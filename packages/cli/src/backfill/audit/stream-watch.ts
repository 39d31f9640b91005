import { setTimeout as sleep } from 'node:timers/promises';
import { pipelinePrefix, TrunklineError } from '@trunkline/contracts';
import { countOfStream, type Elasticsearch, type StreamRecords } from '@trunkline/elasticsearch-sink';
import { auditHistory } from '@trunkline/genesys';
import { readHeartbeats } from '@trunkline/service';
import { readStream, streamKeys } from '@trunkline/stream-state';
import type { Redis } from 'ioredis';
import type { TimeRange } from '../../frame/time-range.ts';
import type { Progress } from '../../terminal/progress.ts';
import { count, counted } from '../../terminal/text.ts';
import { type AuditBackfillReport, rateText } from './report.ts';

const lookMs = 2_000;
/** How long nobody may take the range up before the command looks whether anybody can (ms). */
const quietMs = 5_000;

interface Parts {
  redis: Redis;
  deployment: string;
  records: Pick<StreamRecords, 'listBackfills'>;
  elasticsearch: Elasticsearch;
  indexPattern: string;
  /** The stream of whose ranges this is one. */
  parent: string;
  range: TimeRange;
}

/** Follows the stream of a range until the range is done, or refused. */
export class StreamWatch {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Brings the report up to date with every look. */
  async until(
    report: AuditBackfillReport,
    limit: { progress: Progress; now: () => number; until: number },
  ): Promise<void> {
    const { progress, now } = limit;
    const asksAt = now() + quietMs;
    let asked = false;
    let reached: number | null = null;
    for (;;) {
      reached = await this.#lookPatiently(report, reached, progress);
      if (report.state !== 'open') return;
      const isOver = now() >= limit.until;
      if (reached === null && !asked && (isOver || now() >= asksAt)) {
        asked = true;
        if (await this.#nobodyReads()) progress.note('No fetcher is alive: the range waits until one is.');
      }
      if (isOver) return;
      progress.at({ what: 'Reading', share: reached, detail: detailOf(report) });
      await sleep(lookMs);
    }
  }

  /** What is away for a moment ends no wait of hours: the last look stands. */
  async #lookPatiently(
    report: AuditBackfillReport,
    last: number | null,
    progress: Progress,
  ): Promise<number | null> {
    try {
      return await this.#look(report);
    } catch (error) {
      if (!(error instanceof TrunklineError) || error.kind !== 'retriable') throw error;
      progress.note(error.message);
      return last;
    }
  }

  /** The share of the range that is indexed; `null`: nobody has begun. */
  async #look(report: AuditBackfillReport): Promise<number | null> {
    const { redis, deployment, records, elasticsearch, indexPattern, parent, range } = this.#parts;
    const keys = streamKeys(pipelinePrefix(deployment, 'audit'), report.stream);
    const { state } = await readStream(redis, keys);
    report.batches = state?.indexed.seq ?? 0;
    report.events = await countOfStream(elasticsearch, indexPattern, report.stream);
    const request = (await records.listBackfills(parent)).find(({ id }) => id === report.stream);
    if (request !== undefined) Object.assign(report, { state: request.state, why: request.why });
    const at = report.state === 'done' ? range.to : (state?.indexed.at ?? null);
    const readMs = Math.max(0, (at ?? range.from) - range.from);
    report.windowsDone = at === range.to ? report.windows : Math.floor(readMs / auditHistory.windowMs);
    return state === null ? null : readMs / (range.to - range.from);
  }

  async #nobodyReads(): Promise<boolean> {
    const beats = await readHeartbeats(this.#parts.redis, this.#parts.deployment);
    return !beats.some(({ service }) => service === 'fetcher');
  }
}

function detailOf({ windows, windowsDone, events, requestsPerSecond }: AuditBackfillReport): string {
  return `${count(windowsDone)} of ${counted(windows, 'window')}, ${counted(events ?? 0, 'new event')}, ${rateText(requestsPerSecond)}`;
}
