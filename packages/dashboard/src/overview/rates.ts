/** The totals at one moment. */
export interface Sample {
  readonly at: number;
  readonly totals: Readonly<Record<string, number>>;
}

/** How far back the little charts and the rates look (ms). */
export const historyMs = 120_000;
const rateWindowMs = 10_000;

/** The samples of the last `historyMs`, with the new one. */
export function withSample(history: readonly Sample[], sample: Sample): Sample[] {
  return [...history.filter((earlier) => earlier.at > sample.at - historyMs), sample];
}

/** A second's worth of a total, over the last ten seconds; `null` while fewer than two samples are there. */
export function ratePerSecond(history: readonly Sample[], name: string): number | null {
  const last = history.at(-1);
  if (last === undefined) return null;
  return rateAt(history, history.length - 1, name);
}

/** The rate at each sample, for a chart; `null` where it is not known. */
export function rates(history: readonly Sample[], name: string): (number | null)[] {
  return history.map((_, index) => rateAt(history, index, name));
}

function rateAt(history: readonly Sample[], index: number, name: string): number | null {
  const last = history[index];
  const first =
    history.findLast(
      (sample, at) => at < index && last !== undefined && last.at - sample.at >= rateWindowMs,
    ) ?? history[0];
  if (last === undefined || first === undefined || last.at <= first.at) return null;
  const change = (last.totals[name] ?? 0) - (first.totals[name] ?? 0);
  // Totals fall only where Redis was emptied.
  return change < 0 ? null : change / ((last.at - first.at) / 1_000);
}
