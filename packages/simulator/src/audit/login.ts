import { Random, type Seed } from './random.ts';

/**
 * Where the LOGIN events stand, which the usual filter leaves out: exactly one in every block of 25, at a place drawn
 * by seed. So "how many events of the first n are visible" has a closed form, and bounds can be given in visible events.
 */
const BLOCK = 25;
const PURPOSE_LOGIN = 1;

function loginPlace(seed: Seed, block: number): number {
  return new Random(seed, PURPOSE_LOGIN, block).below(BLOCK);
}

export function isLogin(seed: Seed, ordinal: number): boolean {
  return ordinal % BLOCK === loginPlace(seed, Math.floor(ordinal / BLOCK));
}

/** How many of the events with an ordinal below this one are no LOGIN. */
export function visibleBefore(seed: Seed, ordinal: number): number {
  const block = Math.floor(ordinal / BLOCK);
  const rest = ordinal % BLOCK;
  return block * (BLOCK - 1) + rest - (rest > loginPlace(seed, block) ? 1 : 0);
}

/** The smallest ordinal with `visible` visible events before it. */
export function ordinalAfter(seed: Seed, visible: number): number {
  if (visible === 0) return 0;
  const block = Math.floor((visible - 1) / (BLOCK - 1));
  const rest = visible - block * (BLOCK - 1);
  return block * BLOCK + rest + (rest > loginPlace(seed, block) ? 1 : 0);
}
