import path from 'node:path';
import { isBulk, preloaded, type TrunklineProcess, until } from '@trunkline/test-kit';
import { describe, expect, test } from 'vitest';
import { expectExactlyOnce, startSystem } from './start-system.ts';

/** Two ways in which a process does nothing for longer than its locks hold, and lives on. */
const standstills: {
  what: string;
  freeze: (process: TrunklineProcess) => void | Promise<void>;
  thaw: (process: TrunklineProcess) => void | Promise<void>;
}[] = [
  { what: 'frozen', freeze: (process) => process.pause(), thaw: (process) => process.resume() },
  {
    what: 'kept from its event loop',
    freeze: (process) => process.blockLoop(),
    thaw: (process) => process.unblockLoop(),
  },
];

describe.concurrent('an indexer whose locks run out while it stands still', () => {
  test.for(standstills)(
    '$what: its jobs are done by another, and it does no harm when it wakes',
    async ({ freeze, thaw }) => {
      await using system = await startSystem({
        indexers: 0,
        simulator: { backlog: 100 },
        // Requests are given up when the test ends them, and not because this machine is slow.
        settings: { ELASTICSEARCH_TIMEOUT_SECONDS: '600' },
      });
      const frozen = await system.addIndexer(
        { TEST_BLOCK_FILE: path.join(system.folder, 'block') },
        preloaded('blocked-loop'),
      );
      await system.drained();
      // It stands still with a bulk in its hands that was not carried out, and one that was.
      const held = system.faults.elasticsearch.holdAt('POST /_bulk');
      await system.genesys.addEvents(300);
      await held.reached;
      const lost = system.faults.elasticsearchHttp.intercept(isBulk, { kind: 'lose-reply' }, 1);
      await system.genesys.addEvents(300);
      await until('a bulk was carried out whose reply is lost', () => lost.struck === 1);
      await freeze(frozen);
      system.faults.elasticsearch.resetExisting();
      await system.faults.elasticsearch.heal();

      const other = await system.addIndexer();
      // Both had it in hand: what the one had begun came to the other.
      const { jobId } = await other.log.waitFor('job.stalled');
      await other.log.waitFor('batch.settled', (line) => line['jobId'] === jobId);
      await system.drained();
      await thaw(frozen);
      await system.genesys.addEvents(300);
      await system.drained();
      await frozen.untilReady();
      await expectExactlyOnce(system);
      expect(await system.burnedAttempts()).toEqual([]);
    },
  );
});
