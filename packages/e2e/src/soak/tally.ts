import type { System, Verdict } from '@trunkline/test-kit';

/** What a run found, summed up. Lost, twice, altered, extra and failed jobs must all be 0. */
export interface Tally {
  events: number;
  lost: number;
  twice: number;
  altered: number;
  extra: number;
  deadLettered: number;
  failedJobs: number;
}

/** Compares the system's ledger with its sinks, and counts jobs that wait for a person. */
export async function tallyOf(system: System): Promise<Tally> {
  const verdict: Verdict = await system.oracle();
  const { failed = 0 } = await system.jobCounts();
  return {
    events: verdict.due,
    lost: verdict.missing.length,
    twice: verdict.twice.length,
    altered: verdict.altered.length,
    extra: verdict.extra.length,
    deadLettered: verdict.deadLettered,
    failedJobs: failed,
  };
}

export function isSound(tally: Tally): boolean {
  return tally.lost + tally.twice + tally.altered + tally.extra + tally.failedJobs === 0;
}
