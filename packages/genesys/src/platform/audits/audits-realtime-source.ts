import { errorCodeOf } from '@trunkline/contracts';
import type { AuditPage, AuditSource, SourceFacts, SourceReach } from '../../audit-source.ts';
import { LongWait } from '../../long-wait.ts';
import type { AuditSourceFact } from './audit-source-fact.ts';
import type { HistoryReader } from './history-reader.ts';
import { oldestKept, outOfReach } from './out-of-reach.ts';
import { type Asked, PageMaker } from './page-maker.ts';
import { type RealtimePage, type RealtimeQuery, ServiceWanted } from './realtime-queries.ts';
import type { ServiceNames } from './service-mapping.ts';
import type { SourceClock } from './source-clock.ts';
import { tailCursorText, tailStateOf } from './stream-cursor.ts';
import {
  behindPage,
  completed,
  fitted,
  halvedPass,
  nextStep,
  type Step,
  type TailState,
  type TailTerms,
  tailFrom,
} from './tail-state.ts';

/** The calls that the source makes beside those of its history reader. */
export interface RealtimeAccess {
  /**
   * @param longestWaitMs a longer wait before it is made again is a `LongWait`
   * @throws ServiceWanted
   */
  page(query: RealtimeQuery, longestWaitMs: number, signal: AbortSignal): Promise<RealtimePage>;
  /** Services that realtime queries cover. */
  services(signal: AbortSignal): Promise<ServiceNames>;
}

/** Pages without a new event that one call reads on over, so that a pass over many services costs no accept each. */
const emptyPages = 20;

/** A head that moved by less, over nothing, is not worth a cursor: the next pass begins where this one did (ms). */
const worthMs = 60_000;

/** How near to the end of what can be read the head counts as such (ms). */
const atHeadMs = 30_000;

/** Genesys may fail again and again at a window that is too much for it; a wait longer than this is worth a smaller one (ms). */
const tooSlowMs = 20_000;

/** Requests for which the list of services is asked, to learn the time: a clock that is far off ours is asked twice. */
const clockLooks = 3;

/**
 * The tail of an organisation's audit events: realtime queries over windows up to now, with sweeps for events that appear late, and
 * the history for what realtime no longer reaches. `tail-state.ts` decides what is read; `ReturnedEvents` what is returned.
 */
export class AuditsRealtimeSource implements AuditSource {
  readonly reach: SourceReach;
  readonly #access: RealtimeAccess;
  readonly #history: Pick<HistoryReader, 'read'>;
  readonly #clock: SourceClock;
  readonly #terms: TailTerms;
  readonly #requestsPerSecond: number;
  readonly #tell: (fact: AuditSourceFact) => void;
  readonly #pages: PageMaker;
  /** Each is asked for by itself; `null`: all at once. */
  #services: string[] | null = null;
  #state: TailState | null = null;

  constructor(parts: {
    access: RealtimeAccess;
    history: Pick<HistoryReader, 'read'>;
    clock: SourceClock;
    terms: TailTerms;
    firstStartMs: number;
    /** 0: without limit. */
    requestsPerSecond: number;
    /** An event as it is passed on; `null`: the filters leave it out. */
    shape: (event: Buffer) => Buffer | null;
    tell: (fact: AuditSourceFact) => void;
  }) {
    this.#access = parts.access;
    this.#history = parts.history;
    this.#clock = parts.clock;
    this.#terms = parts.terms;
    this.#requestsPerSecond = parts.requestsPerSecond;
    this.#tell = parts.tell;
    this.#pages = new PageMaker(parts.shape, parts.clock, parts.tell);
    this.reach = {
      firstStartMs: parts.firstStartMs,
      replayWindowMs: parts.terms.historyReachMs,
      lateMs: parts.terms.overlapMs,
    };
  }

