import { System } from '@trunkline/test-kit';
import { type ChaosFault, chaosFaults, impatient } from './faults.ts';
import type { SeededRandom } from './random.ts';
import { runRound } from './round.ts';
import type { ChaosParts, StartedRound } from './started-round.ts';

/** Two faults of all, where it is not told which. */
export function auditRound(
  { redisUrl, elasticsearchUrl }: ChaosParts,
  random: SeededRandom,
  { only, settings = impatient }: { only?: ChaosFault[]; settings?: Record<string, string> } = {},
): StartedRound {
  const faults = only ?? [random.pick(chaosFaults), random.pick(chaosFaults)];
  return {
    faults: faults.map(({ name }) => name),
    compare: async () => {
      await using system = await System.start({
        redisUrl,
        elasticsearchUrl,
        fetchers: 2,
        indexers: 2,
        simulator: { backlog: 500 },
        settings,
      });
      await runRound(system, faults, random);
      const { due, indexed, missing, twice, altered, extra } = await system.oracle();
      return {
        counts: { events: due, indexed },
        wrong: { lost: missing, twice, altered, 'from nowhere': extra },
        failedJobs: (await system.jobCounts())['failed'] ?? 0,
      };
    },
  };
}
