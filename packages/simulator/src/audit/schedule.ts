import type { OddEvent } from './odd-event.ts';

/**
 * Which event stands at which position of the stream, and since when.
 *
 * A position (0, 1, 2, ...) holds either a regular event, known by its ordinal, or an odd one that was asked for. The
 * schedule is a short list of segments; all else is computed from it, so that a stream of millions of events is kept
 * in a few lines. Invariants: positions never change their event or date once they are due; dates never go down along
 * the positions, even where the clock was set back; the last segment is the one open flow.
 */
export type Segment =
  /** So many regular events, evenly spread over a time that is past. */
  | { kind: 'spread'; first: number; ordinal: number; count: number; fromMs: number; toMs: number }
  /** Regular events that appear with time; `count` is null while the flow is open. */
  | {
      kind: 'flow';
      first: number;
      ordinal: number;
      count: number | null;
      sinceMs: number;
      rate: number;
      floorMs: number;
    }
  | { kind: 'odd'; first: number; ordinal: number; atMs: number; odd: OddEvent };

type Flow = Extract<Segment, { kind: 'flow' }>;

export type Entry =
  | { kind: 'regular'; ordinal: number; dateMs: number }
  | { kind: 'odd'; dateMs: number; odd: OddEvent };

/** What is written to disk. */
export interface SavedSchedule {
  segments: Segment[];
  /** Regular events stop at this ordinal; null = never. */
  boundOrdinal: number | null;
}

/** Dates of events that are added at once lie within so long before. */
const ADD_SPAN_MS = 1000;

export class Schedule {
  readonly #segments: Segment[];
  #boundOrdinal: number | null;
  /** A head once shown never shrinks, whatever the clock does. */
  #highest = 0;

  constructor(saved: SavedSchedule) {
    this.#segments = [...saved.segments];
    this.#boundOrdinal = saved.boundOrdinal;
    this.#highest = this.#openFlow().first;
  }

  /** A new stream: `backlog` ordinals spread over the time before `nowMs`, then `rate` events a second. */
  static begin(input: {
    backlog: number;
    backlogMs: number;
    nowMs: number;
    rate: number;
    boundOrdinal: number | null;
  }): Schedule {
    const { backlog, backlogMs, nowMs, rate, boundOrdinal } = input;
    const flow: Flow = {
      kind: 'flow',
      first: backlog,
      ordinal: backlog,
      count: null,
      sinceMs: nowMs,
      rate,
      floorMs: backlog > 0 ? nowMs : 0,
    };
    const spread = {
      kind: 'spread',
      first: 0,
      ordinal: 0,
      count: backlog,
      fromMs: nowMs - backlogMs,
      toMs: nowMs,
    } as const;
    return new Schedule({ segments: backlog > 0 ? [spread, flow] : [flow], boundOrdinal });
  }

  saved(): SavedSchedule {
    return { segments: this.#segments, boundOrdinal: this.#boundOrdinal };
  }

  /** Events a second of the simulator's clock; 0 = stopped. */
  get rate(): number {
    return this.#openFlow().rate;
  }

  get boundOrdinal(): number | null {
    return this.#boundOrdinal;
  }

  /** Ordinals used up to now, so the next regular event has this one. */
  nextOrdinal(nowMs: number): number {
    const flow = this.#openFlow();
    return flow.ordinal + (this.head(nowMs) - flow.first);
  }

  /** Number of positions that exist now; the last one is one less. */
  head(nowMs: number): number {
    const flow = this.#openFlow();
    const appeared = flow.rate === 0 ? 0 : Math.floor(((nowMs - flow.sinceMs) * flow.rate) / 1000);
    const allowed =
      this.#boundOrdinal === null ? appeared : Math.min(appeared, this.#boundOrdinal - flow.ordinal);
    this.#highest = Math.max(this.#highest, flow.first + allowed);
    return this.#highest;
  }

  /** True when no further event appears by itself. */
  complete(nowMs: number): boolean {
    return this.rate === 0 || (this.#boundOrdinal !== null && this.nextOrdinal(nowMs) >= this.#boundOrdinal);
  }

  /** What stands at a position below the head. */
  entry(position: number): Entry {
    const segment = this.#segmentOf(position);
    const index = position - segment.first;
    switch (segment.kind) {
      case 'odd':
        return { kind: 'odd', dateMs: segment.atMs, odd: segment.odd };
      case 'spread': {
        const step = (segment.toMs - segment.fromMs) / segment.count;
        return {
          kind: 'regular',
          ordinal: segment.ordinal + index,
          dateMs: Math.floor(segment.fromMs + (index + 1) * step),
        };
      }
      case 'flow': {
        const appears = Math.floor(segment.sinceMs + ((index + 1) * 1000) / segment.rate);
        return {
          kind: 'regular',
          ordinal: segment.ordinal + index,
          dateMs: Math.max(segment.floorMs, appears),
        };
      }
      default:
        return segment satisfies never;
    }
  }

  /** When an event came to be, epoch ms: those that are added at once have dates before it. */
  appearedMs(position: number): number {
    const segment = this.#segmentOf(position);
    return segment.kind === 'spread' ? segment.toMs : this.entry(position).dateMs;
  }

  /** The first position whose date is not before `dateMs`; the head where there is none. */
  firstSince(dateMs: number, head: number): number {
    let low = 0;
    let high = head;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.entry(middle).dateMs < dateMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Ordinals of regular events and positions of odd ones up to a head, to count what is due. */
  countUpTo(head: number): { regularOrdinal: number; odd: { position: number; odd: OddEvent }[] } {
    const odd: { position: number; odd: OddEvent }[] = [];
    let regularOrdinal = 0;
    for (const segment of this.#segments) {
      if (segment.first >= head) break;
      if (segment.kind === 'odd') odd.push({ position: segment.first, odd: segment.odd });
      else
        regularOrdinal =
          segment.ordinal + Math.min(segment.count ?? Number.POSITIVE_INFINITY, head - segment.first);
    }
    return { regularOrdinal, odd };
  }

  /**
   * Adds regular events at the head, spread over the time since the last one, a second at most: a client that reads up to
   * a few seconds ago has not been there yet. A bound moves up with them.
   */
  add(ordinals: number, nowMs: number): void {
    this.#append(nowMs, (first, ordinal, lastMs) => {
      if (this.#boundOrdinal !== null) this.#boundOrdinal += ordinals;
      const toMs = Math.max(nowMs, lastMs);
      return {
        kind: 'spread',
        first,
        ordinal,
        count: ordinals,
        fromMs: Math.max(lastMs, toMs - ADD_SPAN_MS),
        toMs,
      };
    });
  }

  /** Puts an odd event at the head and returns its position. */
  insert(odd: OddEvent, nowMs: number): number {
    const position = this.head(nowMs);
    this.#append(nowMs, (first, ordinal, lastMs) => {
      return { kind: 'odd', first, ordinal, atMs: Math.max(nowMs, lastMs), odd };
    });
    return position;
  }

