/** Parts of a picture, for tests: a pipeline that is well, to be changed where a test wants it otherwise. */
import type { Heartbeat } from '@trunkline/contracts';
import type { Picture } from './picture.ts';
import type { QueueDepth } from './queue-depths.ts';
import type { StreamPicture } from './streams.ts';

/** 2026-11-22, 14:00:01. */
export const takenAt = Date.parse('2026-11-22T14:00:01.000Z');

export function process(service: string, changes: Partial<Heartbeat> = {}): Heartbeat {
  const at = '2026-11-22T14:00:00.000Z';
  return {
    v: 1,
    service,
    instance: service,
    version: '0.1.0',
    host: 'a',
    pid: 1,
    startedAt: at,
    beatAt: at,
    live: true,
    ready: true,
    problems: [],
    httpUrl: null,
    facts: {},
    ...changes,
  };
}

export function queue(name: QueueDepth['name'], changes: Partial<QueueDepth> = {}): QueueDepth {
  return {
    name,
    waiting: 0,
    active: 0,
    delayed: 0,
    failed: 0,
    waitingForOthers: 0,
    paused: false,
    ...changes,
  };
}

export function stream(changes: Partial<StreamPicture> = {}): StreamPicture {
  return {
    id: 'default',
    kind: 'live',
    received: { seq: 10, at: takenAt - 2_000 },
    indexed: { seq: 10, at: takenAt - 2_000 },
    inFlight: 0,
    leaseHolder: 'fetcher',
    lagSeconds: 2,
    replayClosesAt: takenAt + 86_400_000,
    replayWindowMs: 86_400_000,
    drained: true,
    lastPollAt: takenAt - 1_000,
    pausedUntil: null,
    readsBy: null,
    outlet: 'queue',
    spoolBatches: 0,
    ...changes,
  };
}

export const well: Picture = {
  takenAt,
  processes: [process('fetcher', { streams: { default: { lease: 'held' } } }), process('indexer')],
  streams: [stream()],
  queues: [queue('audit-index'), queue('audit-dead-letter')],
  totals: {},
  archive: { totals: {}, windows: [], failedSteps: [], heldBack: [] },
  deadLetters: { audit: null, archive: null },
};
