/**
 * vitest's globalSetup of the projects that need real parts: one Redis, one Elasticsearch and one S3 for the whole run.
 *
 * They come, in this order, from REDIS_URL, ELASTICSEARCH_URL and S3_ENDPOINT, from the long-lived ones of
 * `shared-parts.ts`, or are started here, all at once, and stopped after the last test. Tests read where they are with
 * `inject('redisUrl')`, `inject('elasticsearchUrl')` and `inject('s3')`, and keep apart by prefixes and buckets of their own.
 */
import { type Part, type S3Access, s3AccessOf } from '@trunkline/local-stack';
import type { TestProject } from 'vitest/node';
import { compileCacheFolder } from './compile-cache.ts';
import { answeringSharedParts } from './shared-parts-file.ts';
import { startAllTestParts, startTestS3 } from './test-parts.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    redisUrl: string;
    elasticsearchUrl: string;
    s3: S3Access;
  }
}

interface Parts {
  redisUrl: string;
  elasticsearchUrl: string;
  s3: S3Access;
  /** Those that were started here. */
  own: Part[];
}

interface Run {
  users: number;
  parts: Promise<Parts>;
}

// Each project loads this module for itself; the run is theirs together.
const runKey = Symbol.for('trunkline.test-kit.run');
const shared = globalThis as { [runKey]?: Run };

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  process.env['NODE_COMPILE_CACHE'] ??= compileCacheFolder;
  shared[runKey] ??= { users: 0, parts: findOrStart() };
  const run = shared[runKey];
  run.users += 1;
  const { redisUrl, elasticsearchUrl, s3 } = await run.parts;
  project.provide('redisUrl', redisUrl);
  project.provide('elasticsearchUrl', elasticsearchUrl);
  project.provide('s3', s3);
  return async () => {
    run.users -= 1;
    if (run.users > 0) return;
    delete shared[runKey];
    await Promise.all((await run.parts).own.map((part) => part.stop()));
  };
}

async function findOrStart(): Promise<Parts> {
  const tell = (line: string): void => void process.stderr.write(`${line}\n`);
  if (!process.env['REDIS_URL'] && !process.env['ELASTICSEARCH_URL']) {
    const running = await answeringSharedParts();
    if (running !== null) {
      if (running.s3 !== null && !process.env['S3_ENDPOINT']) return { ...running, s3: running.s3, own: [] };
      const s3 = await startTestS3(tell);
      return { ...running, s3: s3AccessOf(s3), own: [s3] };
    }
  }
  const { redis, elasticsearch, s3 } = await startAllTestParts(tell);
  return {
    redisUrl: redis.url,
    elasticsearchUrl: elasticsearch.url,
    s3: s3AccessOf(s3),
    own: [redis, elasticsearch, s3],
  };
}
