import { instantOf } from '@trunkline/elasticsearch-sink';
import { UsageError } from './exit-codes.ts';

/** [from, to), ms since 1970. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

/** `2026-11-21T00:00:00.000Z to 2026-11-22T00:00:00.000Z` */
export function rangeText({ from, to }: TimeRange): string {
  return `${new Date(from).toISOString()} to ${new Date(to).toISOString()}`;
}

/** @throws UsageError */
export function timeRangeOf(options: { from: string; to: string }): TimeRange {
  const from = timeOf('--from', options.from);
  const to = timeOf('--to', options.to);
  if (from >= to) throw new UsageError('--from must be before --to.');
  return { from, to };
}

/** For commands that look everywhere where no range is given. @throws UsageError where one end is missing */
export function optionalTimeRangeOf({ from, to }: { from?: string; to?: string }): TimeRange | null {
  if (from === undefined && to === undefined) return null;
  if (from === undefined || to === undefined)
    throw new UsageError('--from and --to belong together: give both, or neither.');
  return timeRangeOf({ from, to });
}

function timeOf(name: string, text: string): number {
  const time = instantOf(text);
  if (time === null)
    throw new UsageError(`${name} must be a time as 2026-11-22T00:00:00Z, or a day as 2026-11-22.`);
  return time;
}
