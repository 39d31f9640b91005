import type { AuditPage, AuditSource, SourceFacts, SourceReach } from '../../audit-source.ts';
import type { AuditSourceFact } from './audit-source-fact.ts';
import type { HistoryReader } from './history-reader.ts';
import { behindWindow, type HistoryRun, historyRun } from './history-window.ts';
import { oldestKept, outOfReach, readingMs } from './out-of-reach.ts';
import { type Asked, PageMaker } from './page-maker.ts';
import type { ServiceNames } from './service-mapping.ts';
import type { SourceClock } from './source-clock.ts';
import { type HistoryState, historyCursorText, historyStateOf } from './stream-cursor.ts';
import type { TailTerms } from './tail-state.ts';

/** What is read, and when. */
export type HistoryPlan =
  /** Services that realtime queries do not cover, every so often, each time an overlap further back than it was read. */
  | { kind: 'uncovered-services'; everyMs: number; firstStartMs: number }
  /** A range, once, of all services. ms since 1970, [from, to). */
  | { kind: 'range'; from: number; to: number };

/** The calls that the source makes beside those of its history reader. */
export interface MappingAccess {
  services(of: 'history' | 'realtime', signal: AbortSignal): Promise<ServiceNames>;
}

/** How close to now a run may end: what is younger may not have reached the history (ms). */
const settleMs = 60_000;

/**
 * Audit events by queries of the history alone, one window after another. Its cursor is `HistoryState`. A run of uncovered services
 * begins an overlap before the end of the last one, so that what appears late is read; and it reads the services of the last one
 * too, so that one which realtime queries have come to cover is handed over without a gap.
 */
export class AuditsHistorySource implements AuditSource {
  readonly reach: SourceReach;
  readonly #access: MappingAccess;
  readonly #history: Pick<HistoryReader, 'read'>;
  readonly #clock: SourceClock;
  readonly #terms: Pick<TailTerms, 'overlapMs' | 'historyReachMs' | 'historyWindowMs' | 'pageSize'>;
  readonly #plan: HistoryPlan;
  readonly #tell: (fact: AuditSourceFact) => void;
  readonly #pages: PageMaker;
  #state: HistoryState | null = null;

  constructor(parts: {
    access: MappingAccess;
    history: Pick<HistoryReader, 'read'>;
    clock: SourceClock;
    terms: Pick<TailTerms, 'overlapMs' | 'historyReachMs' | 'historyWindowMs' | 'pageSize'>;
    plan: HistoryPlan;
    /** As of `AuditsRealtimeSource`. */
    shape: (event: Buffer) => Buffer | null;
    tell: (fact: AuditSourceFact) => void;
  }) {
    this.#access = parts.access;
    this.#history = parts.history;
    this.#clock = parts.clock;
    this.#terms = parts.terms;
    this.#plan = parts.plan;
    this.#tell = parts.tell;
    this.#pages = new PageMaker(parts.shape, parts.clock, parts.tell);
    this.reach = {
      firstStartMs: parts.plan.kind === 'range' ? null : parts.plan.firstStartMs,
      replayWindowMs: parts.terms.historyReachMs,
      lateMs: parts.terms.overlapMs,
    };
  }

