import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Bucket, Manifests, openS3 } from '@trunkline/archive-store';
import { type Part, type S3Access, s3AccessOf, startRedis, startS3 } from '@trunkline/local-stack';
import { Redis } from 'ioredis';

const bucket = 'bench-archives';

/** An S3 of the benchmark's own with an encrypted bucket, whatever this machine has. */
export function startOwnS3(folder: string): Promise<Part> {
  return startS3({ environment: withoutGivenParts(), bucket, dataDir: path.join(folder, 's3') });
}

/** What the processes of the archive pipeline need to know of a deployment's stage and bucket; windows are planned once, at the start. */
export function archiveEnvironment(name: string, folder: string, s3: S3Access): Record<string, string> {
  return {
    TOKENIZATION_KEY: 'tokenization key of the benchmark',
    STAGE_URL: pathToFileURL(path.join(folder, 'stage')).href,
    S3_ENDPOINT: s3.endpoint,
    S3_BUCKET: bucket,
    S3_PREFIX: `${name}/`,
    AWS_REGION: s3.region,
    AWS_ACCESS_KEY_ID: s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
    // A day that comes once in four years.
    ARCHIVE_PLAN_CRON: '0 0 29 2 *',
    COMPLIANCE_SEARCH: 'none',
  };
}

/** Where a deployment's manifests stand. @param stack closes the client with itself */
export function openManifests(name: string, s3: S3Access, stack: AsyncDisposableStack): Manifests {
  const client = openS3(
    { region: s3.region, endpoint: s3.endpoint, forcePathStyle: true },
    { accessKeyId: s3.accessKeyId, secretAccessKey: s3.secretAccessKey },
  );
  stack.defer(() => client.destroy());
  return new Manifests(new Bucket(client, { bucket, prefix: `${name}/` }));
}

function withoutGivenParts(): NodeJS.ProcessEnv {
  const environment = { ...process.env };
  delete environment['REDIS_URL'];
  delete environment['S3_ENDPOINT'];
  return environment;
}

/** What the archive pipeline needs: a Redis, an S3 with an encrypted bucket, and room on the disk for stage and logs. */
export class ArchiveParts implements AsyncDisposable {
  readonly redis: Redis;
  readonly redisUrl: string;
  readonly s3: S3Access;
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
    // Its own, whatever this machine has: they are emptied.
    const redis = await startRedis({ environment: withoutGivenParts() });
    const s3 = await startOwnS3(folder);
    return new ArchiveParts(folder, redis, s3);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.redis.disconnect();
    await Promise.all(this.#parts.map((part) => part.stop()));
    await rm(this.folder, { recursive: true, force: true });
  }
}
