/**
 * vitest's globalSetup of the projects that need real parts: one Redis and one Elasticsearch for the whole run.
 *
 * They come, in this order, from REDIS_URL and ELASTICSEARCH_URL, from the long-lived pair of `shared-parts.ts`, or are
 * started here and stopped after the last test. Tests read the addresses with `inject('redisUrl')` and
 * `inject('elasticsearchUrl')`, and keep apart by prefixes of their own.
 */
import type { Part } from '@trunkline/local-stack';
import type { TestProject } from 'vitest/node';
import { answeringSharedParts } from './shared-parts-file.ts';
import { startTestParts } from './test-parts.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    redisUrl: string;
    elasticsearchUrl: string;
  }
}

interface Run {
  users: number;
  parts: Promise<{ redisUrl: string; elasticsearchUrl: string; own: Part[] }>;
}

// Each project loads this module for itself; the run is theirs together.
const runKey = Symbol.for('trunkline.test-kit.run');
const shared = globalThis as { [runKey]?: Run };

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  shared[runKey] ??= { users: 0, parts: findOrStart() };
  const run = shared[runKey];
  run.users += 1;
  const { redisUrl, elasticsearchUrl } = await run.parts;
  project.provide('redisUrl', redisUrl);
  project.provide('elasticsearchUrl', elasticsearchUrl);
  return async () => {
    run.users -= 1;
    if (run.users > 0) return;
    delete shared[runKey];
    await Promise.all((await run.parts).own.map((part) => part.stop()));
  };
}

async function findOrStart(): Promise<{ redisUrl: string; elasticsearchUrl: string; own: Part[] }> {
  if (!process.env['REDIS_URL'] && !process.env['ELASTICSEARCH_URL']) {
    const running = await answeringSharedParts();
    if (running !== null) return { ...running, own: [] };
  }
  const { redis, elasticsearch } = await startTestParts((line) => process.stderr.write(`${line}\n`));
  return { redisUrl: redis.url, elasticsearchUrl: elasticsearch.url, own: [redis, elasticsearch] };
}
