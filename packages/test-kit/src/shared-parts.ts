/**
 * Keeps one Redis and one Elasticsearch running for all test runs of this user, until it is stopped:
 *
 *     node --conditions=@trunkline/source packages/test-kit/src/shared-parts.ts
 *
 * A test run then starts in a second instead of a quarter of a minute.
 */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { answeringSharedParts, sharedPartsFile } from './shared-parts-file.ts';
import { startTestParts } from './test-parts.ts';

const running = await answeringSharedParts();
if (running !== null) {
  process.stdout.write(`A pair is running already: ${running.redisUrl} ${running.elasticsearchUrl}\n`);
} else {
  await keepRunning();
}

async function keepRunning(): Promise<void> {
  const stopped = Promise.withResolvers<void>();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopped.resolve());
  const { redis, elasticsearch } = await startTestParts((line) => process.stdout.write(`${line}\n`));
  const file = sharedPartsFile();
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(
    `${file}.new`,
    `${JSON.stringify({ redisUrl: redis.url, elasticsearchUrl: elasticsearch.url, pid: process.pid })}\n`,
  );
  await rename(`${file}.new`, file);
  process.stdout.write(`REDIS_URL=${redis.url}\nELASTICSEARCH_URL=${elasticsearch.url}\n`);
  await stopped.promise;
  await rm(file, { force: true });
  await Promise.all([redis.stop(), elasticsearch.stop()]);
}
