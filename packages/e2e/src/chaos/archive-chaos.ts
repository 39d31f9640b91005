import { archiveTroubleKinds } from '@trunkline/local-stack';
import { ArchiveSystem, type Contract } from '@trunkline/test-kit';
import { archiveChaosFaults } from './archive-faults.ts';
import { runArchiveRound } from './archive-round.ts';
import { impatient } from './faults.ts';
import type { SeededRandom } from './random.ts';
import type { ChaosParts, StartedRound } from './started-round.ts';

/** Two faults of all, while two days are archived by two of every process. */
export function archiveRound(
  { redisUrl, elasticsearchUrl, s3 }: ChaosParts,
  random: SeededRandom,
  contract: Contract,
): StartedRound {
  if (s3 === null) throw new Error('A round of the archive pipeline needs an S3.');
  const all = archiveChaosFaults(contract);
  const faults = [random.pick(all), random.pick(all)];
  const stage = random.pick(['folder', 'bucket'] as const);
  return {
    faults: faults.map(({ name }) => name),
    compare: async () => {
      await using system = await ArchiveSystem.start({
        redisUrl,
        elasticsearchUrl,
        s3,
        contract,
        stage,
        fetchers: 2,
        redactors: 2,
        uploaders: 2,
        settings: { ...impatient, ...(contract === 'platform' ? { GENESYS_RATE_PER_SECOND: '100' } : {}) },
      });
      await runArchiveRound(system, faults, random);
      const verdict = await system.oracle();
      return {
        counts: {
          conversations: verdict.served,
          stored: verdict.stored,
          'digests verified': verdict.digestsVerified,
          'completion events': verdict.events,
        },
        wrong: Object.fromEntries(archiveTroubleKinds.map((kind) => [kind, verdict[kind]])),
        failedJobs: (await system.failed()).length,
      };
    },
  };
}
