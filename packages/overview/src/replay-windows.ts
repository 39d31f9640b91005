import { deploymentPrefix } from '@trunkline/contracts';
import type { Redis } from 'ioredis';
import type { StreamPicture } from './streams.ts';

/** A stream that no fetcher has named for so long is forgotten (ms). */
const rememberedMs = 7 * 86_400_000;

function key(deployment: string): string {
  return `${deploymentPrefix(deployment)}:overview:replay-windows`;
}

/**
 * Length of each stream's replay window (ms) as fetchers told it last. With every fetcher dead nobody else would know which
 * streams there are, and how long there is until events are lost.
 */
export async function readReplayWindows(
  redis: Redis,
  deployment: string,
  now: number,
): Promise<Map<string, number>> {
  const windows = new Map<string, number>();
  for (const [stream, text] of Object.entries(await redis.hgetall(key(deployment)))) {
    const [lengthMs = Number.NaN, toldAt = 0] = text.split('|').map(Number);
    if (lengthMs > 0 && now - toldAt < rememberedMs) windows.set(stream, lengthMs);
  }
  return windows;
}

/** Remembers those of the streams that go on; a backfill ends. */
export async function rememberReplayWindows(
  redis: Redis,
  deployment: string,
  streams: readonly StreamPicture[],
  now: number,
): Promise<void> {
  const fields = streams
    .filter(
      ({ kind, drained, replayWindowMs }) =>
        kind !== 'backfill' && drained !== null && replayWindowMs !== null,
    )
    .map(({ id, replayWindowMs }) => [id, `${replayWindowMs}|${now}`] as const);
  if (fields.length > 0) await redis.hset(key(deployment), Object.fromEntries(fields));
}
