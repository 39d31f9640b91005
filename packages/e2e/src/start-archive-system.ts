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

/**
 * Every conversation is stored once and unaltered, nothing personal leaked, digests, chain and completion events are right.
 * @param expected `leftOvers`: attempts were cut short, so that an object which no manifest names may lie about
 */
export async function expectArchivedOnce(
  system: ArchiveSystem,
  expected: { deadLettered?: number; erased?: number; failed?: number; leftOvers?: boolean } = {},
): Promise<ArchiveVerdict> {
  const { deadLettered = 0, erased = 0, failed = 0, leftOvers = false } = expected;
  const verdict = await system.oracle();
  const { findings = [], ...troubles } = archiveTroubles(verdict);
  expect({
    ...troubles,
    findings: findings.filter((finding) => !(leftOvers && finding.startsWith('object-unnamed:'))),
  }).toEqual({ findings: [] });
  expect(verdict).toMatchObject({ deadLettered, erased, stored: verdict.served - deadLettered - erased });
  expect(verdict.stored).toBeGreaterThan(0);
  expect(verdict.values).toBeGreaterThan(100);
  expect(
    (await system.failed()).map(({ queueName, failedReason }) => `${queueName}: ${failedReason}`),
  ).toHaveLength(failed);
  return verdict;
}