  async nextPage(cursor: string | null, signal: AbortSignal): Promise<AuditPage> {
    const asked = this.#pages.ask(cursor);
    await this.#learnTime(asked, signal);
    const given =
      cursor === null ? tailFrom(this.#clock.now() - (this.reach.firstStartMs ?? 0)) : tailStateOf(cursor);
    this.#pages.prune(given.final);
    let state = given;
    for (let empty = 0; ; ) {
      const terms = this.#termsNow();
      const step = nextStep(state, this.#clock.now(), terms);
      if (step.kind === 'out-of-reach') throw this.#outOfReach();
      if (step.kind === 'rest') return this.#end(asked, given, state);
      if (step.begun) await this.#begin(step, signal);
      const pass = step.state[step.turn];
      if (pass?.kind === 'history') {
        // Kept before anything is asked for, so that it is begun once.
        if (step.begun) return this.#end(asked, null, step.state);
        return this.#readHistory(asked, step.state, pass, signal);
      }
      const ready = fitted(step.state, step.turn, this.#services, terms);
      if (ready === null) {
        state = completed(step.state, step.turn, terms);
        continue;
      }
      const page = await this.#ask(ready, step.turn, asked, signal);
      if (page === 'service-by-service') continue;
      if ('final' in page) {
        state = page;
        continue;
      }
      const behind = behindPage(ready, step.turn, page.counts, this.#services, terms);
      state = behind.state;
      if (behind.kept) asked.take(page.events, mayComeAgain(ready, step.turn, terms));
      const isOver = state.tail === null && state.sweep === null;
      if (asked.events.length > 0 || isOver || ++empty >= emptyPages) return this.#end(asked, given, state);
    }
  }

  facts(): SourceFacts {
    const { tail, sweep } = this.#state ?? { tail: null, sweep: null };
    const upTo = tail === null ? '' : ` up to ${new Date(tail.to).toISOString()}`;
    return {
      readsBy: `${tail?.kind ?? 'realtime'}${upTo}${sweep === null ? '' : ', sweeping'}`,
      everythingReadBefore: this.#state === null ? null : new Date(this.#state.final).toISOString(),
      ...(this.#services === null ? {} : { services: this.#services.length }),
    };
  }

  #outOfReach(): Error {
    const { historyReachMs } = this.#terms;
    const at = oldestKept(this.#clock.now(), historyReachMs);
    return outOfReach(historyReachMs, { cursor: tailCursorText(tailFrom(at)), at });
  }

  /** Windows end by Genesys' clock, so that has to be known before the first is planned. */
  async #learnTime(asked: Asked, signal: AbortSignal): Promise<void> {
    for (let looks = 0; !this.#clock.isKnown && looks < clockLooks; looks++) {
      asked.heard((await this.#access.services(signal)).serverDate);
    }
  }

  async #begin(step: Extract<Step, { kind: 'read' }>, signal: AbortSignal): Promise<void> {
    const pass = step.state[step.turn];
    if (pass === null) return;
    const { from, to } = pass;
    if (pass.kind === 'history') this.#tell({ kind: 'switched-to-history', from, to });
    this.#tell({ kind: 'pass-begun', pass: pass.kind === 'history' ? 'history' : step.turn, from, to });
    // With every sweep, so that a service that comes anew is read from its first event on.
    if (this.#services !== null && step.turn === 'sweep') this.#services = await this.#listServices(signal);
  }

  async #listServices(signal: AbortSignal): Promise<string[]> {
    const { names, serverDate } = await this.#access.services(signal);
    this.#clock.heard(serverDate);
    return names;
  }

  /** @returns the page; or the state with a smaller window, where this one is too much for Genesys */
  async #ask(
    state: TailState,
    turn: 'tail' | 'sweep',
    asked: Asked,
    signal: AbortSignal,
  ): Promise<RealtimePage | TailState | 'service-by-service'> {
    const { from, to, service, page, pageSize } = state[turn] as RealtimeQuery;
    const query = { from, to, service, page, pageSize };
    const smaller = halvedPass(state, turn);
    try {
      const answer =
        smaller === null
          ? await this.#access.page(query, Number.POSITIVE_INFINITY, signal)
          : await this.#askSoon(query, signal);
      if (answer === 'too-slow') return smaller as TailState;
      asked.replied(answer);
      return answer;
    } catch (error) {
      if (!(error instanceof ServiceWanted)) {
        // Where it was not the missing service that was refused, all at once is what is tried next.
        if (errorCodeOf(error) === 'GENESYS_REQUEST_REFUSED') this.#services = null;
        throw error;
      }
      this.#services = await this.#listServices(signal);
      this.#tell({ kind: 'service-by-service', services: this.#services.length });
      return 'service-by-service';
    }
  }

  /** A page that comes soon, or that is waited for because Genesys asks for it; what fails for long may be too much at a time. */
  async #askSoon(query: RealtimeQuery, signal: AbortSignal): Promise<RealtimePage | 'too-slow'> {
    try {
      return await this.#access.page(query, tooSlowMs, signal);
    } catch (error) {
      if (!(error instanceof LongWait)) throw error;
      if (error.code === 'GENESYS_SERVER_ERROR') return 'too-slow';
      return this.#access.page(query, Number.POSITIVE_INFINITY, signal);
    }
  }

  async #readHistory(
    asked: Asked,
    state: TailState,
    pass: Extract<TailState['tail'], { kind: 'history' }>,
    signal: AbortSignal,
  ): Promise<AuditPage> {
    const read = await this.#history.read(pass, this.#terms.pageSize, signal);
    switch (read.kind) {
      case 'later':
        this.#state = state;
        return asked.page({ next: null, reachedAt: state.head, atHead: false });
      case 'moved':
        return this.#end(asked, null, { ...state, tail: { kind: 'history', ...read.next } });
      case 'events': {
        asked.take(read.events, false);
        const { next } = read;
        const behind: TailState =
          next === null
            ? completed(state, 'tail', this.#terms)
            : { ...state, tail: { kind: 'history', ...next } };
        return this.#end(asked, null, behind);
      }
      default:
        return read satisfies never;
    }
  }

  /** @param given the state that was asked with; `null`: what was read is to be kept in any case */
  #end(asked: Asked, given: TailState | null, state: TailState): AuditPage {
    this.#state = state;
    const { tail, sweep, head } = state;
    const readable = this.#clock.now() - this.#terms.settleMs - head;
    const atHead =
      tail === null && sweep === null && readable < Math.max(atHeadMs, 2 * this.#termsNow().leastMs);
    const isKept = given === null || asked.events.length > 0 || isWorthKeeping(given, state, this.#services);
    const reachedAt = tail?.kind === 'realtime' && tail.service === null ? asked.lastDate(tail) : null;
    return asked.page({ next: isKept ? tailCursorText(state) : null, reachedAt: reachedAt ?? head, atHead });
  }

  /** Half of the allowance at most goes into passes over services that have nothing new. */
  #termsNow(): TailTerms {
    if (this.#services === null || this.#requestsPerSecond === 0) return this.#terms;
    const leastMs = Math.max(this.#terms.leastMs, (this.#services.length * 2_000) / this.#requestsPerSecond);
    return { ...this.#terms, leastMs };
  }
}

/** An idle stream moves its head on with every poll; a cursor for each would cost an accept, and say nothing. */
function isWorthKeeping(given: TailState, state: TailState, services: readonly string[] | null): boolean {
  return (
    services !== null ||
    state.tail !== null ||
    state.sweep !== null ||
    state.final !== given.final ||
    state.sweptAt !== given.sweptAt ||
    state.head - given.head >= worthMs
  );
}

/** What is dated before all had appeared is read by no other pass. */
function mayComeAgain(state: TailState, turn: 'tail' | 'sweep', { overlapMs }: TailTerms): boolean {
  const pass = state[turn];
  return pass !== null && pass.to > pass.startedAt - overlapMs;
}
