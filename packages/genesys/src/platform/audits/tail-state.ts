/**
 * How the tail of an organisation's audit events is read, as a state that each answer moves on. Pure: the clock is passed in, and
 * what is asked of Genesys is made from the state elsewhere.
 *
 * Genesys has no cursor, only queries over windows of time, and an event may appear up to half an hour after its date. So two
 * marks: everything dated before `head` was read once; everything dated before `final` was read when all of it had appeared, an
 * overlap after its date. A tail pass reads on from `head`; a sweep reads what lies between the marks again.
 *
 * Invariants: `final` <= `head`; a mark moves only when a pass over all that lies before it is complete; a pass counts for what had
 * appeared when it began, however long it takes and whoever finishes it. So a crash, a lost page or a rewind costs repeats and
 * never an event. It rests on events not disappearing: one that comes in between can only push others to later pages.
 */
import { hash } from 'node:crypto';
import { type HistoryWindow, historyWindow } from './history-window.ts';
import { readingMs } from './out-of-reach.ts';

/** A window that is read by realtime queries, page by page. */
interface RealtimePass {
  kind: 'realtime';
  /** ms since 1970, [from, to). */
  from: number;
  to: number;
  /** When it began, ms since 1970. */
  startedAt: number;
  /** The next page, from 1. */
  page: number;
  /** Events a page; a page's number means nothing with another size. */
  pageSize: number;
  /** The service that is being read, where each is asked for by itself; `null`: all at once. */
  service: string | null;
  /** Digest of the list of services that the pass goes through. */
  services: string | null;
}

/** A window that realtime queries do not reach. */
interface HistoryPass extends HistoryWindow {
  kind: 'history';
}

export interface TailState {
  final: number;
  head: number;
  /** When the last complete reading from `final` on began, ms since 1970. */
  sweptAt: number;
  /** The pass that moves `head`. */
  tail: RealtimePass | HistoryPass | null;
  /** The pass that moves `final`, in turns with tail passes. */
  sweep: RealtimePass | null;
}

/** All times in ms. */
export interface TailTerms {
  /** How late an event may appear. */
  overlapMs: number;
  /** How close to now a window may end. */
  settleMs: number;
  /** Least length of a tail pass; and while a sweep is under way. */
  leastMs: number;
  turnMs: number;
  /** How far back realtime queries reach, less a margin for the time that a pass takes. */
  realtimeReachMs: number;
  /** How far back any query reaches. */
  historyReachMs: number;
  /** Longest window of a realtime query, and of a history query. */
  realtimeWindowMs: number;
  historyWindowMs: number;
  /** A window of more events is read in parts. */
  windowEvents: number;
  pageSize: number;
}

const dayMs = 86_400_000;

/** A window this short is not halved (ms). */
const shortestHalfMs = 600_000;

/** Facts: genesys-api.md, section 2, "Limits". */
export const platformLimits = {
  settleMs: 3_000,
  leastMs: 1_000,
  turnMs: 5_000,
  // 14 days by the documentation.
  realtimeReachMs: 13.5 * dayMs,
  // "At least one year".
  historyReachMs: 365 * dayMs,
  // Longer ones time out.
  realtimeWindowMs: dayMs,
  // 31 days by the text of a refusal; other clients keep to 30.
  historyWindowMs: 30 * dayMs,
  // How deep pages go is not documented; search services commonly end at ten thousand.
  windowEvents: 10_000,
} as const satisfies Partial<TailTerms>;

export type Turn = 'tail' | 'sweep';

/** What is to be done next. */
export type Step =
  /** `final` lies further back than any query reaches. */
  | { kind: 'out-of-reach' }
  /** Nothing has come to be read since the last pass. */
  | { kind: 'rest' }
  /** `state` has the pass in it that `turn` names; `begun`: by this step. */
  | { kind: 'read'; turn: Turn; state: TailState; begun: boolean };

