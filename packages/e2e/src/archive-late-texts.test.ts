import type { ArchiveWindowAct } from '@trunkline/contracts';
import { type ArchiveSystem, until } from '@trunkline/test-kit';
import { expect, test } from 'vitest';
import { impatient } from './chaos/faults.ts';
import { expectArchivedOnce, startArchiveSystem } from './start-archive-system.ts';

/** As `trunkline archive release` and `again` ask for it. */
async function decided(
  system: ArchiveSystem,
  kind: ArchiveWindowAct['kind'],
  windowId: string,
): Promise<void> {
  const act: ArchiveWindowAct = {
    kind,
    windowId,
    by: 'test@test',
    reason: 'decided in a test',
    at: new Date().toISOString(),
  };
  await system.queue('archive-plan').add(kind, { v: 1, range: null, act });
}

test('a day of which a transcript does not come goes on without it when a person says so, and has it when it is fetched once more', async () => {
  await using system = await startArchiveSystem({
    contract: 'platform',
    media: ['voice'],
    // About half of them are calls: the oracle wants enough to look for.
    simulator: { archiveConversations: 40 },
    settings: { GENESYS_RATE_PER_SECOND: '100', ...impatient },
  });
  const day = system.day(1);
  const windowId = system.windowId(day);
  const [fetcher] = system.fetchers;
  await system.genesys.addFaults({ kind: 'transcript-pending' });
  await system.planned(day);
  await fetcher?.log.waitFor('window.held-back', (line) => line['windowId'] === windowId);
  expect(await system.manifests.exists({ id: windowId })).toBe(false);
  await decided(system, 'release', windowId);
  await system.archived(day);
  const without = (await system.manifest(day)).manifest;
  expect(without.counts.missingTexts).toBeGreaterThan(0);
  await system.genesys.clearFaults();
  await decided(system, 'again', windowId);
  await until('it is archived with its transcripts', async () => {
    const { manifest } = await system.manifest(day);
    return manifest.revision > without.revision && manifest.counts.missingTexts === 0;
  });
  await system.settled();
  await expectArchivedOnce(system);
});
