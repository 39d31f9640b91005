import { isBulk, until } from '@trunkline/test-kit';
import { describe, expect, test } from 'vitest';
import { expectExactlyOnce, startSystem } from './start-system.ts';

describe.concurrent('an indexer that is frozen for longer than its locks hold', () => {
  test('has its jobs done by another, and does no harm when it wakes', async () => {
    await using system = await startSystem({ simulator: { backlog: 100 } });
    const [frozen] = system.indexers;
    if (frozen === undefined) throw new Error('No indexer runs.');
    await system.drained();
    // It sleeps with a bulk in its hands that was carried out, and one that was not.
    const slow = system.faults.elasticsearchHttp.intercept(isBulk, { kind: 'delay', ms: 1_000 });
    await system.genesys.addEvents(700);
    await until('a bulk is under way', () => slow.struck > 0);
    frozen.pause();
    system.faults.elasticsearchHttp.heal();
    const other = await system.addIndexer();
    await system.drained();
    await other.log.waitFor('job.stalled');
    frozen.resume();
    await system.genesys.addEvents(300);
    await system.drained();
    await frozen.untilReady();
    await expectExactlyOnce(system);
    expect(await system.burnedAttempts()).toEqual([]);
  });
});
