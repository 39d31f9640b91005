import type { ArchiveSystem } from '@trunkline/test-kit';
import type { ChaosFault } from './faults.ts';
import type { SeededRandom } from './random.ts';
import { healEverything, strikeAtRandom } from './round.ts';

/**
 * One round of the archive pipeline: two days are planned, each fault strikes at a random moment of its own, all heals, and both days are
 * archived. It only waits for that: the caller judges.
 * @throws Error where they are not archived
 */
export async function runArchiveRound(
  system: ArchiveSystem,
  faults: readonly ChaosFault<ArchiveSystem>[],
  random: SeededRandom,
  options: { fromDaysAgo?: number; spreadMs?: number } = {},
): Promise<void> {
  const { fromDaysAgo = 2, spreadMs = 4_000 } = options;
  const days = [system.day(fromDaysAgo + 1), system.day(fromDaysAgo)] as const;
  await system.plan(...days);
  await strikeAtRandom(system, faults, random, spreadMs);
  await healEverything(system);
  // What a fault took with it is asked for again, and what it left failed is retried, as a person does who sees it.
  await system.planned(...days);
  await system.archivedByRetries(system.day(1), ...days);
}
