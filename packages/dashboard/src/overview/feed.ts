import { historyMs, type Sample, withSample } from './rates.ts';
import type { Snapshot } from './snapshot.ts';

/** What the page shows: the last known state, and whether it could be read just now. */
export interface OverviewState {
  readonly snapshot: Snapshot | null;
  readonly readable: boolean;
  readonly history: readonly Sample[];
}

type Listener = (state: OverviewState) => void;

const intervalMs = 1_000;
const readTimeoutMs = 3_000;

/**
 * Reads the pipeline's state once a second for all pages that are open, and not at all while none is.
 */
export class OverviewFeed {
  readonly #read: () => Promise<Snapshot>;
  readonly #listeners = new Set<Listener>();
  #timer: NodeJS.Timeout | null = null;
  #reading: Promise<void> | null = null;
  #state: OverviewState = { snapshot: null, readable: true, history: [] };

  constructor(read: () => Promise<Snapshot>) {
    this.#read = read;
  }

  /** The state as of this second. */
  async now(): Promise<OverviewState> {
    if (Date.now() - (this.#state.snapshot?.takenAt ?? 0) >= intervalMs) await this.#refresh();
    return this.#state;
  }

  /** Calls `listener` after each reading, until the function that is returned is called. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    this.#timer ??= setInterval(() => void this.#tick(), intervalMs);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.stop();
    };
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#listeners.clear();
  }

  async #tick(): Promise<void> {
    await this.#refresh();
    for (const listener of this.#listeners) listener(this.#state);
  }

  /** One reading at a time. With Redis away it does not end, and the page says so meanwhile. */
  async #refresh(): Promise<void> {
    this.#reading ??= this.#readOnce().finally(() => {
      this.#reading = null;
    });
    const timeout = Promise.withResolvers<void>();
    const timer = setTimeout(() => {
      this.#state = { ...this.#state, readable: false };
      timeout.resolve();
    }, readTimeoutMs);
    await Promise.race([this.#reading, timeout.promise]);
    clearTimeout(timer);
  }

  async #readOnce(): Promise<void> {
    try {
      const snapshot = await this.#read();
      const sample = { at: snapshot.takenAt, totals: snapshot.totals };
      // A gap with nobody looking would be drawn as a line.
      const gap = sample.at - (this.#state.history.at(-1)?.at ?? 0) > historyMs / 4;
      this.#state = {
        snapshot,
        readable: true,
        history: withSample(gap ? [] : this.#state.history, sample),
      };
    } catch {
      this.#state = { ...this.#state, readable: false };
    }
  }
}