/** A stream that begins at this time, ms since 1970. */
export function tailFrom(time: number): TailState {
  const from = wholeSecond(time);
  return { final: from, head: from, sweptAt: from, tail: null, sweep: null };
}

/** @param now Genesys' clock, ms since 1970 */
export function nextStep(given: TailState, now: number, terms: TailTerms): Step {
  const readingFor = given.tail?.kind === 'history' ? readingMs : 0;
  if (given.final < now - terms.historyReachMs - readingFor) return { kind: 'out-of-reach' };
  const state = withinReach(given, now, terms);
  if (state.tail !== null) return { kind: 'read', turn: 'tail', state, begun: false };
  const tail = nextTailPass(state, now, terms);
  if (tail !== null && tail.from < state.head) {
    // It reads from `final` on by itself.
    return { kind: 'read', turn: 'tail', state: { ...state, tail, sweep: null }, begun: true };
  }
  if (state.sweep !== null) {
    // The head goes first, so that a long sweep delays no new event.
    if (tail === null || tail.to - tail.from < terms.turnMs) {
      return { kind: 'read', turn: 'sweep', state, begun: false };
    }
  } else if (now - state.sweptAt >= terms.overlapMs / 3 && state.final < state.head) {
    const sweep = realtimePass(state.final, state.head, now, terms);
    return { kind: 'read', turn: 'sweep', state: { ...state, sweep }, begun: true };
  }
  if (tail === null) return { kind: 'rest' };
  return { kind: 'read', turn: 'tail', state: { ...state, tail }, begun: true };
}

/** What Genesys said of a page, beside its events. `null`: it did not say. */
export interface PageCounts {
  events: number;
  pageCount: number | null;
  total: number | null;
}

/**
 * The state behind a page of a realtime pass.
 * @param services those that are asked for one by one, in their order; `null`: all at once
 * @returns `kept` false: the page is of no use, its window is too large and is read in parts
 */
export function behindPage(
  state: TailState,
  turn: Turn,
  counts: PageCounts,
  services: readonly string[] | null,
  terms: TailTerms,
): { state: TailState; kept: boolean } {
  const pass = state[turn];
  if (pass?.kind !== 'realtime') return { state, kept: false };
  const smaller = pass.page === 1 ? smallerWindow(pass, turn, counts.total, terms) : null;
  if (smaller !== null) return { state: { ...state, [turn]: { ...pass, to: smaller } }, kept: false };
  if (hasNextPage(pass, counts)) {
    return { state: { ...state, [turn]: { ...pass, page: pass.page + 1 } }, kept: true };
  }
  const service = nextService(services, pass.service);
  if (service !== null) return { state: { ...state, [turn]: { ...pass, page: 1, service } }, kept: true };
  return { state: completed(state, turn, terms), kept: true };
}

/**
 * The state with its realtime pass fit for what is asked now: with other services, or another page size, it begins anew. `null`: no
 * service is there to be read, so that the pass is complete.
 */
export function fitted(
  state: TailState,
  turn: Turn,
  services: readonly string[] | null,
  terms: TailTerms,
): TailState | null {
  const pass = state[turn];
  if (pass?.kind !== 'realtime') return state;
  if (services?.length === 0) return null;
  const digest = services === null ? null : hash('sha256', services.join('\n'), 'hex').slice(0, 8);
  if (
    pass.pageSize === terms.pageSize &&
    pass.services === digest &&
    (pass.service === null) === (digest === null)
  ) {
    return state;
  }
  const anew = { page: 1, pageSize: terms.pageSize, service: services?.[0] ?? null, services: digest };
  return { ...state, [turn]: { ...pass, ...anew } };
}

/** The state with a pass over half of its window, from the first page on; `null`: the window is too short for that. */
export function halvedPass(state: TailState, turn: Turn): TailState | null {
  const pass = state[turn];
  if (pass?.kind !== 'realtime' || pass.to - pass.from < 2 * shortestHalfMs) return null;
  const to = wholeSecond(pass.from + (pass.to - pass.from) / 2);
  return { ...state, [turn]: { ...pass, to, page: 1 } };
}

