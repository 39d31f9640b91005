import {
  ARCHIVE_DEAD_LETTER,
  AUDIT_DEAD_LETTER,
  type Heartbeat,
  pipelinePrefix,
  type QueueName,
  type TotalName,
} from '@trunkline/contracts';
import { countEvents, Elasticsearch } from '@trunkline/elasticsearch-sink';
import {
  elasticsearchSettings,
  loadSettings,
  processSettings,
  queuePrefix,
  readHeartbeats,
  readTotals,
} from '@trunkline/service';
import { readStream, type StreamSnapshot, streamKeys } from '@trunkline/stream-state';
import { Redis } from 'ioredis';
import { archives } from './process-settings.ts';
import type { ArchiveStatus, Status } from './status-line.ts';

const stream = 'default';

/** How long Elasticsearch may take before its figure counts as unknown. */
const countLimitMs = 1_500;

/** Reads what the pipeline tells of itself in Redis and Elasticsearch. What cannot be read is `null`, never 0. */
export class StatusReader implements AsyncDisposable {
  readonly #redis: Redis;
  readonly #deployment: string;
  readonly #elasticsearch: Elasticsearch;
  readonly #indexPattern: string;
  readonly #archives: boolean;

  /**
   * @param settings the environment of the processes
   * @throws TrunklineError CONFIG_INVALID where they could not start with it either
   */
  constructor(settings: Record<string, string>) {
    const cluster = loadSettings(elasticsearchSettings, settings);
    this.#elasticsearch = new Elasticsearch(cluster);
    this.#indexPattern = `${cluster.indexPrefix}*`;
    this.#archives = archives(settings);
    this.#deployment = loadSettings(processSettings, settings).deployment;
    this.#redis = new Redis(settings['REDIS_URL'] ?? '', {
      connectionName: 'trunkline-start',
      connectTimeout: 2_000,
      commandTimeout: 2_000,
      maxRetriesPerRequest: 0,
      enableOfflineQueue: false,
      retryStrategy: () => 500,
    });
    // A Redis that is away shows as unknown figures.
    this.#redis.on('error', () => {});
  }

  /** The processes that are alive; none where Redis is away. */
  async heartbeats(): Promise<Heartbeat[]> {
    return (await orNull(readHeartbeats(this.#redis, this.#deployment))) ?? [];
  }

  async read(): Promise<Status> {
    const prefix = pipelinePrefix(this.#deployment, 'audit');
    const [beats, archive, totals, snapshot, deadLetters, indexed] = await Promise.all([
      orNull(readHeartbeats(this.#redis, this.#deployment)),
      this.#archives ? this.#readArchive() : null,
      orNull(readTotals(this.#redis, this.#deployment, 'audit')),
      orNull(readStream(this.#redis, streamKeys(prefix, stream))),
      this.#failed(AUDIT_DEAD_LETTER),
      // The total in Redis misses what a killed indexer had not told yet; the index itself misses nothing.
      orNull(
        countEvents(
          this.#elasticsearch,
          { indexPattern: this.#indexPattern, from: null, to: null },
          AbortSignal.timeout(countLimitMs),
        ),
      ),
    ]);
    return {
      received: total(totals, 'received'),
      indexed,
      duplicates: total(totals, 'duplicate'),
      deadLetters,
      lagSeconds: snapshot === null ? null : lagSeconds(snapshot),
      gate: gateOf(beats ?? [], 'indexer'),
      archive: archive && { ...archive, gate: gateOf(beats ?? [], 'uploader') },
      problems: beats && problemsOf(beats),
    };
  }

  async #readArchive(): Promise<Omit<ArchiveStatus, 'gate'>> {
    const [totals, deadLetters] = await Promise.all([
      orNull(readTotals(this.#redis, this.#deployment, 'archive')),
      this.#failed(ARCHIVE_DEAD_LETTER),
    ]);
    return {
      windows: total(totals, 'windowsArchived'),
      stored: total(totals, 'conversationsArchived'),
      deadLetters,
      told: total(totals, 'completionEvents'),
    };
  }

  /** Jobs of a queue that stand failed. */
  #failed(queue: QueueName): Promise<number | null> {
    return orNull(this.#redis.zcard(`${queuePrefix(this.#deployment, queue)}:${queue}:failed`));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#redis.disconnect();
    await this.#elasticsearch[Symbol.asyncDispose]();
  }
}

/** A total that was never counted is none so far; only unread totals are unknown. */
function total(totals: Partial<Record<TotalName, number>> | null, name: TotalName): number | null {
  return totals === null ? null : (totals[name] ?? 0);
}

/** How far indexing is behind receiving, in event time; `null` where no page told its time yet. */
function lagSeconds({ state }: StreamSnapshot): number | null {
  if (state === null) return null;
  const { received, indexed } = state;
  if (received.seq === indexed.seq) return 0;
  if (received.at === null || indexed.at === null) return null;
  return Math.max(0, received.at - indexed.at) / 1_000;
}

/** What the processes of a kind say of their gates: the word that they share, or each that stands. */
function gateOf(beats: readonly Heartbeat[], service: string): string | null {
  const words = beats
    .filter((beat) => beat.service === service)
    .map((beat) => beat.facts['gate'])
    .filter((word) => typeof word === 'string');
  return words.length === 0 ? null : [...new Set(words)].join('/');
}

/** Replicas with the same trouble are told of once. */
function problemsOf(beats: readonly Heartbeat[]): string[] {
  return [...new Set(beats.flatMap((beat) => beat.problems.map((problem) => `${beat.service}: ${problem}`)))];
}

function orNull<T>(reading: Promise<T>): Promise<T | null> {
  return reading.catch(() => null);
}
