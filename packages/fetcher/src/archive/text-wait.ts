/** How long the texts of a window are waited for, and how often it is looked at meanwhile. Pure. */
import type { WindowRelease } from '@trunkline/contracts';
import type { ArchiveQuery } from '@trunkline/genesys';

/** Without which texts a window goes on, and by whose decision. */
export interface TextTerms {
  readonly missing: ArchiveQuery['missing'];
  /** `null`: nobody's, and it goes on without none. */
  readonly release: WindowRelease | null;
}

/** What is known of a window before it is looked at. Times are ms since 1970. */
export interface Waited {
  /** What a person decided. */
  readonly release: WindowRelease | null;
  /** When a text of it was first waited for; `null`: none was. */
  readonly since: number | null;
  /** ARCHIVE_TEXT_WAIT_SECONDS; `null`: until a person decides. */
  readonly waitMs: number | null;
}

/** Since when a window is held back counts, not its age: a window of long ago that is fetched today has its time too. */
export function textTerms({ release, since, waitMs }: Waited, now: number): TextTerms {
  if (release !== null) return { missing: 'any', release };
  if (since === null || waitMs === null || now < since + waitMs) return { missing: 'none', release: null };
  const reason = `Genesys did not give them within ${waitMs / 1_000} s (ARCHIVE_TEXT_WAIT_SECONDS)`;
  return { missing: 'not-given', release: { by: null, reason, at: new Date(now).toISOString() } };
}

/** Ten minutes at first, six hours at last: each look takes hundreds of requests, of the allowance that new windows need. */
const looks = { minMs: 600_000, maxMs: 6 * 3_600_000, share: 12 };

/** When a window is looked at again (ms since 1970): not later than it may go on without. */
export function nextLookAt(since: number, waitMs: number | null, now: number): number {
  const pauseMs = Math.min(Math.max(looks.minMs, (now - since) / looks.share), looks.maxMs);
  const goesOnAt = waitMs === null ? Number.POSITIVE_INFINITY : since + waitMs;
  return Math.round(Math.max(Math.min(now + pauseMs, goesOnAt), now + 1_000));
}