/** The marks after a pass was read to its end. */
export function completed(state: TailState, turn: Turn, terms: TailTerms): TailState {
  const pass = state[turn];
  if (pass === null) return state;
  const { from, to, startedAt } = pass;
  const head = from <= state.head ? Math.max(state.head, to) : state.head;
  const moved = { ...state, head, [turn]: null };
  if (from > state.final) return moved;
  // What is dated before had all appeared when the pass began.
  const appearedTo = startedAt - terms.overlapMs;
  const isWhole = to >= Math.min(state.head, appearedTo);
  return {
    ...moved,
    final: Math.max(state.final, Math.min(to, wholeSecond(appearedTo))),
    sweptAt: isWhole ? Math.max(state.sweptAt, startedAt) : state.sweptAt,
  };
}

/** A realtime pass that has come to lie too far back is given up; the marks have not moved, so what it was to read is read anew. */
function withinReach(state: TailState, now: number, terms: TailTerms): TailState {
  const earliest = now - terms.realtimeReachMs;
  const { tail, sweep } = state;
  return {
    ...state,
    tail: tail?.kind === 'realtime' && tail.from < earliest ? null : tail,
    sweep: sweep !== null && sweep.from < earliest ? null : sweep,
  };
}

/** The next pass of the tail; `null`: there is nothing new yet. */
function nextTailPass(
  { final, head }: TailState,
  now: number,
  terms: TailTerms,
): RealtimePass | HistoryPass | null {
  const reach = now - terms.realtimeReachMs;
  if (final < reach) {
    // A day more than realtime does not reach, so that the realtime passes behind it have time.
    const to = Math.min(final + terms.historyWindowMs, wholeSecond(reach) + dayMs);
    return { kind: 'history', ...historyWindow(final, to, now) };
  }
  const settled = wholeSecond(now - terms.settleMs);
  // Far behind, the head lies where all has appeared: one pass serves both marks.
  const from = settled - head > terms.overlapMs ? final : head;
  const to = Math.min(settled, from + terms.realtimeWindowMs);
  return to - from < terms.leastMs ? null : realtimePass(from, to, now, terms);
}

function realtimePass(from: number, to: number, now: number, terms: TailTerms): RealtimePass {
  return {
    kind: 'realtime',
    from,
    to: Math.min(to, from + terms.realtimeWindowMs),
    startedAt: now,
    page: 1,
    pageSize: terms.pageSize,
    service: null,
    services: null,
  };
}

/** Where a window of too many events is to end instead; `null`: it is small enough, or cannot be made smaller. */
function smallerWindow(
  pass: RealtimePass,
  turn: Turn,
  total: number | null,
  terms: TailTerms,
): number | null {
  if (total === null || total <= terms.windowEvents) return null;
  const { from, to, startedAt } = pass;
  // A sweep may leave out what it reads for the sake of speed alone.
  const needed = wholeSecond(startedAt - terms.overlapMs);
  if (turn === 'sweep' && from < needed && needed < to) return needed;
  const share = (0.8 * terms.windowEvents) / total;
  const end = wholeSecond(from + (to - from) * share);
  return end > from && end < to ? end : null;
}

/** By the latest answer: what comes into the window while it is read is read with it. */
function hasNextPage({ page, pageSize }: RealtimePass, { events, pageCount, total }: PageCounts): boolean {
  if (events === 0) return false;
  if (pageCount !== null && pageCount > 0) return page < pageCount;
  if (total !== null) return page * pageSize < total;
  return events >= pageSize;
}

function nextService(services: readonly string[] | null, service: string | null): string | null {
  if (services === null || service === null) return null;
  return services[services.indexOf(service) + 1] ?? null;
}

function wholeSecond(time: number): number {
  return Math.floor(time / 1_000) * 1_000;
}
