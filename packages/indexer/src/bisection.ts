/**
 * Which part of a batch to try next when the batch keeps killing its worker (rule 10).
 *
 * The part that is about to be tried is noted before it is tried. A note that is found at the next start tells that the process
 * died over that part, which is then tried in halves; what lies before it is done. An event that was tried alone twice, and
 * killed twice, is the one.
 */
export interface Trial {
  /** Place of the first event of the part; all before it are done. */
  readonly from: number;
  readonly width: number;
  /** How often the process died over exactly this part. */
  readonly deaths: number;
}

export type NextTrial =
  | { kind: 'try'; trial: Trial }
  /** The event at `place` kills; `next` is what to try behind it. */
  | { kind: 'kills'; place: number; next: Trial | null };

const deathsAlone = 2;

/** @param died the note that was found: what the process died over; `null` at the first bisected start */
export function trialAfterDeath(died: Trial | null, count: number): NextTrial {
  if (died === null) return { kind: 'try', trial: { from: 0, width: Math.ceil(count / 2), deaths: 0 } };
  if (died.width > 1) {
    return { kind: 'try', trial: { from: died.from, width: Math.ceil(died.width / 2), deaths: 0 } };
  }
  const deaths = died.deaths + 1;
  if (deaths < deathsAlone) return { kind: 'try', trial: { ...died, deaths } };
  return { kind: 'kills', place: died.from, next: trialAfterSuccess(died, count) };
}

/** What comes behind a part that is done; `null` when all of the batch is. */
export function trialAfterSuccess(done: Trial, count: number): Trial | null {
  const from = done.from + done.width;
  return from >= count ? null : { from, width: Math.min(Math.max(done.width, 1), count - from), deaths: 0 };
}
