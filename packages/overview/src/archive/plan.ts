import type { Heartbeat } from '@trunkline/contracts';

/** How planning stands. */
export interface Plan {
  /** Up to where every window is archived, ms since 1970; `null`: none ever was. */
  readonly watermark: number | null;
  /** Windows that are due and not done. */
  readonly unfinished: number;
  /** Id of the oldest of them. */
  readonly oldest: string | null;
}

/** What the fetchers tell of the planner's last look; `null` where none is alive that archives, or none has looked yet. */
export function planned(processes: readonly Heartbeat[]): Plan | null {
  const facts = processes
    .filter(({ service }) => service === 'fetcher')
    .map((process) => process.facts)
    .find(({ archiveUnfinished }) => typeof archiveUnfinished === 'number');
  if (facts === undefined) return null;
  const { archiveWatermark, archiveUnfinished, archiveOldestUnfinished } = facts;
  const watermark = typeof archiveWatermark === 'string' ? Date.parse(archiveWatermark) : Number.NaN;
  return {
    watermark: Number.isNaN(watermark) ? null : watermark,
    unfinished: Number(archiveUnfinished),
    oldest: typeof archiveOldestUnfinished === 'string' ? archiveOldestUnfinished : null,
  };
}

/** Until when fetching of archives waits because Genesys asked for it, or is to be tried again (ms since 1970); `null`: it does not. */
export function archivePausedUntil(processes: readonly Heartbeat[], now: number): number | null {
  const until = processes
    .map(({ facts }) => facts['archivePausedUntil'])
    .flatMap((time) => (typeof time === 'string' ? [Date.parse(time)] : []))
    .filter((time) => time > now);
  return until.length === 0 ? null : Math.max(...until);
}
