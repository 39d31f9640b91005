import { bucketGate, indexGate, judge, type Picture, planned } from '@trunkline/overview';
import { iso } from './figures.ts';
import { streamData } from './stream-table.ts';

/** What `trunkline status --json` prints: times as ISO 8601, `null`: not known. */
export function statusData(picture: Picture) {
  const { takenAt, processes, streams, queues, totals, archive, deadLetters } = picture;
  const { level, findings } = judge(picture);
  const plan = planned(processes);
  return {
    v: 1,
    takenAt: iso(takenAt),
    level,
    findings,
    streams: streams.map(streamData),
    indexGate: indexGate(processes),
    bucketGate: bucketGate(processes),
    queues,
    deadLetters,
    totals: { ...totals, ...archive.totals },
    archive: {
      plan: plan === null ? null : { ...plan, watermark: iso(plan.watermark) },
      windows: archive.windows,
      failedSteps: archive.failedSteps.map((step) => ({ ...step, failedAt: iso(step.failedAt) })),
    },
    processes,
  };
}
