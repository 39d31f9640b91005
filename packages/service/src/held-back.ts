/**
 * A job cannot be finished now for a reason that is not its own: it goes back to the queue, and no attempt is burned.
 */
export class HeldBack extends Error {
  override readonly name = 'HeldBack';
  /** How long this job is better left alone (ms); `null`: as long as the valve is shut. */
  readonly delayMs: number | null;

  constructor(why: string, delayMs: number | null = null, cause?: unknown) {
    super(why, cause === undefined ? undefined : { cause });
    this.delayMs = delayMs;
  }
}
