/** What is known of a window that has files in the stage: `running` while any job of it may still need them. */
export type WindowState = 'running' | 'failed' | 'none';

/** How long things lie in the stage that nobody asks for (ms). */
export interface SweepAges {
  /** Files of a window whose jobs stand failed, from the last of them that was written. */
  readonly failedMs: number;
  /** Files that no job names: long enough for a writer that writes before it queues. */
  readonly unnamedMs: number;
  /** Notes that a window is complete. */
  readonly completedMs: number;
}

export type SweepFound =
  | { readonly kind: 'window'; readonly state: WindowState }
  | { readonly kind: 'completed' };

/**
 * Whether something goes.
 * @param newestAt when its newest part was written, ms since 1970
 */
export function isSwept(found: SweepFound, newestAt: number, now: number, ages: SweepAges): boolean {
  const age = now - newestAt;
  switch (found.kind) {
    case 'window':
      if (found.state === 'running') return false;
      return age > (found.state === 'failed' ? ages.failedMs : ages.unnamedMs);
    case 'completed':
      return age > ages.completedMs;
    default:
      return found satisfies never;
  }
}
