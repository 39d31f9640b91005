import { expect, it } from 'vitest';
import { firstMissing } from './recovery-audit.ts';

const batches = Array.from({ length: 250 }, (_, n) => ({
  seq: n + 1,
  jobId: `job${n + 1}`,
  done: n % 2 === 0,
}));
const handsWithout = (...gone: string[]) => ({
  holds: async (jobId: string, payloadKey: string) =>
    payloadKey === `{p}:payload:${jobId}` && !gone.includes(jobId),
});

it('finds nothing where every batch is done or in safe hands', async () => {
  expect(await firstMissing(batches, handsWithout(), '{p}')).toBeNull();
});

it('finds the first batch that nobody has', async () => {
  expect((await firstMissing(batches, handsWithout('job204', 'job200'), '{p}'))?.jobId).toBe('job200');
});

it('does not miss a batch that is done', async () => {
  expect(await firstMissing(batches, handsWithout('job1', 'job3'), '{p}')).toBeNull();
});
