import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { cacheFolder, elasticsearchAnswers, redisAnswers } from '@trunkline/local-stack';

export interface SharedParts {
  redisUrl: string;
  elasticsearchUrl: string;
}

/** Where `shared-parts.ts` writes the addresses of the pair that it keeps running. */
export function sharedPartsFile(): string {
  return path.join(cacheFolder(), 'shared-parts.json');
}

/** The long-lived pair, when one is running and both answer; else `null`. */
export async function answeringSharedParts(): Promise<SharedParts | null> {
  let parts: SharedParts;
  try {
    parts = JSON.parse(await readFile(sharedPartsFile(), 'utf8')) as SharedParts;
  } catch {
    return null;
  }
  const answers = await Promise.all([
    redisAnswers(parts.redisUrl),
    elasticsearchAnswers(parts.elasticsearchUrl),
  ]);
  return answers.every(Boolean) ? parts : null;
}
