/** A leap beyond this counts only when the next reply leaps the same way (ms). */
const leapMs = 60_000;

/**
 * Genesys' clock, by the `Date` header of its replies: what ends the windows that are read.
 *
 * One reply with a wrong date (a gateway's, say) must not move the marks of a stream to a time that has not come: what comes until
 * then would be passed by. So a leap has to be told twice.
 */
export class SourceClock {
  readonly #local: () => number;
  #offsetMs = 0;
  /** Which way the last reply leapt; 0: it did not. */
  #leapt = 0;
  #isTold = false;

  /** @param local this machine's clock, ms since 1970 */
  constructor(local: () => number) {
    this.#local = local;
  }

  /** Whether Genesys has told the time, and told it twice where it is not ours. */
  get isKnown(): boolean {
    return this.#isTold;
  }

  /** @param serverDate of a reply; `null`: it told none, so that this machine's clock has to do */
  heard(serverDate: Date | null): void {
    if (serverDate !== null) {
      const offsetMs = serverDate.getTime() - this.#local();
      const leapt = Math.abs(offsetMs - this.#offsetMs) < leapMs ? 0 : Math.sign(offsetMs - this.#offsetMs);
      const isConfirmed = leapt === 0 || leapt === this.#leapt;
      this.#leapt = isConfirmed ? 0 : leapt;
      if (!isConfirmed) return;
      this.#offsetMs = offsetMs;
    }
    this.#isTold = true;
  }

  /** ms since 1970 */
  now(): number {
    return this.#local() + this.#offsetMs;
  }
}
