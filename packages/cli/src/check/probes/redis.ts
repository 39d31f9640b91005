import { randomUUID } from 'node:crypto';
import { deploymentPrefix } from '@trunkline/contracts';
import { redisNow, requireNoEviction } from '@trunkline/service';
import type { Redis } from 'ioredis';
import { clockSkew } from '../clock-skew.ts';
import { look, type Outcome, ok, type Probe, wrong } from '../probe.ts';

const leastMajor = 7;

/** @param redis connects, or gives the connection. @param now ms since 1970, this machine's */
export function redisProbes(
  redis: () => Promise<Redis>,
  deployment: string,
  now: () => number,
  needs: readonly string[],
): Probe[] {
  const reached = ['redis'];
  return [
    {
      name: 'redis',
      needs,
      attempt: async () => {
        const version = /redis_version:(\S+)/.exec(await (await redis()).info('server'))?.[1] ?? 'unknown';
        if (Number.parseInt(version, 10) >= leastMajor) return ok(`version ${version}`);
        return wrong(
          `Redis is of version ${version}.`,
          `Trunkline's scripts need Redis ${leastMajor} or newer: upgrade it.`,
        );
      },
    },
    {
      name: 'redis eviction',
      needs: reached,
      attempt: async () => {
        await requireNoEviction(await redis());
        return ok('noeviction');
      },
    },
    {
      name: 'redis append-only file',
      needs: reached,
      attempt: async () => {
        const isOn = /aof_enabled:1/.test(await (await redis()).info('persistence'));
        if (isOn) return ok('on');
        return look(
          'Redis keeps no append-only file.',
          'Set `appendonly yes`: without it a restart of Redis loses what is queued; all of it is fetched again, as long as the replay window is open.',
        );
      },
    },
    { name: 'redis writing', needs: reached, attempt: async () => tryWrite(await redis(), deployment) },
    {
      name: 'redis clock',
      needs: reached,
      attempt: async () => clockSkew(await redisNow(await redis()), now(), 'Redis'),
    },
  ];
}

async function tryWrite(redis: Redis, deployment: string): Promise<Outcome> {
  const key = `${deploymentPrefix(deployment)}:check:${randomUUID()}`;
  // The client would send a write again and again to a server that has become a replica.
  if (/role:slave/.test(await redis.info('replication'))) return refused('READONLY');
  try {
    await redis.set(key, 'trunkline check', 'EX', 60);
    const read = await redis.get(key);
    await redis.del(key);
    if (read === 'trunkline check') return ok('a key was written, read and deleted');
    return wrong(
      'What was written to Redis was not read back.',
      'Check what stands between: REDIS_URL has to lead to the primary.',
    );
  } catch (error) {
    const refusal = /^(NOPERM|READONLY|OOM|MISCONF)\b/.exec(error instanceof Error ? error.message : '')?.[1];
    if (refusal === undefined) throw error;
    return refused(refusal);
  }
}

function refused(refusal: string): Outcome {
  return wrong(`Redis refuses to write (${refusal}).`, remedies[refusal] ?? '');
}

const remedies: Readonly<Record<string, string>> = {
  NOPERM:
    "Grant the user of REDIS_URL all keys that begin with the deployment's prefix, and the commands of docs/operations.md.",
  READONLY: 'REDIS_URL leads to a replica: give the primary, or REDIS_SENTINELS.',
  OOM: 'Redis is full: raise maxmemory, and let the indexers catch up.',
  MISCONF: 'Redis cannot save to its disk: make room, or mend the disk.',
};
