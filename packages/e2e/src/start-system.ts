import { System, type SystemOptions } from '@trunkline/test-kit';
import { expect, inject } from 'vitest';

/** A system on the Redis and Elasticsearch that all tests share, unless it is given its own. */
export function startSystem(options: Partial<SystemOptions> = {}): Promise<System> {
  return System.start({
    redisUrl: inject('redisUrl'),
    elasticsearchUrl: inject('elasticsearchUrl'),
    ...options,
  });
}

/** Nothing is missing, twice, altered or from nowhere, and no job waits for a person. */
export async function expectExactlyOnce(
  system: System,
  expected: { deadLettered?: number; gapsAccount?: boolean } = {},
): Promise<void> {
  const { deadLettered = 0, gapsAccount = false } = expected;
  const verdict = await system.oracle({ gapsAccount });
  expect(verdict).toMatchObject({ missing: [], twice: [], altered: [], extra: [], deadLettered });
  expect(verdict.indexed).toBeGreaterThan(0);
  expect(await system.jobCounts()).toMatchObject({ failed: 0 });
}
