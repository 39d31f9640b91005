import { type System, until } from '@trunkline/test-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectExactlyOnce, startSystem } from './start-system.ts';

describe('by hand', () => {
  let system: System;

  beforeAll(async () => {
    system = await startSystem({ simulator: { backlog: 500 } });
  });

  afterAll(async () => {
    await system?.[Symbol.asyncDispose]();
  });

  test('retrying all failed jobs while all is well changes nothing', async () => {
    await system.genesys.addOdd({ kind: 'wrong-shape' }, { kind: 'id-conflict' });
    await system.drained();
    const letters = system.queue('audit-dead-letter');
    await until('both dead letters stand failed', async () => (await letters.getFailedCount()) === 2);
    await letters.retryJobs({ state: 'failed' });
    await system.queue().retryJobs({ state: 'failed' });
    await until('the dead letters are refused again', async () => {
      const again = (await system.deadLetters()).filter(({ attempts }) => attempts > 0);
      return again.length === 2 && (await letters.getFailedCount()) === 2;
    });
    await system.drained();
    await expectExactlyOnce(system, { deadLettered: 2 });
  });

  test('a job whose data were edited settles nothing; removed, its batch is fetched again', async () => {
    await system.drained();
    await system.faults.elasticsearch.refuse();
    await system.genesys.addEvents(400);
    await until('the batches wait', async () => ((await system.jobCounts())['wait'] ?? 0) >= 4);
    const [first, second] = await system.queue().getJobs(['wait']);
    if (first === undefined || second === undefined) throw new Error('No jobs wait.');
    await first.updateData({ ...(first.data as object), seq: 9_999 });
    await second.updateData({ nothing: 'of a batch' });
    await system.faults.elasticsearch.heal();
    await until('both stand failed', async () => (await system.jobCounts())['failed'] === 2);
    // The watermark does not pass them.
    const { state } = await system.snapshot();
    expect(state?.indexed.seq).toBeLessThan(state?.received.seq ?? 0);
    for (const job of [first, second]) await job.remove();
    await system.fetchers[0]?.log.waitFor('stream.rewound');
    await system.drained();
    await expectExactlyOnce(system, { deadLettered: 2 });
  });

  test('a job added again after it was completed is stale, and does nothing', async () => {
    await system.drained();
    await system.faults.elasticsearch.refuse();
    await system.genesys.addEvents(200);
    await until('the batches wait', async () => ((await system.jobCounts())['wait'] ?? 0) >= 2);
    const [job] = await system.queue().getJobs(['wait']);
    if (job?.id === undefined) throw new Error('No job waits.');
    await system.faults.elasticsearch.heal();
    await system.drained();
    const { state } = await system.snapshot();
    await system.queue().add(job.name, job.data as object, { jobId: job.id, removeOnComplete: true });
    await system.indexers[0]?.log.waitFor('batch.payload-missing', ({ jobId }) => jobId === job.id);
    await system.drained();
    expect((await system.snapshot()).state?.indexed).toEqual(state?.indexed);
    await expectExactlyOnce(system, { deadLettered: 2 });
  });
});
