import type { Component } from '@trunkline/service';
import type { Breaker } from './breaker.ts';
import type { HealthGate } from './health-gate.ts';

/** What takes jobs, and can be told not to. */
export interface Tap {
  /** Takes no more jobs; returns at once, those in hand go on. */
  pause(): void;
  resume(): void;
}

/** How often an idle indexer asks, so that an outage is told before there is work (ms). */
const idleLookMs = 5_000;

/**
 * Lets jobs in while the gate is open and the breaker lets requests through, and pauses the workers of this process while not.
 * The queue itself is never paused: other processes judge for themselves.
 */
export class Valve implements Component {
  readonly name = 'valve';
  readonly #gate: HealthGate;
  readonly #breaker: Breaker;
  readonly #pollMs: number;
  readonly #taps: Tap[] = [];
  #poll: NodeJS.Timeout | null = null;
  #look: NodeJS.Timeout | null = null;
  #stopped = false;

  constructor(parts: { gate: HealthGate; breaker: Breaker; pollMs: number }) {
    this.#gate = parts.gate;
    this.#breaker = parts.breaker;
    this.#pollMs = parts.pollMs;
  }

  attach(tap: Tap): void {
    this.#taps.push(tap);
    if (this.#poll !== null) tap.pause();
  }

  /** Whether a job may go on; where not, the workers of this process are paused until it may. */
  async check(): Promise<boolean> {
    if (!this.#breaker.isPassable || !(await this.#gate.check())) {
      this.#shut();
      return false;
    }
    return true;
  }

  async start(): Promise<void> {
    await this.check();
    this.#look = setInterval(() => void this.check(), idleLookMs);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#look !== null) clearInterval(this.#look);
    if (this.#poll !== null) clearTimeout(this.#poll);
    this.#poll = null;
  }

  #shut(): void {
    if (this.#poll !== null || this.#stopped) return;
    for (const tap of this.#taps) tap.pause();
    this.#wait();
  }

  #wait(): void {
    this.#poll = setTimeout(() => void this.#tryOpen(), this.#pollMs);
  }

  async #tryOpen(): Promise<void> {
    const open = this.#breaker.isPassable && (await this.#gate.check());
    if (this.#stopped) return;
    if (!open) return this.#wait();
    this.#poll = null;
    for (const tap of this.#taps) tap.resume();
  }
}
