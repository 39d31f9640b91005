import { expect, it } from 'vitest';
import { recoveryTable } from './recoveries.ts';

it('counts what the pipeline put right by itself', () => {
  const shown = recoveryTable({
    takenAt: 0,
    processes: [],
    streams: [],
    queues: [],
    totals: { rewinds: 3, gapRecords: 1_200 },
    archive: { totals: {}, windows: [], failedSteps: [] },
  }).toString();
  expect(shown).toMatch(/>3<\/td><td>went back to the watermark/);
  expect(shown).toMatch(/>0<\/td><td>went on from the checkpoint/);
  expect(shown).toMatch(/>1,200<\/td><td>gap records/);
});
