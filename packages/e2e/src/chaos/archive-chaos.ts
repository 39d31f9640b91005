import { archiveTroubleKinds } from '@trunkline/local-stack';
import { ArchiveSystem } from '@trunkline/test-kit';
import { archiveChaosFaults } from './archive-faults.ts';
import { runArchiveRound } from './archive-round.ts';
import { impatient } from './faults.ts';
import type { SeededRandom } from './random.ts';
import type { ChaosParts, StartedRound } from './started-round.ts';

/** Two faults of all, while two days are archived by two of every process. */
export function archiveRound(
  { redisUrl, elasticsearchUrl, s3 }: ChaosParts,
  random: SeededRandom,
): StartedRound {
  if (s3 === null) throw new Error('A round of the archive pipeline needs an S3.');
  const faults = [random.pick(archiveChaosFaults), random.pick(archiveChaosFaults)];
  const stage = random.pick(['folder', 'bucket'] as const);
  return {
    faults: faults.map(({ name }) => name),
    compare: async () => {
      await using system = await ArchiveSystem.start({
        redisUrl,
        elasticsearchUrl,
        s3,
        stage,
        fetchers: 2,
        redactors: 2,
        uploaders: 2,
        settings: impatient,
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