  setRate(rate: number, nowMs: number): void {
    this.#reopen(nowMs, { rate, sinceMs: nowMs });
  }

  /** New bound for the ordinals of regular events; those that exist stay. */
  setBound(boundOrdinal: number | null, nowMs: number): void {
    // Time that passed while the stream was complete brings no events afterwards.
    if (this.complete(nowMs)) this.#reopen(nowMs, { sinceMs: nowMs });
    this.#boundOrdinal = boundOrdinal === null ? null : Math.max(boundOrdinal, this.nextOrdinal(nowMs));
  }

  /** The clock jumps: no events appear for the time that was skipped. */
  clockJumped(beforeMs: number, afterMs: number): void {
    this.#reopen(beforeMs, { sinceMs: afterMs });
  }

  #openFlow(): Flow {
    const last = this.#segments.at(-1);
    if (last?.kind !== 'flow' || last.count !== null)
      throw new Error('the schedule has no open flow at its end');
    return last;
  }

  #segmentOf(position: number): Segment {
    let low = 0;
    let high = this.#segments.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#segments[middle] as Segment).first <= position) low = middle;
      else high = middle - 1;
    }
    return this.#segments[low] as Segment;
  }

  #lastMs(head: number): number {
    return head === 0 ? 0 : this.entry(head - 1).dateMs;
  }

  #append(nowMs: number, make: (first: number, ordinal: number, lastMs: number) => Segment): void {
    const head = this.head(nowMs);
    const ordinal = this.nextOrdinal(nowMs);
    const added = make(head, ordinal, this.#lastMs(head));
    const flow = this.#closeFlow(head);
    this.#segments.push(added);
    const size = added.kind === 'odd' ? 1 : (added.count ?? 0);
    this.#openAfter(flow, head + size, added.kind === 'odd' ? ordinal : ordinal + size);
  }

  #reopen(nowMs: number, change: { rate?: number; sinceMs: number }): void {
    const head = this.head(nowMs);
    const ordinal = this.nextOrdinal(nowMs);
    this.#openAfter({ ...this.#closeFlow(head), ...change }, head, ordinal);
  }

  /** Ends the open flow at the head; what comes back continues it in the same rhythm. */
  #closeFlow(head: number): { rate: number; sinceMs: number } {
    const flow = this.#openFlow();
    this.#segments.pop();
    const count = head - flow.first;
    if (count > 0) this.#segments.push({ ...flow, count });
    return {
      rate: flow.rate,
      sinceMs: flow.rate === 0 ? flow.sinceMs : flow.sinceMs + (count * 1000) / flow.rate,
    };
  }

  #openAfter(flow: { rate: number; sinceMs: number }, first: number, ordinal: number): void {
    const floorMs = first === 0 ? 0 : this.entry(first - 1).dateMs;
    this.#segments.push({ kind: 'flow', first, ordinal, count: null, floorMs, ...flow });
    this.#highest = Math.max(this.#highest, first);
  }
}
