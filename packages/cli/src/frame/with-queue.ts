import type { QueueName } from '@trunkline/contracts';
import { loadSettings, openQueue } from '@trunkline/service';
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { queueSettings } from '../config.ts';
import { Progress } from '../terminal/progress.ts';
import { openRedis } from './connect-redis.ts';
import type { CommandIo } from './io.ts';

/** Runs something with a queue of the deployment. @throws TrunklineError CONFIG_INVALID, REDIS_UNREACHABLE */
export async function withQueue<T>(
  io: CommandIo,
  name: QueueName,
  use: (queue: Queue, progress: Progress, redis: Redis) => Promise<T>,
): Promise<T> {
  const config = loadSettings(queueSettings, io.env);
  using progress = new Progress(io.err, io.now);
  await using redis = await openRedis(config.redis, progress);
  return await withQueueOn(redis, config.process.deployment, name, (queue) => use(queue, progress, redis));
}

/** The same on a connection that is there. */
export async function withQueueOn<T>(
  redis: Redis,
  deployment: string,
  name: QueueName,
  use: (queue: Queue) => Promise<T>,
): Promise<T> {
  const queue = openQueue(deployment, name, redis);
  queue.on('error', () => {}); // the connection tells it
  try {
    return await use(queue);
  } finally {
    await queue.close();
  }
}
