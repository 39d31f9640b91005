import type { MediaType } from './archive-settings.ts';
import type { Calendar, Slot } from './calendar.ts';

const BOOKMARK_EVERY = 256;

/** A window of the archive: [from, to), epoch ms, and media types; null = all. */
export interface Window {
  fromMs: number;
  toMs: number;
  media: readonly MediaType[] | null;
}

/** The conversations of a window in order, counted once; of 100,000 it keeps a few hundred bookmarks. */
export class Roster {
  readonly calendar: Calendar;
  readonly window: Window;
  readonly count: number;
  readonly #bookmarks: Slot[] = [];

  constructor(calendar: Calendar, window: Window) {
    this.calendar = calendar;
    this.window = window;
    let count = 0;
    for (const slot of this.#matching(null)) {
      if (count % BOOKMARK_EVERY === 0) this.#bookmarks.push(slot);
      count += 1;
    }
    this.count = count;
  }

  /** From the conversation of an ordinal (0 = first) on. */
  *from(ordinal: number): Generator<Slot> {
    const bookmark = this.#bookmarks[Math.floor(ordinal / BOOKMARK_EVERY)];
    if (bookmark === undefined) return;
    let skip = ordinal % BOOKMARK_EVERY;
    for (const slot of this.#matching(bookmark)) {
      if (skip > 0) skip -= 1;
      else yield slot;
    }
  }

  *#matching(bookmark: Slot | null): Generator<Slot> {
    const { fromMs, toMs, media } = this.window;
    for (const slot of this.calendar.slots(fromMs, toMs, bookmark)) {
      if (media === null || slot.media === null || media.includes(slot.media)) yield slot;
    }
  }
}
