import { readFile } from 'node:fs/promises';
import path from 'node:path';
import {
  cacheFolder,
  elasticsearchAnswers,
  redisAnswers,
  type S3Access,
  s3Answers,
} from '@trunkline/local-stack';

export interface SharedParts {
  redisUrl: string;
  elasticsearchUrl: string;
  /** `null` where they have none, or it does not answer: it is started in a second by who needs it. */
  s3: S3Access | null;
}

/** Where `shared-parts.ts` writes the addresses of the parts that it keeps running. */
export function sharedPartsFile(): string {
  return path.join(cacheFolder(), 'shared-parts.json');
}

/** The long-lived parts, when they are running and Redis and Elasticsearch answer; else `null`. */
export async function answeringSharedParts(): Promise<SharedParts | null> {
  let parts: Omit<SharedParts, 's3'> & { s3?: S3Access };
  try {
    parts = JSON.parse(await readFile(sharedPartsFile(), 'utf8')) as typeof parts;
  } catch {
    return null;
  }
  const [redis, elasticsearch, s3] = await Promise.all([
    redisAnswers(parts.redisUrl),
    elasticsearchAnswers(parts.elasticsearchUrl),
    parts.s3 !== undefined && s3Answers(parts.s3.endpoint),
  ]);
  return redis && elasticsearch ? { ...parts, s3: s3 ? (parts.s3 ?? null) : null } : null;
}
