/**
 * Reads windows of the audit history: submits a query, waits for it, and gives its result in parts. What is asked of Genesys goes
 * through `HistoryAccess`; where the reading stands is in the window that each call is given, so that another process can go on.
 */
import { errorCodeOf, TrunklineError } from '@trunkline/contracts';
import { sleep } from '../../backoff.ts';
import type { AuditSourceFact, HistoryOutcome } from './audit-source-fact.ts';
import { HistoryBusy, type QueryStatus, type ResultPage } from './history-queries.ts';
import { begunAnew, type HistoryWindow, halved } from './history-window.ts';
import type { SourceClock } from './source-clock.ts';

/** The calls that a reader makes. */
export interface HistoryAccess {
  submit(window: HistoryWindow, signal: AbortSignal): Promise<QueryStatus>;
  /** `null`: Genesys does not know it. */
  status(transaction: string, signal: AbortSignal): Promise<QueryStatus | null>;
  result(transaction: string, cursor: string | null, signal: AbortSignal): Promise<ResultPage>;
  /**
   * The source texts of a downloaded result; `too-large`: more than is to be held.
   * @throws TrunklineError GENESYS_LINK_EXPIRED: ask for the result again
   */
  download(url: string, signal: AbortSignal): Promise<Buffer[] | 'too-large'>;
}

export type HistoryRead =
  /** Events, and the window behind them; `next` null: the window is read. */
  | { kind: 'events'; events: Buffer[]; next: HistoryWindow | null }
  /** The window moved on without events: a query was submitted, or is to be submitted anew. */
  | { kind: 'moved'; next: HistoryWindow }
  /** Nothing to be done but to wait. */
  | { kind: 'later' };

/** How long one call looks after a query that runs, and how far apart its looks are (ms). */
const lookMs = { first: 1_000, last: 10_000, inAll: 20_000 };

/** How long after a query that was refused or failed the next one is submitted (ms). */
const againMs = { first: 15_000, last: 600_000 };

/** Failures of a window in a row from which on it is halved. */
const failuresToHalve = 2;

/** Links of one result that may expire before they are used. */
const linksInARow = 3;

/** A clock that only goes forward, in ms, and waiting by it. */
export interface Waits {
  now(): number;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const realWaits: Waits = { now: () => performance.now(), sleep };

interface Lease {
  take(): Promise<boolean>;
  release(): Promise<void>;
}

/** The part of a result that is at hand. */
interface Answer {
  transaction: string;
  cursor: string | null;
  events: Buffer[];
  next: string | null;
}

export class HistoryReader {
  readonly #access: HistoryAccess;
  readonly #lease: Lease;
  readonly #clock: SourceClock;
  readonly #tell: (fact: AuditSourceFact) => void;
  readonly #waits: Waits;
  /** A query that has ended well: its state need not be asked for again. */
  #succeeded: string | null = null;
  #answer: Answer | null = null;
  #failures = 0;
  #notBefore = Number.NEGATIVE_INFINITY;

  constructor(parts: {
    access: HistoryAccess;
    lease: Lease;
    clock: SourceClock;
    tell: (fact: AuditSourceFact) => void;
    waits: Waits;
  }) {
    this.#access = parts.access;
    this.#lease = parts.lease;
    this.#clock = parts.clock;
    this.#tell = parts.tell;
    this.#waits = parts.waits;
  }

  /**
   * Goes one step on in a window.
   * @param limit events at most
   * @throws as `GenesysConnection.call`
   */
  async read(window: HistoryWindow, limit: number, signal: AbortSignal): Promise<HistoryRead> {
    const { transaction } = window;
    if (transaction === null) return this.#submit(window, signal);
    if (this.#succeeded !== transaction && window.cursor === null) {
      const end = await this.#watch(transaction, signal);
      if (end === 'running') return { kind: 'later' };
      await this.#lease.release();
      this.#told(end, window);
      if (end !== 'succeeded') return this.#afterFailure(window, end);
      this.#succeeded = transaction;
    }
    return this.#give(window, transaction, limit, signal);
  }

