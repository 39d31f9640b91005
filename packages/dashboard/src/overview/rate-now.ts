import type { TotalName } from '@trunkline/contracts';
import type { OverviewState } from './feed.ts';

/** How many a second of a total over the last ten seconds or so; `null`: not known (nobody looked before, or Redis was emptied). */
export function rateNow({ recent }: Pick<OverviewState, 'recent'>, name: TotalName): number | null {
  const [first, last] = [recent[0], recent.at(-1)];
  if (first === undefined || last === undefined || last.at <= first.at) return null;
  const change = (last.totals[name] ?? 0) - (first.totals[name] ?? 0);
  return change < 0 ? null : change / ((last.at - first.at) / 1_000);
}
