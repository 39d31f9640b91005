import { type Heartbeat, pipelinePrefix, type QueueName, queueNames } from '@trunkline/contracts';
import { readHeartbeats, readTotals } from '@trunkline/service';
import { readStream, type StreamSnapshot, streamKeys } from '@trunkline/stream-state';
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { type ArchiveSnapshot, readArchive } from './archive/archive-snapshot.ts';

export interface QueueDepth {
  readonly name: QueueName;
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  readonly failed: number;
  /** Jobs that wait for jobs of other queues, as a window's for its batches. */
  readonly waitingForOthers: number;
  readonly paused: boolean;
}

/** What Redis tells of the pipeline at one moment. */
export interface Snapshot {
  /** ms since 1970. */
  readonly takenAt: number;
  readonly processes: readonly Heartbeat[];
  readonly streams: readonly { id: string; stream: StreamSnapshot }[];
  readonly queues: readonly QueueDepth[];
  /** Counts of the audit pipeline since the deployment began; a name that was never counted is absent. */
  readonly totals: Readonly<Record<string, number>>;
  readonly archive: ArchiveSnapshot;
}

export interface SnapshotSource {
  readonly redis: Redis;
  readonly deployment: string;
  /** `null`: those that the living fetchers name. */
  readonly streams: readonly string[] | null;
  readonly queue: (name: QueueName) => Queue;
}

/** Reads everything at once; some thirty commands, none of which depends on how much is queued. */
export async function readSnapshot(source: SnapshotSource): Promise<Snapshot> {
  const { redis, deployment } = source;
  const prefix = pipelinePrefix(deployment, 'audit');
  const processes = await readHeartbeats(redis, deployment);
  const ids = source.streams ?? streamsOf(processes);
  const [streams, queues, totals, archive] = await Promise.all([
    Promise.all(ids.map(async (id) => ({ id, stream: await readStream(redis, streamKeys(prefix, id)) }))),
    Promise.all(queueNames.map((name) => readDepth(name, source.queue(name)))),
    readTotals(redis, deployment, 'audit'),
    readArchive(source),
  ]);
  return { takenAt: Date.now(), processes, streams, queues, totals, archive };
}

/** The streams that fetchers poll or stand by for; where none is alive, the one that a deployment has unless told otherwise. */
function streamsOf(processes: readonly Heartbeat[]): string[] {
  const named = processes
    .filter((process) => process.service === 'fetcher')
    .map((process) => process.facts['stream'])
    .filter((stream) => typeof stream === 'string');
  return named.length === 0 ? ['default'] : [...new Set(named)].sort();
}

async function readDepth(name: QueueName, queue: Queue): Promise<QueueDepth> {
  const [counts, paused] = await Promise.all([
    queue.getJobCounts('wait', 'prioritized', 'active', 'delayed', 'failed', 'waiting-children'),
    queue.isPaused(),
  ]);
  const count = (state: string): number => counts[state] ?? 0;
  return {
    name,
    waiting: count('wait') + count('waiting') + count('prioritized'),
    active: count('active'),
    delayed: count('delayed'),
    failed: count('failed'),
    waitingForOthers: count('waiting-children'),
    paused,
  };
}
