/** From samples to what a chart draws. Pure. */
import type { Sample, SampleField } from './sample.ts';

export interface Point {
  /** ms since 1970. */
  readonly at: number;
  /** `null`: not known; a line breaks there. */
  readonly value: number | null;
}

/** How many intervals may be missing before a line breaks: a dashboard that restarts takes seconds. */
const gapIntervals = 3;

/** A figure as it was at each sample, with a break where samples are missing. */
export function levels(samples: readonly Sample[], field: SampleField, intervalMs: number): Point[] {
  return samples.flatMap((sample, place) => {
    const point = { at: sample.at, value: sample[field] };
    const before = samples[place - 1];
    return isGap(before, sample, intervalMs) ? [{ at: sample.at - intervalMs, value: null }, point] : [point];
  });
}

/** How many a second of a total, over the interval before each sample. Totals fall only where Redis was emptied: then nothing is known. */
export function rates(samples: readonly Sample[], field: SampleField, intervalMs: number): Point[] {
  return samples.flatMap((sample, place): Point[] => {
    const before = samples[place - 1];
    if (before === undefined) return [];
    const change = (sample[field] ?? 0) - (before[field] ?? 0);
    const seconds = (sample.at - before.at) / 1_000;
    if (isGap(before, sample, intervalMs) || change < 0) return [{ at: sample.at, value: null }];
    return [{ at: sample.at, value: change / seconds }];
  });
}

/** How many were added to a total between a sample and the one before it. */
export function increases(samples: readonly Sample[], field: SampleField, intervalMs: number): Point[] {
  return rates(samples, field, intervalMs).map(({ at, value }, place) => {
    const before = samples[place];
    return {
      at,
      value: value === null || before === undefined ? null : Math.round((value * (at - before.at)) / 1_000),
    };
  });
}

function isGap(before: Sample | undefined, sample: Sample, intervalMs: number): boolean {
  return before !== undefined && sample.at - before.at > gapIntervals * intervalMs;
}
