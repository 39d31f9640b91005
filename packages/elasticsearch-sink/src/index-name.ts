/** Where an event belongs; all of it follows from the event alone, so that a replay meets the document it duplicates. */
export interface IndexNaming {
  /** Start of the name, e.g. `genesys-audit-`. */
  prefix: string;
  /** Events before this start of a day (ms since 1970, UTC) are undated. A fixed bound, never relative to now. */
  earliest: number;
  /** Events at or after this start of a day (ms since 1970, UTC) are undated. */
  latest: number;
}

export const defaultDateBounds = { earliest: Date.UTC(2010, 0, 1), latest: Date.UTC(2100, 0, 1) } as const;

/** The index of the events whose date cannot be used. */
export function undatedIndex(prefix: string): string {
  return `${prefix}undated`;
}

/** `genesys-audit-2026.11.22` for an instant of that day (UTC). */
export function dailyIndex(prefix: string, instant: number): string {
  return `${prefix}${new Date(instant).toISOString().slice(0, 10).replaceAll('-', '.')}`;
}

/**
 * The start of the day (ms since 1970, UTC) that an index holds; `null` where the name is not that of a daily index of
 * this prefix.
 */
export function dayOfIndex(prefix: string, index: string): number | null {
  if (!index.startsWith(prefix)) return null;
  const date = /^(\d{4})\.(\d\d)\.(\d\d)$/.exec(index.slice(prefix.length));
  if (date === null) return null;
  return dayStart(Number(date[1]), Number(date[2]), Number(date[3]));
}

/** Gives index names for one naming; names of days seen are kept, because almost all events share a few. */
export class IndexNames {
  readonly #naming: IndexNaming;
  readonly #undated: string;
  readonly #names = new Map<string, string>();

  constructor(naming: IndexNaming) {
    this.#naming = naming;
    this.#undated = undatedIndex(naming.prefix);
  }

  /** @param date the event's `date`, of whatever type it came */
  of(date: unknown): string {
    if (typeof date !== 'string' || !plainUtc.test(date)) return this.#nameOf(instantOf(date));
    const day = date.slice(0, 10);
    let name = this.#names.get(day);
    if (name === undefined) {
      name = this.#nameOf(instantOf(day));
      if (this.#names.size >= 1_000) this.#names.clear();
      this.#names.set(day, name);
    }
    return name;
  }

  #nameOf(instant: number | null): string {
    const { prefix, earliest, latest } = this.#naming;
    if (instant === null || instant < earliest || instant >= latest) return this.#undated;
    return dailyIndex(prefix, instant);
  }
}

/** The form that almost every event has: its day is what it begins with, and its time of day is sound. */
const plainUtc = /^\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?Z$/;

const isoDate =
  /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d)(?::(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?(Z|[+-]\d\d(?::?\d\d)?)?)?$/;

/**
 * The instant that an event's date names, in ms since 1970; `null` where it cannot be read.
 *
 * Read as the mapping reads it (`strict_date_optional_time||epoch_millis`): ISO 8601 with at least a whole date, UTC where
 * no offset stands, or milliseconds as a number or as digits.
 */
export function instantOf(date: unknown): number | null {
  if (typeof date === 'number') return Number.isSafeInteger(date) ? date : null;
  if (typeof date !== 'string') return null;
  const parts = isoDate.exec(date);
  if (parts === null) return /^-?\d{5,15}$/.test(date) ? Number(date) : null;
  const day = dayStart(Number(parts[1]), Number(parts[2]), Number(parts[3]));
  const hour = Number(parts[4] ?? 0);
  const minute = Number(parts[5] ?? 0);
  const second = Number(parts[6] ?? 0);
  const offset = offsetMinutes(parts[8]);
  if (day === null || offset === null || hour > 23 || minute > 59 || second > 59) return null;
  const millis = parts[7] === undefined ? 0 : Math.floor(Number(`0.${parts[7]}`) * 1_000);
  return day + ((hour * 60 + minute - offset) * 60 + second) * 1_000 + millis;
}

function dayStart(year: number, month: number, day: number): number | null {
  const start = Date.UTC(year, month - 1, day);
  const read = new Date(start);
  const exists =
    read.getUTCFullYear() === year && read.getUTCMonth() === month - 1 && read.getUTCDate() === day;
  return exists ? start : null;
}

function offsetMinutes(zone: string | undefined): number | null {
  if (zone === undefined || zone === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', '') || 0);
  if (hours > 18 || minutes > 59) return null;
  return (zone[0] === '-' ? -1 : 1) * (hours * 60 + minutes);
}
