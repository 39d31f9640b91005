import { until } from '@trunkline/test-kit';
import { expect, test } from 'vitest';
import { expectArchivedOnce, startArchiveSystem } from './start-archive-system.ts';

const perSecond = 5;

test('four fetchers with both pipelines make no more requests in any minute than their client is allowed', async () => {
  await using system = await startArchiveSystem({
    contract: 'platform',
    fetchers: 4,
    simulator: {
      archiveConversations: 25,
      backlog: 2_000,
      rate: 5,
      clockSpeed: 10,
      // Refuses what is more, and tells with each reply how much is left.
      rateLimit: 60 * perSecond,
    },
    settings: {
      FETCHER_PIPELINES: 'audit,archive',
      GENESYS_RATE_PER_SECOND: String(perSecond),
      AUDIT_OVERLAP_MINUTES: '1',
      AUDIT_HISTORY_MINUTES: '1',
    },
  });
  const day = system.day(1);
  const summary = () => system.genesys.summary();
  const traffic = async () => (await summary()).traffic[system.names.clientId];
  // At that rate more than a minute; the polls alone want as much.
  const enough = 60 * perSecond + 50;
  await Promise.all([
    system.archived(day),
    until(`${enough} requests are made`, async () => ((await traffic())?.requests ?? 0) >= enough),
  ]);
  expect((await traffic())?.mostInAMinute).toBeLessThanOrEqual(60 * perSecond);
  expect((await summary()).requestsByStatus).not.toHaveProperty('429');
  // Neither starved the other.
  expect((await summary()).servedEvents).toBeGreaterThan(2_000);
  await expectArchivedOnce(system);
});
