import { type Heartbeat, pipelinePrefix, type QueueName, type TotalName } from '@trunkline/contracts';
import { readHeartbeats, readTotals, redisNow } from '@trunkline/service';
import { readStream, streamKeys } from '@trunkline/stream-state';
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { type ArchivePicture, readArchive } from './archive/archive-picture.ts';
import type { DeadLetterCounts, DeadLetterTally } from './dead-letter-tally.ts';
import { type QueueDepth, readQueueDepths } from './queue-depths.ts';
import { readReplayWindows } from './replay-windows.ts';
import { type StreamPicture, streamPicture, streamsOf } from './streams.ts';

/** What Redis tells of both pipelines at one moment: all that the overview and `trunkline status` show and judge. */
export interface Picture {
  /** ms since 1970, by Redis' clock, as heartbeats are. */
  readonly takenAt: number;
  /** Those that are alive. */
  readonly processes: readonly Heartbeat[];
  readonly streams: readonly StreamPicture[];
  readonly queues: readonly QueueDepth[];
  /** Counts of the audit pipeline since the deployment began; a name that was never counted is absent. */
  readonly totals: Partial<Record<TotalName, number>>;
  readonly archive: ArchivePicture;
  readonly deadLetters: DeadLetterCounts;
}

export interface PictureSource {
  readonly redis: Redis;
  readonly deployment: string;
  /** `null`: those that fetchers name, or named within the last days. */
  readonly streams: readonly string[] | null;
  readonly queue: (name: QueueName) => Queue;
  readonly deadLetters: DeadLetterTally;
}

/** Reads everything at once; some sixty commands in three turns, none of which depends on how much is queued. Writes nothing. */
export async function readPicture(source: PictureSource): Promise<Picture> {
  const { redis, deployment } = source;
  const prefix = pipelinePrefix(deployment, 'audit');
  const [takenAt, processes] = await Promise.all([redisNow(redis), readHeartbeats(redis, deployment)]);
  const windows = await readReplayWindows(redis, deployment, takenAt);
  const ids = source.streams ?? streamIds(processes, windows);
  const [streams, queues, totals, archive, deadLetters] = await Promise.all([
    Promise.all(
      ids.map(async (id) => {
        const snapshot = await readStream(redis, streamKeys(prefix, id));
        return streamPicture(id, snapshot, processes, windows.get(id) ?? null, takenAt);
      }),
    ),
    readQueueDepths(source.queue),
    readTotals(redis, deployment, 'audit'),
    readArchive(source),
    source.deadLetters.read(),
  ]);
  return { takenAt, processes, streams, queues, totals, archive, deadLetters };
}

/** Those that fetchers poll or stand by for, or did; where nobody knows of any, the one that a deployment has unless told otherwise. */
function streamIds(processes: readonly Heartbeat[], remembered: ReadonlyMap<string, number>): string[] {
  const named = new Set([
    ...processes.flatMap((process) => Object.keys(streamsOf(process))),
    ...remembered.keys(),
  ]);
  return named.size === 0 ? ['default'] : [...named].sort();
}
