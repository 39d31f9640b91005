import type { Component } from './service.ts';

/** What takes jobs, and can be told not to. */
export interface Tap {
  /** Takes no more jobs; returns at once, those in hand go on. */
  pause(): void;
  resume(): void;
}

/** How often an idle process asks, so that an outage is told before there is work (ms). */
const idleLookMs = 2_500;

/**
 * Lets jobs in while what they write to can be written to, and pauses the workers of this process while not.
 * The queue itself is never paused: other processes judge for themselves.
 */
export class Valve implements Component {
  readonly name = 'valve';
  readonly #mayRun: () => Promise<boolean>;
  readonly #pollMs: number;
  readonly #taps: Tap[] = [];
  #poll: NodeJS.Timeout | null = null;
  #look: NodeJS.Timeout | null = null;
  #stopped = false;

  /** @param parts.mayRun asks the gates; caches what it need not ask again. @param parts.pollMs how often while it is shut */
  constructor(parts: { mayRun: () => Promise<boolean>; pollMs: number }) {
    this.#mayRun = parts.mayRun;
    this.#pollMs = parts.pollMs;
  }

  attach(tap: Tap): void {
    this.#taps.push(tap);
    if (this.#poll !== null) tap.pause();
  }

  /** Whether a job may go on; where not, the workers of this process are paused until it may. */
  async check(): Promise<boolean> {
    if (!(await this.#mayRun())) {
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
    const open = await this.#mayRun();
    if (this.#stopped) return;
    if (!open) return this.#wait();
    this.#poll = null;
    for (const tap of this.#taps) tap.resume();
  }
}
