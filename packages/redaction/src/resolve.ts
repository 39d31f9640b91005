import type { Claim } from './types.ts';

/** A claim as the text ranges it covers: one, or one a phrase where the value runs over several. */
export interface PlacedClaim extends Claim {
  /** Ranges [start, end) of the joined original text, in order. */
  readonly ranges: ReadonlyArray<readonly [start: number, end: number]>;
}

/** Between equals: which type is believed. */
const TYPE_ORDER = ['EMAIL', 'IBAN', 'CARD', 'SSN', 'PHONE'];

/**
 * The one rule for overlaps: the surer claim wins (checksum-proven, or a typed mail address, before context-backed
 * before shape-only), then the longer, then by the order of types above (custom patterns come last), then the
 * earlier. What loses is dropped whole.
 * @returns the winners in order of their place
 */
export function resolveOverlaps(claims: readonly PlacedClaim[]): PlacedClaim[] {
  if (claims.length <= 1) return [...claims];
  const byPlace = [...claims].sort((a, b) => startOf(a) - startOf(b) || endOf(a) - endOf(b));
  let overlaps = false;
  for (let i = 1; i < byPlace.length && !overlaps; i++) {
    overlaps = startOf(byPlace[i] as PlacedClaim) < endOf(byPlace[i - 1] as PlacedClaim);
  }
  if (!overlaps) return byPlace;
  const order = [...claims].sort(
    (a, b) =>
      b.confidence - a.confidence ||
      lengthOf(b) - lengthOf(a) ||
      rank(a) - rank(b) ||
      startOf(a) - startOf(b),
  );
  const taken = new RangeSet();
  return order
    .filter((claim) => {
      if (claim.ranges.some(([start, end]) => taken.overlaps(start, end))) return false;
      for (const [start, end] of claim.ranges) taken.add(start, end);
      return true;
    })
    .sort((a, b) => startOf(a) - startOf(b));
}

function startOf(claim: PlacedClaim): number {
  return (claim.ranges[0] as readonly [number, number])[0];
}

function endOf(claim: PlacedClaim): number {
  return (claim.ranges[claim.ranges.length - 1] as readonly [number, number])[1];
}

function lengthOf(claim: PlacedClaim): number {
  let length = 0;
  for (const [start, end] of claim.ranges) length += end - start;
  return length;
}

function rank(claim: PlacedClaim): number {
  const at = TYPE_ORDER.indexOf(claim.type);
  return at === -1 ? TYPE_ORDER.length : at;
}

/** Disjoint ranges in blocks of a fixed width: adding and asking cost what the range covers, not what is stored. */
class RangeSet {
  private readonly blocks = new Map<number, Array<readonly [number, number]>>();

  add(start: number, end: number): void {
    for (let block = start >> 6; block <= (end - 1) >> 6; block++) {
      const ranges = this.blocks.get(block);
      if (ranges === undefined) this.blocks.set(block, [[start, end]]);
      else ranges.push([start, end]);
    }
  }

  overlaps(start: number, end: number): boolean {
    for (let block = start >> 6; block <= (end - 1) >> 6; block++) {
      for (const [from, to] of this.blocks.get(block) ?? []) if (from < end && to > start) return true;
    }
    return false;
  }
}
