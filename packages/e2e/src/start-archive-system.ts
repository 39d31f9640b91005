import { type ArchiveVerdict, archiveTroubles } from '@trunkline/local-stack';
import { ArchiveSystem, type ArchiveSystemOptions } from '@trunkline/test-kit';
import { expect, inject } from 'vitest';

/** An archive system on the parts that all tests share, unless it is given its own. */
export function startArchiveSystem(options: Partial<ArchiveSystemOptions> = {}): Promise<ArchiveSystem> {
  return ArchiveSystem.start({
    redisUrl: inject('redisUrl'),
    elasticsearchUrl: inject('elasticsearchUrl'),
    s3: inject('s3'),
    ...options,
  });
}

/** Every conversation is stored once and unaltered, nothing personal leaked, digests, chain and completion events are right. */
export async function expectArchivedOnce(
  system: ArchiveSystem,
  expected: { deadLettered?: number; erased?: number; failed?: number } = {},
): Promise<ArchiveVerdict> {
  const { deadLettered = 0, erased = 0, failed = 0 } = expected;
  const verdict = await system.oracle();
  expect(archiveTroubles(verdict)).toEqual({});
  expect(verdict).toMatchObject({ deadLettered, erased, stored: verdict.served - deadLettered - erased });
  expect(verdict.stored).toBeGreaterThan(0);
  expect(verdict.values).toBeGreaterThan(100);
  expect(
    (await system.failed()).map(({ queueName, failedReason }) => `${queueName}: ${failedReason}`),
  ).toHaveLength(failed);
  return verdict;
}
