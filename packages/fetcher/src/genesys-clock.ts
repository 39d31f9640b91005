/**
 * Genesys' clock, as the `Date` header of its replies tells it: "now" for replay windows and lag, however wrong the clock of
 * this machine is.
 */
export class GenesysClock {
  #offsetMs = 0;
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** @param serverDate as the last reply told it; `null` keeps what is known */
  heard(serverDate: Date | null): void {
    if (serverDate !== null) this.#offsetMs = serverDate.getTime() - this.#now();
  }

  /** ms since 1970 */
  now(): number {
    return this.#now() + this.#offsetMs;
  }

  /** Genesys' clock minus ours. */
  get offsetMs(): number {
    return Math.round(this.#offsetMs);
  }
}
