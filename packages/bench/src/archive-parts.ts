import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Part, type S3Access, s3AccessOf, startRedis, startS3 } from '@trunkline/local-stack';
import { Redis } from 'ioredis';

const bucket = 'bench-archives';

/** What the archive pipeline needs: a Redis, an S3 with an encrypted bucket, and room on the disk for stage and logs. */
export class ArchiveParts implements AsyncDisposable {
  readonly redis: Redis;
  readonly redisUrl: string;
  readonly s3: S3Access;
  readonly bucket = bucket;
  /** Goes with the parts. */
  readonly folder: string;
  readonly #parts: readonly Part[];

  private constructor(folder: string, redis: Part, s3: Part) {
    this.folder = folder;
    this.redisUrl = redis.url;
    this.redis = new Redis(redis.url, { maxRetriesPerRequest: null });
    this.s3 = s3AccessOf(s3);
    this.#parts = [redis, s3];
  }

  static async start(): Promise<ArchiveParts> {
    const folder = await mkdtemp(path.join(tmpdir(), 'trunkline-bench-'));
    const environment = { ...process.env };
    // Its own, whatever this machine has: they are emptied.
    delete environment['REDIS_URL'];
    delete environment['S3_ENDPOINT'];
    const redis = await startRedis({ environment });
    const s3 = await startS3({ environment, bucket, dataDir: path.join(folder, 's3') });
    return new ArchiveParts(folder, redis, s3);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.redis.disconnect();
    await Promise.all(this.#parts.map((part) => part.stop()));
    await rm(this.folder, { recursive: true, force: true });
  }
}
