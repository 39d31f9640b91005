import { assemble, type EventFields, EventWriter, fieldsOf } from './event.ts';
import { isLogin } from './login.ts';
import { type OddEvent, type OddKind, type OddText, writeOdd } from './odd-event.ts';
import { Random, type Seed } from './random.ts';
import type { Schedule } from './schedule.ts';

/** An event of the stream as it is served. */
export interface StreamEvent {
  /** Position in the stream. */
  n: number;
  /** Exact source text; served as UTF-8. */
  source: string;
  /** JSON texts of its plain members, for filters; null where it is no object. */
  fields: EventFields | null;
}

/** What an odd event is, for the ledger. */
export interface OddMark {
  kind: OddKind;
  /** `wrong-shape:array` and the like, or the kind alone. */
  tag: string;
  /** Position of the earlier event that it repeats or contradicts. */
  of: number | null;
}

/** Events kept for pages that are asked for again; a position has one slot, so nothing has to be looked for. */
const CACHE_SLOTS = 2048;
/** Longer texts are written anew each time. */
const CACHED_LENGTH = 8192;
/** An event to be repeated or contradicted is drawn from so many positions before the head. */
const EARLIER_SPAN = 500;
const PURPOSE_EARLIER = 6;

/** No earlier event stands where an odd one is to refer to it. */
export class NoEarlierEvent extends Error {}

/** The events of the stream by position. Pure but for its cache: a position has the same text each time. */
export class AuditStream {
  readonly seed: Seed;
  readonly schedule: Schedule;
  readonly #writer: EventWriter;
  readonly #cache: (StreamEvent | undefined)[] = new Array(CACHE_SLOTS).fill(undefined);

  constructor(seed: Seed, schedule: Schedule) {
    this.seed = seed;
    this.schedule = schedule;
    this.#writer = new EventWriter(seed);
  }

  event(n: number): StreamEvent {
    const cached = this.#cache[n % CACHE_SLOTS];
    if (cached?.n === n) return cached;
    const event = this.#write(n);
    if (event.source.length <= CACHED_LENGTH) this.#cache[n % CACHE_SLOTS] = event;
    return event;
  }

  /** What is odd about the event at a position; null for a regular one. */
  oddMark(n: number): OddMark | null {
    const entry = this.schedule.entry(n);
    return entry.kind === 'odd' ? markOf(entry.odd) : null;
  }

  /** True for LOGIN events, which the usual filter leaves out. */
  isHidden(n: number): boolean {
    const entry = this.schedule.entry(n);
    return entry.kind === 'regular' && isLogin(this.seed, entry.ordinal);
  }

  /**
   * Puts an odd event at the head.
   * @returns its position
   * @throws NoEarlierEvent when it is to repeat or contradict an event and there is none there
   */
  insert(odd: OddEvent, nowMs: number): number {
    if (odd.kind !== 'id-conflict' && odd.kind !== 'duplicate') return this.schedule.insert(odd, nowMs);
    return this.schedule.insert({ ...odd, of: this.#earlier(odd.of, this.schedule.head(nowMs)) }, nowMs);
  }

  #earlier(of: number | undefined, head: number): number {
    const fits = (n: number) => this.schedule.entry(n).kind === 'regular' && !this.isHidden(n);
    if (of !== undefined) {
      if (of < head && fits(of)) return of;
      throw new NoEarlierEvent(`Position ${of} holds no regular event that the usual filter lets through.`);
    }
    const random = new Random(this.seed, PURPOSE_EARLIER, head);
    const from = head - 1 - random.below(Math.min(head, EARLIER_SPAN));
    for (let n = from; n >= 0; n--) if (fits(n)) return n;
    for (let n = from + 1; n < head; n++) if (fits(n)) return n;
    throw new NoEarlierEvent('The stream holds no regular event yet that could be repeated or contradicted.');
  }

  #write(n: number): StreamEvent {
    const { text, parts } = this.pieces(n);
    return { n, source: text, fields: parts === null ? null : fieldsOf(parts) };
  }

  /** The text of an event as the guide's stream serves it, and the members that it is made of. */
  pieces(n: number): OddText {
    const entry = this.schedule.entry(n);
    if (entry.kind === 'regular') {
      const parts = this.#writer.write(entry.ordinal, entry.dateMs);
      return { text: assemble(parts), parts };
    }
    const of = markOf(entry.odd).of;
    const earlier = of === null ? null : this.schedule.entry(of);
    const earlierParts =
      earlier?.kind === 'regular' ? this.#writer.write(earlier.ordinal, earlier.dateMs) : null;
    return writeOdd(this.seed, this.#writer, n, entry.dateMs, entry.odd, earlierParts);
  }
}

function markOf(odd: OddEvent): OddMark {
  const of = odd.kind === 'id-conflict' || odd.kind === 'duplicate' ? (odd.of ?? null) : null;
  return { kind: odd.kind, tag: 'variant' in odd ? `${odd.kind}:${odd.variant}` : odd.kind, of };
}
