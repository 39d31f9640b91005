/**
 * Keeps one Redis, one Elasticsearch and one S3 running for all test runs of this user, until it is stopped:
 *
 *     node --conditions=@trunkline/source packages/test-kit/src/shared-parts.ts
 *
 * A test run then starts in a second instead of a quarter of a minute.
 */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { s3AccessOf } from '@trunkline/local-stack';
import { answeringSharedParts, type SharedParts, sharedPartsFile } from './shared-parts-file.ts';
import { startAllTestParts } from './test-parts.ts';

const running = await answeringSharedParts();
if (running !== null) {
  process.stdout.write(
    `They are running already: ${running.redisUrl} ${running.elasticsearchUrl} ${running.s3?.endpoint ?? '(no S3)'}\n`,
  );
} else {
  await keepRunning();
}

async function keepRunning(): Promise<void> {
  const stopped = Promise.withResolvers<void>();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopped.resolve());
  const { redis, elasticsearch, s3 } = await startAllTestParts((line) => process.stdout.write(`${line}\n`));
  const file = sharedPartsFile();
  const parts: SharedParts = { redisUrl: redis.url, elasticsearchUrl: elasticsearch.url, s3: s3AccessOf(s3) };
  const addresses = `${JSON.stringify({ ...parts, pid: process.pid })}\n`;
  await mkdir(path.dirname(file), { recursive: true });
  // For its user alone: credentials of an S3 that the environment named may be in it.
  await writeFile(`${file}.new`, addresses, { mode: 0o600 });
  await rename(`${file}.new`, file);
  process.stdout.write(
    `REDIS_URL=${redis.url}\nELASTICSEARCH_URL=${elasticsearch.url}\nS3_ENDPOINT=${s3.url}\n`,
  );
  await stopped.promise;
  // Others may have taken over meanwhile.
  if ((await readFile(file, 'utf8').catch(() => '')) === addresses) await rm(file, { force: true });
  await Promise.all([redis, elasticsearch, s3].map((part) => part.stop()));
}
