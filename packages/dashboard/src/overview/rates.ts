/** The totals at one moment. */
export interface Sample {
  readonly at: number;
  readonly totals: Readonly<Record<string, number>>;
}

/** How many a second, at one moment; `null`: not known. */
export interface Rate {
  readonly at: number;
  readonly perSecond: number | null;
}

/** How far back the little charts look (ms). */
export const historyMs = 120_000;
const windowMs = 10_000;

/** The samples of the last `historyMs`, with the new one. */
export function withSample(history: readonly Sample[], sample: Sample): Sample[] {
  return [...history.filter((earlier) => earlier.at > sample.at - historyMs), sample];
}

/** At each sample: a second's worth of a total over the ten seconds before it; not known at the first. */
export function rates(history: readonly Sample[], name: string): Rate[] {
  return history.map((sample, index) => {
    const before = history.slice(0, index);
    const first = before.findLast((earlier) => sample.at - earlier.at >= windowMs) ?? before[0];
    return { at: sample.at, perSecond: first === undefined ? null : between(first, sample, name) };
  });
}

/** Totals fall only where Redis was emptied: then nothing is known. */
function between(first: Sample, last: Sample, name: string): number | null {
  const change = (last.totals[name] ?? 0) - (first.totals[name] ?? 0);
  return change < 0 || last.at <= first.at ? null : change / ((last.at - first.at) / 1_000);
}
