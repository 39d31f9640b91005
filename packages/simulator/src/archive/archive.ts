import type { Seed } from '../audit/random.ts';
import type { Layout, SavedArchive } from './archive-settings.ts';
import type { Body } from './body.ts';
import { Calendar, DAY_MS, type Slot } from './calendar.ts';
import { ConversationWriter } from './conversation.ts';
import { readConversationId } from './conversation-id.ts';
import { pageBody } from './page-body.ts';
import { Roster, type Window } from './roster.ts';

/** A page of a window, to be cut by number of pages or by size. */
export interface PageRequest {
  window: Window;
  /** 0 = first. */
  page: number;
  cut: { pages: number } | { size: number };
  layout: Layout;
}

/** A page found: which conversations it has, and how many pages there are. */
export interface FoundPage {
  roster: Roster;
  first: number;
  end: number;
  pages: number;
  /** Names this page and state of the archive; what is remembered about its body is filed under it. */
  key: string;
}

/** Rosters and bodies (their sizes, digests and marks) kept; older ones are made anew. */
const KEPT = 256;

/**
 * The conversation archives: what exists, and bodies of it. Nothing is stored: all is made from seed and settings, and
 * only what had to be computed about a body is remembered.
 */
export class Archive {
  readonly writer: ConversationWriter;
  readonly #seed: Seed;
  readonly #now: () => number;
  #calendar: Calendar;
  readonly #rosters = new Map<string, Roster>();
  readonly #bodies = new Map<string, Promise<Body>>();

  /** @param now the simulator's clock: a conversation exists from its start on */
  constructor(seed: Seed, saved: SavedArchive, now: () => number) {
    this.#seed = seed;
    this.#now = now;
    this.writer = new ConversationWriter(seed, saved.people);
    this.#calendar = new Calendar(seed, structuredClone(saved));
  }

  /** From now on the settings are others. Downloads under way go on with those they began with. */
  changed(saved: SavedArchive): void {
    this.#calendar = new Calendar(this.#seed, structuredClone(saved));
    this.#rosters.clear();
    this.#bodies.clear();
  }

  roster(window: Window): Roster {
    const existing = { ...window, toMs: Math.min(window.toMs, this.#end()) };
    const key = keyOf(existing);
    return remembered(this.#rosters, key, () => new Roster(this.#calendar, existing));
  }

  /** A page; null where the window has no such one. An empty window has one page. */
  page({ window, page, cut, layout }: PageRequest): FoundPage | null {
    const roster = this.roster(window);
    const { count } = roster;
    const pages =
      'pages' in cut ? Math.max(1, Math.min(cut.pages, count)) : Math.max(1, Math.ceil(count / cut.size));
    if (page < 0 || page >= pages) return null;
    const edge = (n: number) =>
      'pages' in cut ? Math.floor((n * count) / pages) : Math.min(count, n * cut.size);
    const [first, end] = [edge(page), edge(page + 1)];
    return { roster, first, end, pages, key: `${keyOf(roster.window)}|${first}-${end}|${layout}` };
  }

  /**
   * The body of a page, generated once for its length and digest: some seconds a gigabyte. Requests that ask meanwhile
   * wait for the same computation, which goes on where they do not.
   */
  body({ roster, first, end, key }: FoundPage, layout: Layout): Promise<Body> {
    return this.remembered(key, () => pageBody({ roster, first, end, layout }, this.writer));
  }

  /** Something computed about a page of the archive's present state. */
  remembered(key: string, compute: () => Promise<Body>): Promise<Body> {
    return remembered(this.#bodies, key, compute);
  }

  /** The conversation of an id; null where there is none (yet). */
  find(id: string): Slot | null {
    const place = readConversationId(this.#seed, id);
    const slot = place === null ? null : this.#calendar.slot(place.day, place.index);
    return slot !== null && slot.startMs < this.#end() && this.writer.idOf(slot) === id ? slot : null;
  }

  /** Behind the last conversation that exists, so that a window's answer changes only when one begins. */
  #end(): number {
    const now = this.#now();
    for (let day = Math.floor(now / DAY_MS); day >= Math.floor(now / DAY_MS) - 1; day--) {
      const last = this.#lastOf(day, now);
      if (last !== null) return last + 1;
    }
    return (Math.floor(now / DAY_MS) - 1) * DAY_MS;
  }

  #lastOf(day: number, now: number): number | null {
    let width = 600_000;
    // Steps back from now until a stretch holds a conversation: all days but sparse ones answer at once.
    for (let from = now; from > day * DAY_MS; width *= 4) {
      from = Math.max(day * DAY_MS, now - width);
      let last: number | null = null;
      for (const { startMs } of this.#calendar.slots(from, now)) last = startMs;
      if (last !== null) return last;
    }
    return null;
  }
}

function keyOf({ fromMs, toMs, media }: Window): string {
  return `${fromMs}|${toMs}|${media?.join() ?? '*'}`;
}

function remembered<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  for (const oldest of map.keys()) {
    if (map.size <= KEPT) break;
    map.delete(oldest);
  }
  return made;
}
