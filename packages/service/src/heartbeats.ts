import { deploymentPrefix, type Heartbeat, heartbeat, heartbeatTtlMs } from '@trunkline/contracts';
import type { Redis } from 'ioredis';

function heartbeatsKey(deployment: string): string {
  return `${deploymentPrefix(deployment)}:heartbeats`;
}

/**
 * Publishes a process's heartbeat: one field of one hash, so that reading all costs one command. A Redis that is full takes it
 * too: that it is full is what the heartbeat has to tell then.
 */
export async function publishHeartbeat(redis: Redis, deployment: string, beat: Heartbeat): Promise<void> {
  await redis.eval(putField, 1, heartbeatsKey(deployment), beat.instance, JSON.stringify(beat));
}

/** KEYS[1] the hash; ARGV[1] field, ARGV[2] value. The flag is known from Redis 7 on. */
const putField = `#!lua flags=allow-oom
return redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
`;

/** Redis' clock, ms since 1970: the one that all processes share, however wrong the clock of a host is. */
export async function redisNow(redis: Redis): Promise<number> {
  const [seconds, microseconds] = await redis.time();
  return Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000);
}

export async function withdrawHeartbeat(redis: Redis, deployment: string, instance: string): Promise<void> {
  await redis.hdel(heartbeatsKey(deployment), instance);
}

/** The processes that are alive: those that were heard within `heartbeatTtlMs`. */
export async function readHeartbeats(redis: Redis, deployment: string): Promise<Heartbeat[]> {
  const now = await redisNow(redis);
  const beats: Heartbeat[] = [];
  for (const text of Object.values(await redis.hgetall(heartbeatsKey(deployment)))) {
    const beat = parseBeat(text);
    if (beat !== null && now - Date.parse(beat.beatAt) < heartbeatTtlMs) beats.push(beat);
  }
  return beats.sort((a, b) => a.service.localeCompare(b.service) || a.startedAt.localeCompare(b.startedAt));
}

/** Drops the fields of processes that are long gone (killed ones cannot withdraw theirs). */
export async function pruneHeartbeats(redis: Redis, deployment: string): Promise<void> {
  const now = await redisNow(redis);
  const key = heartbeatsKey(deployment);
  const gone = Object.entries(await redis.hgetall(key))
    .filter(([, text]) => {
      const beat = parseBeat(text);
      return beat === null || now - Date.parse(beat.beatAt) > 20 * heartbeatTtlMs;
    })
    .map(([instance]) => instance);
  if (gone.length > 0) await redis.hdel(key, ...gone);
}

function parseBeat(text: string): Heartbeat | null {
  try {
    return heartbeat.parse(JSON.parse(text));
  } catch {
    return null; // written by another version
  }
}
