import { type ArchivedWindow, archivedWindowsKept, archivedWindowsKey } from '@trunkline/contracts';
import type { Redis } from 'ioredis';

/** Adds a line to the short list of windows that people see on the dashboard. */
export async function listWindow(redis: Redis, deployment: string, line: ArchivedWindow): Promise<void> {
  const key = archivedWindowsKey(deployment);
  await redis
    .multi()
    .lpush(key, JSON.stringify(line))
    .ltrim(key, 0, archivedWindowsKept - 1)
    .exec();
}
