import { hostname } from 'node:os';
import { AccessLog } from '@trunkline/access-log';
import { createLogger, loadSettings } from '@trunkline/service';
import type { Redis } from 'ioredis';
import { queueSettings } from '../config.ts';
import type { Progress } from '../terminal/progress.ts';
import { messageOf, openRedis } from './connect-redis.ts';
import type { CommandIo } from './io.ts';

/** What a command does to the deployment, in the words of the access log: none of them a value of an event or of a person. */
export interface Act {
  /** As the dashboard calls it: `retry`, `requeue`, `discard`, `reveal` ... */
  readonly action: string;
  /** Queue and job, a dead letter, or which of them. */
  readonly target: string;
  readonly reason?: string;
  /** Whether it may be about many, or is asked for before it is done: it is on record before it begins. */
  readonly ahead: boolean;
}

/**
 * Does something, and puts it into the access log that the dashboard shows: who, what, on which, and how it ended. What is about many is
 * there before the first of them, so that a command that is cut short leaves its trace.
 * @param run is given a function that counts what was done
 */
export async function onRecord<T>(
  io: CommandIo,
  redis: Redis,
  act: Act,
  progress: Pick<Progress, 'note'>,
  run: (done: (count: number) => void) => Promise<T>,
): Promise<T> {
  const { deployment } = loadSettings(queueSettings.process, io.env);
  const log = createLogger(
    { service: 'cli', instance: io.user, level: 'warn' },
    { write: (line) => progress.note(messageOf(line)) },
  );
  const accessLog = new AccessLog(redis, deployment, log);
  let count: number | null = null;
  const tell = async (outcome: 'begun' | 'done' | 'failed'): Promise<void> => {
    const { action, target, reason = null } = act;
    await accessLog.tell(
      {
        event: 'access.operator-action',
        user: io.user,
        role: null,
        address: hostname(),
        via: 'command-line',
        action,
        target,
        outcome,
        count,
        reason,
      },
      `${io.user} asked for ${action}: ${outcome}`,
    );
  };
  if (act.ahead) await tell('begun');
  try {
    const result = await run((done) => {
      count = done;
    });
    await tell('done');
    return result;
  } catch (error) {
    await tell('failed');
    throw error;
  }
}

/** The same for commands that have no other use for Redis. @throws TrunklineError CONFIG_INVALID, REDIS_UNREACHABLE: nothing is done then */
export async function withRecord<T>(
  io: CommandIo,
  act: Act,
  progress: Pick<Progress, 'note'>,
  run: (done: (count: number) => void) => Promise<T>,
): Promise<T> {
  const { redis: settings } = loadSettings(queueSettings, io.env);
  await using redis = await openRedis(settings, progress);
  return await onRecord(io, redis, act, progress, run);
}
