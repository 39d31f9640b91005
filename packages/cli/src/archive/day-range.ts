import type { DayRange } from '@trunkline/archive-store';
import type { TimeRange } from '../frame/time-range.ts';

/**
 * The days on which the windows begin that a time range touches: a window of the grid never reaches over midnight UTC, so the
 * one in which a moment lies begins on its day.
 */
export function daysOf(range: TimeRange): NonNullable<DayRange> {
  const day = (at: number): string => new Date(at).toISOString().slice(0, 10);
  return { fromDay: day(range.from), toDay: day(range.to - 1) };
}

/** `null`: the whole archive. */
export function dayRangeOf(range: TimeRange | null): DayRange {
  return range === null ? null : daysOf(range);
}
