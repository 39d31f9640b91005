import {
  type History,
  judge,
  type Picture,
  type Range,
  type Sample,
  type Verdict,
} from '@trunkline/overview';

/** What the page shows: the last known picture, whether it could be read just now, and what is wrong. */
export interface OverviewState {
  readonly picture: Picture | null;
  readonly readable: boolean;
  readonly verdict: Verdict;
  /** Totals of the last seconds, the oldest first, for rates of this moment. */
  readonly recent: readonly RecentTotals[];
}

interface RecentTotals {
  readonly at: number;
  readonly totals: Picture['totals'];
}

interface SharedSamples {
  readonly readAt: number;
  readonly reading: Promise<readonly Sample[]>;
  last: readonly Sample[];
}

type Listener = (state: OverviewState) => void;

const intervalMs = 1_000;
const readTimeoutMs = 2_500;
/** How far back `recent` goes: rates are of about ten seconds. */
const recentMs = 12_000;
/** A look older than this is no neighbour of the next: somebody looks again after a while. */
const forgottenMs = 60_000;
/** Samples come every ten seconds. */
const samplesMaxAgeMs = 5_000;

/**
 * Reads the pipelines' state once a second for all pages that are open, and not at all while none is: fifty browsers cost Redis
 * what one costs.
 */
export class OverviewFeed {
  readonly #read: () => Promise<Picture>;
  readonly #history: Pick<History, 'read'>;
  readonly #listeners = new Set<Listener>();
  readonly #samples = new Map<Range, SharedSamples>();
  #timer: NodeJS.Timeout | null = null;
  #reading: Promise<void> | null = null;
  #readAt = Number.NEGATIVE_INFINITY;
  #state: OverviewState = { picture: null, readable: true, verdict: judge(null), recent: [] };

  constructor(read: () => Promise<Picture>, history: Pick<History, 'read'>) {
    this.#read = read;
    this.#history = history;
  }

  /** The state as of this second. */
  async now(): Promise<OverviewState> {
    if (performance.now() - this.#readAt >= intervalMs) await this.#refresh();
    return this.#state;
  }

  /**
   * The samples of a range, shared by all who ask within some seconds; those that are known, at once, where Redis did not answer just
   * now: what is wrong is not to wait for charts.
   */
  async samples(range: Range): Promise<readonly Sample[]> {
    const known = this.#samples.get(range);
    const isFresh = known !== undefined && performance.now() - known.readAt < samplesMaxAgeMs;
    if (isFresh) return known.reading;
    if (!this.#state.readable) return known?.last ?? [];
    const last = known?.last ?? [];
    const entry: SharedSamples = { readAt: performance.now(), last, reading: this.#readSamples(range, last) };
    this.#samples.set(range, entry);
    entry.last = await entry.reading;
    return entry.last;
  }

  async #readSamples(range: Range, last: readonly Sample[]): Promise<readonly Sample[]> {
    const timeout = Promise.withResolvers<readonly Sample[]>();
    const timer = setTimeout(() => timeout.resolve(last), readTimeoutMs);
    const samples = await Promise.race([this.#history.read(range).catch(() => last), timeout.promise]);
    clearTimeout(timer);
    return samples;
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
    this.#readAt = performance.now();
    this.#reading ??= this.#readOnce().finally(() => {
      this.#reading = null;
    });
    const timeout = Promise.withResolvers<void>();
    const timer = setTimeout(() => {
      this.#unreadable();
      timeout.resolve();
    }, readTimeoutMs);
    await Promise.race([this.#reading, timeout.promise]);
    clearTimeout(timer);
  }

  async #readOnce(): Promise<void> {
    try {
      const picture = await this.#read();
      const { takenAt } = picture;
      const totals = { ...picture.totals, ...picture.archive.totals };
      const last = this.#state.recent.at(-1)?.at ?? 0;
      const recent = takenAt - last > forgottenMs ? [] : this.#state.recent;
      this.#state = {
        picture,
        readable: true,
        verdict: judge(picture),
        recent: [...recent.filter(({ at }) => takenAt - at < recentMs), { at: takenAt, totals }],
      };
    } catch {
      this.#unreadable();
    }
  }

  #unreadable(): void {
    const { picture } = this.#state;
    this.#state = { ...this.#state, readable: false, verdict: judge(picture, false) };
  }
}