  async nextPage(cursor: string | null, signal: AbortSignal): Promise<AuditPage> {
    const asked = this.#pages.ask(cursor);
    const known = this.#clock.isKnown ? null : await this.#services(asked, signal);
    const state = cursor === null ? this.#begin() : historyStateOf(cursor);
    this.#state = state;
    const { overlapMs } = this.#terms;
    this.#judgeReach(state);
    this.#pages.prune(state.head - overlapMs);
    if (state.run !== null) return this.#read(asked, state, state.run, signal);
    if (!this.#isDue(state)) return asked.page({ next: null, reachedAt: state.head, atHead: true });
    return this.#end(asked, this.#beginRun(state, known ?? (await this.#services(asked, signal))));
  }

  facts(): SourceFacts {
    const run = this.#state?.run ?? null;
    if (run === null) return { readsBy: 'history' };
    return {
      readsBy: `history of ${run.window.service ?? 'all services'} up to ${new Date(run.window.to).toISOString()}`,
    };
  }

  /** @throws CursorOutOfReach */
  #judgeReach({ head, services, run }: HistoryState): void {
    // A range was judged when it was asked for, and is read to its end.
    if (this.#plan.kind === 'range') return;
    const { historyReachMs } = this.#terms;
    const now = this.#clock.now();
    const isWithin =
      run === null ? head >= now - historyReachMs : run.from >= now - historyReachMs - readingMs;
    if (isWithin) return;
    const at = oldestKept(now, historyReachMs);
    const cursor = historyCursorText({ head: at, services, run: null });
    throw outOfReach(historyReachMs, { cursor, at });
  }

  #begin(): HistoryState {
    const plan = this.#plan;
    const head = plan.kind === 'range' ? plan.from : this.#clock.now() - plan.firstStartMs;
    return { head: Math.floor(head / 1_000) * 1_000, services: [], run: null };
  }

  #isDue({ head }: HistoryState): boolean {
    const plan = this.#plan;
    return plan.kind === 'range' ? head < plan.to : this.#clock.now() - settleMs - head >= plan.everyMs;
  }

  /** Those that a run is to read; asking for them tells the time too. */
  async #services(asked: Asked, signal: AbortSignal): Promise<(string | null)[]> {
    const all = await this.#access.services('history', signal);
    asked.heard(all.serverDate);
    const covered = await this.#access.services('realtime', signal);
    asked.heard(covered.serverDate);
    if (this.#plan.kind === 'range') return [null];
    return all.names.filter((name) => !covered.names.includes(name));
  }

  #beginRun(state: HistoryState, services: readonly (string | null)[]): HistoryState {
    const now = this.#clock.now();
    const { historyWindowMs, overlapMs, historyReachMs } = this.#terms;
    const plan = this.#plan;
    if (plan.kind === 'range') {
      const run = historyRun(state.head, plan.to, services, now, historyWindowMs);
      return this.#begun({ ...state, run });
    }
    const uncovered = services.filter((name) => name !== null);
    const both = [...new Set([...uncovered, ...state.services])].sort();
    const to = Math.floor((now - settleMs) / 1_000) * 1_000;
    const from = Math.max(state.head - overlapMs, Math.ceil((now - historyReachMs) / 1_000) * 1_000);
    const run = historyRun(from, to, both, now, historyWindowMs);
    return this.#begun({ head: run === null ? to : state.head, services: uncovered, run });
  }

  #begun(state: HistoryState): HistoryState {
    if (state.run !== null) {
      this.#tell({ kind: 'pass-begun', pass: 'history', from: state.run.from, to: state.run.to });
    }
    return state;
  }

  async #read(asked: Asked, state: HistoryState, run: HistoryRun, signal: AbortSignal): Promise<AuditPage> {
    const { pageSize, historyWindowMs } = this.#terms;
    const read = await this.#history.read(run.window, pageSize, signal);
    switch (read.kind) {
      case 'later':
        return asked.page({ next: null, reachedAt: state.head, atHead: false });
      case 'moved':
        return this.#end(asked, { ...state, run: { ...run, window: read.next } });
      case 'events': {
        asked.take(read.events, this.#plan.kind !== 'range');
        const behind =
          read.next === null
            ? behindWindow(run, this.#clock.now(), historyWindowMs)
            : { ...run, window: read.next };
        // A range is read in order, so that what is behind a window is done.
        const done = this.#plan.kind === 'range' ? (behind?.window.from ?? run.to) : state.head;
        return this.#end(asked, { ...state, head: behind === null ? run.to : done, run: behind });
      }
      default:
        return read satisfies never;
    }
  }

  #end(asked: Asked, state: HistoryState): AuditPage {
    this.#state = state;
    const atHead = state.run === null && !this.#isDue(state);
    const reachedAt = this.#plan.kind === 'range' ? asked.lastDate(this.#plan) : null;
    return asked.page({ next: historyCursorText(state), reachedAt: reachedAt ?? state.head, atHead });
  }
}