  async #submit(window: HistoryWindow, signal: AbortSignal): Promise<HistoryRead> {
    if (this.#waits.now() < this.#notBefore) return { kind: 'later' };
    if (!(await this.#lease.take())) {
      this.#told('busy', window);
      this.#notBefore = this.#waits.now() + againMs.first;
      return { kind: 'later' };
    }
    try {
      const { id, serverDate } = await this.#access.submit(window, signal);
      this.#clock.heard(serverDate);
      this.#told('submitted', window);
      return { kind: 'moved', next: { ...window, startedAt: this.#clock.now(), transaction: id } };
    } catch (error) {
      await this.#lease.release();
      if (!(error instanceof HistoryBusy)) throw error;
      this.#told('busy', window);
      this.#notBefore = this.#waits.now() + againMs.first;
      return { kind: 'later' };
    }
  }

  /** Looks until the query has ended, or it is time for the caller to see to other things. */
  async #watch(
    transaction: string,
    signal: AbortSignal,
  ): Promise<'running' | 'succeeded' | 'failed' | 'lost'> {
    const until = this.#waits.now() + lookMs.inAll;
    for (let wait = lookMs.first; ; wait = Math.min(wait * 2, lookMs.last)) {
      const status = await this.#access.status(transaction, signal);
      if (status === null) return 'lost';
      this.#clock.heard(status.serverDate);
      if (status.state !== 'running') return status.state;
      // Ours, unless it ran out while nobody looked: another's query is then refused by Genesys, and waits.
      await this.#lease.take();
      if (this.#waits.now() + wait > until) return 'running';
      await this.#waits.sleep(wait, signal);
    }
  }

  #afterFailure(window: HistoryWindow, how: 'failed' | 'lost' | 'too-large'): HistoryRead {
    this.#answer = null;
    this.#failures++;
    const now = this.#clock.now();
    if (how === 'too-large') return { kind: 'moved', next: halved(window, now) };
    const waitMs = Math.min(againMs.first * 2 ** (this.#failures - 1), againMs.last);
    this.#notBefore = this.#waits.now() + waitMs;
    const isHopeless = how === 'failed' && this.#failures >= failuresToHalve;
    return { kind: 'moved', next: isHopeless ? halved(window, now) : begunAnew(window, now) };
  }

  async #give(
    window: HistoryWindow,
    transaction: string,
    limit: number,
    signal: AbortSignal,
  ): Promise<HistoryRead> {
    const { cursor } = window;
    let { taken } = window;
    let answer = this.#answer;
    if (answer?.transaction !== transaction || answer.cursor !== cursor) {
      const read = await this.#ask(transaction, cursor, signal);
      if (read === 'lost' || read === 'too-large') {
        this.#told(read, window);
        return this.#afterFailure(window, read);
      }
      answer = read;
      this.#answer = answer;
      // Whether Genesys gives the events in the same order again is not known: all of them once more.
      taken = 0;
    }
    this.#failures = 0;
    const events = answer.events.slice(taken, taken + limit);
    const end = taken + events.length;
    if (end < answer.events.length) return { kind: 'events', events, next: { ...window, taken: end } };
    this.#answer = null;
    const next = answer.next === null ? null : { ...window, cursor: answer.next, taken: 0 };
    return { kind: 'events', events, next };
  }

  async #ask(
    transaction: string,
    cursor: string | null,
    signal: AbortSignal,
  ): Promise<Answer | 'lost' | 'too-large'> {
    for (let links = 1; ; links++) {
      const page = await this.#access.result(transaction, cursor, signal);
      this.#clock.heard(page.reply.serverDate);
      if (page.kind === 'lost') return 'lost';
      if (page.cursor !== null && page.cursor === cursor) throw standsStill();
      const at = { transaction, cursor, next: page.cursor };
      if (page.kind === 'events') return { ...at, events: page.events };
      try {
        const events = await this.#access.download(page.url, signal);
        return events === 'too-large' ? events : { ...at, events };
      } catch (error) {
        if (errorCodeOf(error) !== 'GENESYS_LINK_EXPIRED' || links >= linksInARow) throw error;
      }
    }
  }

  #told(outcome: HistoryOutcome, { from, to }: HistoryWindow): void {
    this.#tell({ kind: 'history-query', outcome, from, to });
  }
}

function standsStill(): TrunklineError {
  return new TrunklineError('GENESYS_REPLY_UNREADABLE', {
    message: "Genesys' result of the audit history query gave the cursor that it was asked with.",
    remedy: 'The result is asked for again; if it lasts, tell Genesys.',
  });
}
