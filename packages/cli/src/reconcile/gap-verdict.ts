/** What a reconcile says of a gap record. Pure. */
import type { GapRecord } from '@trunkline/elasticsearch-sink';

/** A stretch of time, ms since 1970: `from` inclusive, `to` exclusive. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

export type GapVerdict =
  /** Nothing of it is missing: the record can be closed. */
  | { kind: 'complete'; why: string }
  /** It stays open. */
  | { kind: 'open'; why: string };

/** Whether a gap record concerns a range: they overlap, or the record lies in it without having a length. */
export function concerns(gap: Pick<GapRecord, 'from' | 'to'>, range: Stretch): boolean {
  const { from, to } = stretchOf(gap);
  const [low, high] = from <= to ? [from, to] : [to, from];
  return low < range.to && high >= range.from;
}

/** What a comparison found out. */
export interface Looked {
  readonly range: Stretch;
  /** What of it was compared with the source; `null`: nothing. */
  readonly checked: Stretch | null;
  /** The times of events that are missing, or not indexed yet. */
  readonly unsettled: readonly number[];
  /** Whether what came before a stream's first start can still be read. */
  readonly hasPast: boolean;
}

export function judgeGap(gap: Pick<GapRecord, 'from' | 'to'>, looked: Looked): GapVerdict {
  const { range, checked, unsettled, hasPast } = looked;
  const { from, to } = stretchOf(gap);
  if (from >= to) {
    return {
      kind: 'complete',
      why: 'the last event received lies inside the replay window: nothing was left out',
    };
  }
  if (gap.from === null) {
    const before = hasPast
      ? 'have what came before read by `trunkline backfill audit` as far back as it is wanted, and then'
      : 'what came before cannot be read from Genesys any more;';
    return { kind: 'open', why: `it is not known since when: ${before} ${acknowledge}` };
  }
  if (checked === null || from < checked.from) {
    const isCut = checked === null || checked.from > range.from;
    return {
      kind: 'open',
      why: isCut
        ? `it begins before the replay window: Genesys does not give those events any more; ${acknowledge}`
        : 'it begins before the range that was checked',
    };
  }
  if (to > checked.to) return { kind: 'open', why: 'it ends after the range that was checked' };
  const inside = unsettled.filter((time) => time >= from && time < to).length;
  if (inside > 0) return { kind: 'open', why: `${inside} of its events are missing or not indexed yet` };
  return { kind: 'complete', why: 'every event of it stands in Elasticsearch or is accounted for' };
}

const acknowledge = 'close it with `trunkline reconcile acknowledge-gap`';

function stretchOf({ from, to }: Pick<GapRecord, 'from' | 'to'>): Stretch {
  return {
    from: from === null ? Number.NEGATIVE_INFINITY : Date.parse(from),
    to: to === null ? Number.POSITIVE_INFINITY : Date.parse(to),
  };
}
