import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Archive } from '../../archive/archive.ts';
import { DAY_MS, type Slot } from '../../archive/calendar.ts';
import type { Roster } from '../../archive/roster.ts';
import { LONGEST_MS, mediaTypesOf, type Outline } from './outline.ts';
import { asksForMediaAlone, type Filters, passes, passesByMedia } from './predicate.ts';
import type { Rendition } from './rendition.ts';

type OrderBy = 'conversationStart' | 'conversationEnd' | 'segmentStart' | 'segmentEnd';

/** Which conversations are meant. */
export interface Search {
  fromMs: number;
  toMs: number;
  /**
   * What the interval is held against. `start-of-day`: conversations that started on a day (UTC) that it touches;
   * `activity`: those that went on at any moment of it.
   */
  matching: 'start-of-day' | 'activity';
  /** What ends later is left out, epoch ms: the data lake has not got it yet. */
  endedBeforeMs: number;
  filters: Filters;
  order: 'asc' | 'desc';
  orderBy: OrderBy;
}

/** Conversations found, in order. Of each only its place is kept: 100,000 take 600 KB. */
export interface Hits {
  count: number;
  /** Those of the ordinals [first, end), made anew. */
  outlines(first: number, end: number): Outline[];
}

/** Conversations that are looked at before other requests get a turn. */
const TURN = 2000;
/** Searches whose hits are kept for as long as the archive stays as it is. */
const KEPT = 16;

/** Finds conversations, and remembers what it found: a client asks for page after page. */
export class Searches {
  readonly #archive: Archive;
  readonly #rendition: Rendition;
  readonly #now: () => number;
  /** By the roster they were found in: it is another one when conversations were added or changed. */
  readonly #known = new WeakMap<Roster, Map<string, Promise<Hits>>>();

  /** @param now the simulator's clock */
  constructor(archive: Archive, rendition: Rendition, now: () => number) {
    this.#archive = archive;
    this.#rendition = rendition;
    this.#now = now;
  }

  find(search: Search): Promise<Hits> {
    const byDay = search.matching === 'start-of-day';
    const roster = this.#archive.roster({
      fromMs: byDay ? Math.floor(search.fromMs / DAY_MS) * DAY_MS : search.fromMs - LONGEST_MS,
      toMs: byDay ? Math.ceil(search.toMs / DAY_MS) * DAY_MS : search.toMs,
      media: null,
    });
    const known = this.#known.get(roster) ?? new Map<string, Promise<Hits>>();
    this.#known.set(roster, known);
    const key = JSON.stringify(search);
    const found = known.get(key) ?? this.#collect(roster, search);
    // The latest stand last.
    known.delete(key);
    known.set(key, found);
    for (const oldest of known.keys()) {
      if (known.size <= KEPT) break;
      known.delete(oldest);
    }
    return found;
  }

  async #collect(roster: Roster, search: Search): Promise<Hits> {
    const found: Place[] = [];
    const isByEnd = search.orderBy.endsWith('End');
    let seen = 0;
    for (const slot of roster.from(0)) {
      seen += 1;
      if (seen % TURN === 0) await nextTurn();
      const place = this.#place(slot, search, isByEnd);
      if (place !== null) found.push(place);
    }
    // They were found by start; what a segment starts and ends with is what its conversation does.
    if (isByEnd) found.sort((a, b) => a.endMs - b.endMs);
    if (search.order === 'desc') found.reverse();
    const days = Uint32Array.from(found, ({ day }) => day);
    const indexes = Uint32Array.from(found, ({ index }) => index);
    return {
      count: days.length,
      outlines: (first, end) =>
        Array.from({ length: Math.max(0, Math.min(end, days.length) - first) }, (_, n) => {
          const slot = roster.calendar.slot(days[first + n] as number, indexes[first + n] as number);
          const outline = slot === null ? null : this.#rendition.outline(slot);
          if (outline === null) throw new Error('A conversation that was found is no more.');
          return outline;
        }),
    };
  }

  /** Null where the search does not mean it. */
  #place(slot: Slot, search: Search, withEnd: boolean): Place | null {
    const { filters, matching, fromMs, endedBeforeMs } = search;
    if (slot.media === null) return null;
    const byMedia = asksForMediaAlone(filters);
    if (byMedia && filters.segmentFilters.length > 0 && !passesByMedia(filters, mediaTypesOf(slot.media))) {
      return null;
    }
    // Most are told by their start alone; an outline is made only of the others.
    const isOld =
      (matching === 'start-of-day' || slot.startMs >= fromMs) && slot.startMs + LONGEST_MS < endedBeforeMs;
    const { day, index } = slot;
    if (byMedia && isOld && !withEnd && slot.odd === null) return { day, index, endMs: 0 };
    const outline = this.#rendition.outline(slot);
    if (outline === null) return null;
    if (matching === 'activity' && outline.endMs <= fromMs) return null;
    if (outline.endMs > endedBeforeMs) return null;
    if (!byMedia && !passes(filters, this.#rendition.rowObject(outline, this.#now()))) return null;
    return { day, index, endMs: outline.endMs };
  }
}

interface Place {
  day: number;
  index: number;
  /** 0 where nobody asks for it. */
  endMs: number;
}
