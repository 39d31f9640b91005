/** Where the simulator's clock stood at a moment of the host's clock, and how fast it runs. Times in epoch ms. */
export interface ClockAnchor {
  hostMs: number;
  simulatedMs: number;
  /** Simulated seconds a second of the host. */
  speed: number;
}

/**
 * The simulator's clock: dates of events, the replay window, the `Date` header.
 *
 * It is a function of the host's clock and the anchor, so it goes on by itself while the simulator is down.
 */
export class SimulatorClock {
  #anchor: ClockAnchor;
  readonly #hostNow: () => number;

  constructor(anchor: ClockAnchor, hostNow: () => number = Date.now) {
    this.#anchor = anchor;
    this.#hostNow = hostNow;
  }

  get anchor(): ClockAnchor {
    return this.#anchor;
  }

  get speed(): number {
    return this.#anchor.speed;
  }

  /** Simulated time, whole epoch ms. */
  now(): number {
    const { hostMs, simulatedMs, speed } = this.#anchor;
    return Math.floor(simulatedMs + (this.#hostNow() - hostMs) * speed);
  }

  shift(seconds: number): void {
    this.#anchor = { ...this.#anchor, simulatedMs: this.#anchor.simulatedMs + seconds * 1000 };
  }

  /** From now on the clock runs at this speed; its present time stays. */
  setSpeed(speed: number): void {
    this.#anchor = { hostMs: this.#hostNow(), simulatedMs: this.now(), speed };
  }
}
