import { type Contract, System } from '@trunkline/test-kit';
import { type ChaosFault, chaosFaults, impatient } from './faults.ts';
import type { SeededRandom } from './random.ts';
import { runRound } from './round.ts';
import type { ChaosParts, StartedRound } from './started-round.ts';

/** What the simulator serves, and events a second of its clock while faults strike. */
const served = {
  guide: { simulator: { backlog: 500 }, rate: 200 },
  // A minute takes three seconds: late rows, sweeps and histories have their turns. Results of history come as files, too.
  platform: {
    simulator: {
      backlog: 500,
      clockSpeed: 20,
      audits: { lateShare: 0.1, lateSeconds: 50, inlineRows: 20, fileRows: 50 },
    },
    rate: 10,
  },
} as const;

/** Two faults of all, where it is not told which. */
export function auditRound(
  { redisUrl, elasticsearchUrl }: ChaosParts,
  random: SeededRandom,
  {
    contract = 'guide',
    only,
    settings = impatient,
  }: { contract?: Contract; only?: ChaosFault[]; settings?: Record<string, string> } = {},
): StartedRound {
  const all = chaosFaults[contract];
  const faults = only ?? [random.pick(all), random.pick(all)];
  const { simulator, rate } = served[contract];
  return {
    faults: faults.map(({ name }) => name),
    compare: async () => {
      await using system = await System.start({
        redisUrl,
        elasticsearchUrl,
        fetchers: 2,
        indexers: 2,
        contract,
        simulator,
        settings,
      });
      await runRound(system, faults, random, { rate });
      const { due, indexed, missing, twice, altered, extra } = await system.oracle();
      return {
        counts: { events: due, indexed },
        wrong: { lost: missing, twice, altered, 'from nowhere': extra },
        failedJobs: (await system.jobCounts())['failed'] ?? 0,
      };
    },
  };
}
