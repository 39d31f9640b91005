import { expect, test } from 'vitest';
import { expectArchivedOnce, startArchiveSystem } from './start-archive-system.ts';

test('days are archived, each conversation once', async () => {
  await using system = await startArchiveSystem();
  const yesterday = system.day(1);
  await system.archived(yesterday);
  console.log('archived', performance.now());
  await expectArchivedOnce(system);
  console.log('oracle', performance.now());
  expect(await system.oracle()).toMatchObject({ windows: 1 });
  console.log(await system.oracle());
});
