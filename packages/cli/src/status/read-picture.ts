import { type QueueName, queueNames } from '@trunkline/contracts';
import { AuditLetterDesk } from '@trunkline/dead-letters';
import { Elasticsearch } from '@trunkline/elasticsearch-sink';
import { DeadLetterTally, type Picture, readPicture } from '@trunkline/overview';
import { loadSettings, openQueue } from '@trunkline/service';
import type { Queue } from 'bullmq';
import { checkKnownElasticsearch, worklistSettings } from '../config.ts';
import { openRedis } from '../frame/connect-redis.ts';
import type { CommandIo } from '../frame/io.ts';
import { Progress } from '../terminal/progress.ts';

/** A person waits: where Elasticsearch takes longer, the queue tells what is known of dead letters (ms). */
const longestMs = 5_000;

export interface PictureReader extends AsyncDisposable {
  read(): Promise<Picture>;
}

/**
 * Opens what a picture is read from: Redis, and for the dead letters of audit events their index, where a deployment tells of it.
 * @throws TrunklineError CONFIG_INVALID, REDIS_UNREACHABLE
 */
export async function openPicture(io: CommandIo): Promise<PictureReader> {
  const config = loadSettings(worklistSettings, io.env, checkKnownElasticsearch);
  using progress = new Progress(io.err, io.now);
  await using opened = new AsyncDisposableStack();
  const redis = opened.use(await openRedis(config.redis, progress));
  const { deployment } = config.process;
  const queues = new Map<QueueName, Queue>();
  for (const name of queueNames) {
    const queue = openQueue(deployment, name, redis);
    queue.on('error', () => {}); // the connection tells it
    opened.defer(() => queue.close());
    queues.set(name, queue);
  }
  const queue = (name: QueueName): Queue => queues.get(name) as Queue;
  const { elasticsearch } = config;
  const index =
    elasticsearch.urls === null && elasticsearch.cloudId === null
      ? null
      : opened.use(
          new Elasticsearch({
            ...elasticsearch,
            timeoutMs: Math.min(elasticsearch.timeoutMs, longestMs),
          }),
        );
  const deadLetters = new DeadLetterTally(redis, queue, {
    maxAgeMs: 0,
    ...(index === null
      ? {}
      : { audit: () => new AuditLetterDesk(index, elasticsearch, null).letters.countsByCode('open') }),
  });
  const held = opened.move();
  return {
    read: () => readPicture({ redis, deployment, streams: null, queue, deadLetters }),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}
