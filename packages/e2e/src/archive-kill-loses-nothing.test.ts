import { type ArchiveSystem, until } from '@trunkline/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runArchiveRound } from './chaos/archive-round.ts';
import { killFault } from './chaos/faults.ts';
import { SeededRandom } from './chaos/random.ts';
import { expectArchivedOnce, startArchiveSystem } from './start-archive-system.ts';

let system: ArchiveSystem;

beforeAll(async () => {
  // Two of everything, a window in several pages, and the stage in a bucket, which several machines share.
  system = await startArchiveSystem({
    fetchers: 2,
    redactors: 2,
    uploaders: 2,
    stage: 'bucket',
    simulator: { archiveConversations: 60, archivePages: 2 },
  });
});

afterAll(async () => {
  await system?.[Symbol.asyncDispose]();
});

test.for([
  { name: 'the fetchers', kinds: ['fetcher', 'fetcher', 'fetcher'], seed: 1 },
  { name: 'the redactors and a fetcher', kinds: ['redactor', 'redactor', 'fetcher'], seed: 2 },
  { name: 'the uploaders and a redactor', kinds: ['uploader', 'uploader', 'redactor'], seed: 3 },
] as const)('kill -9 of $name at random moments loses nothing', async ({ kinds, seed }) => {
  const faults = kinds.map((kind) => killFault(kind));
  await runArchiveRound(system, faults, new SeededRandom(seed), { fromDaysAgo: 2 * seed, spreadMs: 2_500 });
});

test('kill -9 of everything at once loses nothing', async () => {
  const day = system.day(9);
  await system.planned(day);
  await until('the window is under way', async () => Object.keys(await system.jobCounts()).length > 0);
  await Promise.all(system.processes.map((process) => process.kill()));
  await Promise.all(system.processes.map((process) => process.start()));
  await system.archived(day);
});

test('after all of them every conversation is archived once', async () => {
  expect((await expectArchivedOnce(system)).windows).toBe(8);
});
