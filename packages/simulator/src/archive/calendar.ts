import { Random, type Seed } from '../audit/random.ts';
import {
  type DayVolume,
  MEDIA_TYPES,
  type MediaType,
  ODD_CONVERSATION_KINDS,
  type OddConversation,
  oddConversationSchema,
  type SavedArchive,
} from './archive-settings.ts';

export const DAY_MS = 86_400_000;
/** Indices of odd conversations, behind all regular ones of a day: put there by hand, and daily ones. */
const PLACED_INDEX = 0x4000_0000;
const DAILY_INDEX = 0x6000_0000;
const BYTES_EACH = 20_000;
const CONVERSATIONS = 200;
const PURPOSE_SLOT = 21;

/** Place of one conversation. It is its own bookmark: reading can go on from it. */
export interface Slot {
  /** Days since 1970-01-01, UTC. */
  day: number;
  /** With the day, what the id is made of. */
  index: number;
  startMs: number;
  /** Null where the item is no conversation: such an item is in every answer. */
  media: MediaType | null;
  odd: OddConversation | null;
  /** How often it was rewritten. */
  revision: number;
  /** Size to aim at; null = as it comes. */
  bytes: number | null;
  /** Regular and odd conversations of the day before it. */
  regularBefore: number;
  oddBefore: number;
}

interface OddSlot {
  index: number;
  startMs: number;
  odd: OddConversation;
}

/**
 * Which conversations start when: a pure function of seed and settings.
 *
 * Each day's conversations are spread over it in the order of their indices, so a range of time is a range of indices,
 * windows share none, and a day cut into hours holds the same ones.
 */
export class Calendar {
  readonly seed: Seed;
  readonly #archive: SavedArchive;

  /** @param archive not to be changed afterwards: a change makes a new calendar */
  constructor(seed: Seed, archive: SavedArchive) {
    this.seed = seed;
    this.#archive = archive;
  }

  /** What starts in [from, to), by start; from a bookmark on where one is given, itself included. */
  *slots(fromMs: number, toMs: number, bookmark: Slot | null = null): Generator<Slot> {
    const first = bookmark?.day ?? Math.floor(fromMs / DAY_MS);
    for (let day = first; day * DAY_MS < toMs; day++) {
      const isFirst = day === bookmark?.day;
      yield* this.#ofDay(day, fromMs, toMs, isFirst ? bookmark : null);
    }
  }

  /** The conversation of a day and index; null where there is none. */
  slot(day: number, index: number): Slot | null {
    const odd = this.#oddOf(day);
    const place = odd.findIndex((slot) => slot.index === index);
    if (place >= 0) return this.#oddSlot(day, odd[place] as OddSlot, 0, place);
    const { conversations } = this.#volume(day);
    return index < conversations ? this.#regular(day, index, 0) : null;
  }

  *#ofDay(day: number, fromMs: number, toMs: number, bookmark: Slot | null): Generator<Slot> {
    const { conversations } = this.#volume(day);
    const odd = this.#oddOf(day);
    const dayMs = day * DAY_MS;
    // A conversation lies in the part of the day that its index has, so all before that part start before it.
    const estimate = Math.floor(((fromMs - dayMs) / DAY_MS) * conversations) - 1;
    let regular = bookmark?.regularBefore ?? Math.max(0, Math.min(conversations, estimate));
    let next = bookmark?.oddBefore ?? 0;
    for (;;) {
      const slot = regular < conversations ? this.#regular(day, regular, next) : null;
      const other = odd[next];
      if (other !== undefined && (slot === null || other.startMs < slot.startMs)) {
        if (other.startMs >= toMs) return;
        if (other.startMs >= fromMs) yield this.#oddSlot(day, other, regular, next);
        next += 1;
        continue;
      }
      if (slot === null || slot.startMs >= toMs) return;
      regular += 1;
      if (slot.startMs >= fromMs) yield slot;
    }
  }

  #regular(day: number, index: number, oddBefore: number): Slot {
    const { conversations, bytes } = this.#volume(day);
    const random = new Random(this.seed, PURPOSE_SLOT, day * 0x1_0000_0000 + index);
    const within = random.word() / 0x1_0000_0000;
    const startMs = day * DAY_MS + Math.floor(((index + within) / conversations) * DAY_MS);
    const draw = random.below(100);
    const media = MEDIA_TYPES[draw < 55 ? 0 : draw < 85 ? 1 : draw < 91 ? 2 : draw < 97 ? 3 : 4] as MediaType;
    // A few conversations cannot even out, so they have the mean size.
    const share = conversations <= 4 ? 1 : 0.75 + random.word() / 0x2_0000_0000;
    return {
      day,
      index,
      startMs,
      media,
      odd: null,
      revision: this.#revision(startMs),
      bytes: bytes === null ? null : Math.floor((bytes / conversations) * share),
      regularBefore: index,
      oddBefore,
    };
  }

  #oddSlot(day: number, { index, startMs, odd }: OddSlot, regularBefore: number, oddBefore: number): Slot {
    const media = odd.kind === 'not-object' ? null : 'voice';
    const bytes = odd.kind === 'huge' ? odd.bytes : null;
    const revision = this.#revision(startMs);
    return { day, index, startMs, media, odd, revision, bytes, regularBefore, oddBefore };
  }

  #oddOf(day: number): OddSlot[] {
    const { dailyOdd, placedOdd } = this.#archive;
    if (dailyOdd.length === 0 && placedOdd.length === 0) return [];
    const daily = dailyOdd.map((kind): OddSlot => {
      const place = ODD_CONVERSATION_KINDS.indexOf(kind);
      const startMs = day * DAY_MS + Math.floor(((place + 0.5) / ODD_CONVERSATION_KINDS.length) * DAY_MS);
      return { index: DAILY_INDEX + place, startMs, odd: oddConversationSchema.parse({ kind }) };
    });
    const placed = placedOdd.flatMap(({ odd, atMs }, n): OddSlot[] =>
      Math.floor(atMs / DAY_MS) === day ? [{ index: PLACED_INDEX + n, startMs: atMs, odd }] : [],
    );
    return [...daily, ...placed].sort((a, b) => a.startMs - b.startMs || a.index - b.index);
  }

  #revision(startMs: number): number {
    let revision = 0;
    for (const { fromMs, toMs } of this.#archive.rewrites) {
      if (startMs >= fromMs && startMs < toMs) revision += 1;
    }
    return revision;
  }

  #volume(day: number): { conversations: number; bytes: number | null } {
    const known = this.#volumes.get(day);
    if (known !== undefined) return known;
    const name = new Date(day * DAY_MS).toISOString().slice(0, 10);
    const volume = resolve(this.#archive.days[name] ?? this.#archive.volume);
    this.#volumes.set(day, volume);
    return volume;
  }

  readonly #volumes = new Map<number, { conversations: number; bytes: number | null }>();
}

function resolve({ conversations, bytes }: DayVolume): { conversations: number; bytes: number | null } {
  if (conversations !== null) return { conversations, bytes };
  if (bytes === null) return { conversations: CONVERSATIONS, bytes };
  return { conversations: bytes === 0 ? 0 : Math.max(1, Math.round(bytes / BYTES_EACH)), bytes };
}
