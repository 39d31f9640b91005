import { hash } from 'node:crypto';
import { eventIdOf } from '@trunkline/contracts';
import { type ScannedBytes, scanBytes } from './event-bytes.ts';
import { eventFields, type FieldKind, fits, fitsFrom, ownFields } from './event-fields.ts';
import { type Oddity, scanText, type TopValues } from './event-text.ts';
import { IndexNames, type IndexNaming } from './index-name.ts';

/** Why an event is not indexed as it came. */
export type Trouble =
  | Oddity
  | 'field-shape' // an object where the mapping has a scalar, or the reverse
  | 'field-name'; // a name at the top that Elasticsearch or Trunkline claims, or that it would take apart at its dots

/**
 * One audit event, ready to be indexed. All of it follows from the source text and the settings alone: a replay finds the
 * same index, routing, id and digest.
 */
export interface AuditEvent {
  /** The event's id, and the document's `_id`. */
  readonly id: string;
  /** The source text of the event, in UTF-8, byte for byte. */
  readonly bytes: Buffer;
  /** The same as a string, made when it is asked for. */
  readonly text: string;
  readonly index: string;
  readonly routing: string | null;
  /** SHA-256 (hex) of the canonical text: equal for the same content, whatever the order of its members. */
  readonly digest: string;
  /** Empty for almost every event. */
  readonly troubles: ReadonlySet<Trouble>;
}

export type ReadEvent =
  | { kind: 'event'; event: AuditEvent }
  /** No JSON object with a usable id: dead-lettered alone. `digest` is that of the text as it stands. */
  | { kind: 'malformed'; text: string; digest: string };

export type RoutingField = 'resourceType' | 'action' | 'none';

export interface EventReaderSettings extends IndexNaming {
  routing: RoutingField;
}

const noTroubles: ReadonlySet<Trouble> = new Set();

/** Where in an event stands what is read of it; -1: nowhere. */
interface Places {
  readonly id: number;
  readonly date: number;
  readonly routing: number;
  readonly searched: readonly { place: number; kind: FieldKind }[];
  /** Those that the names alone tell. */
  readonly troubles: ReadonlySet<Trouble>;
}

/** A longer routing value is none: `_routing` is an indexed term, and no real value comes near. */
const maxRoutingLength = 512;

/** Reads source texts of events under one set of settings. */
export class EventReader {
  readonly #names: IndexNames;
  readonly #routing: RoutingField;
  readonly #places = new WeakMap<readonly string[], Places>();

  constructor(settings: EventReaderSettings) {
    this.#names = new IndexNames(settings);
    this.#routing = settings.routing;
  }

  /**
   * @param source its text, or that in UTF-8
   * @throws never; what is no event is `malformed`
   */
  read(source: string | Buffer): ReadEvent {
    // Half a surrogate pair has no bytes: in UTF-8 another character would stand in its place.
    if (typeof source === 'string' && !source.isWellFormed()) return malformed(source);
    const bytes = typeof source === 'string' ? Buffer.from(source) : source;
    const scanned = scanBytes(bytes);
    return scanned === null ? this.#readOdd(bytes) : this.#readPlain(bytes, scanned);
  }

  #readPlain(bytes: Buffer, scanned: ScannedBytes): ReadEvent {
    const places = this.#placesOf(scanned.names);
    const id = eventIdOf({ id: scalarAt(scanned, places.id) });
    // Elasticsearch would store another id in place of one with half a surrogate pair.
    if (id === null || !id.isWellFormed()) return malformed(bytes.toString('utf8'));
    let troubles = places.troubles;
    for (const { place, kind } of places.searched) {
      const fit = fitsFrom(kind, scanned.firstByte(place));
      if (fit === true || (fit === 'unknown' && fits(kind, scanned.value(place)))) continue;
      troubles = new Set([...troubles, 'field-shape']);
    }
    const digest = hash('sha256', scanned.canonical, 'hex');
    const index = this.#names.of(scalarAt(scanned, places.date));
    const routing = routingOf(scalarAt(scanned, places.routing));
    return { kind: 'event', event: new EventOfBytes(bytes, { id, index, routing, digest, troubles }) };
  }

  /** Worked out once for each row of names that events have at their top: they have few. */
  #placesOf(names: readonly string[]): Places {
    let places = this.#places.get(names);
    if (places === undefined) {
      places = {
        id: names.indexOf('id'),
        date: names.indexOf('date'),
        routing: this.#routing === 'none' ? -1 : names.indexOf(this.#routing),
        searched: names.flatMap((name, place) => {
          const kind = eventFields.get(name);
          return kind === undefined ? [] : [{ place, kind }];
        }),
        troubles: names.some(isClaimed) ? new Set<Trouble>(['field-name']) : noTroubles,
      };
      this.#places.set(names, places);
    }
    return places;
  }

  #readOdd(bytes: Buffer): ReadEvent {
    const text = bytes.toString('utf8');
    const scanned = scanText(text);
    const id = scanned?.top ? eventIdOf({ id: scalar(scanned.top.get('id')) }) : null;
    if (!scanned?.top || id === null || !id.isWellFormed()) return malformed(text);
    const { canonical, oddities, top } = scanned;
    const routing = this.#routing === 'none' ? null : routingOf(scalar(top.get(this.#routing)));
    const index = this.#names.of(scalar(top.get('date')));
    const digest = hash('sha256', canonical, 'hex');
    const troubles = troublesOf(top, oddities);
    return { kind: 'event', event: new EventOfBytes(bytes, { id, index, routing, digest, troubles }) };
  }
}

/**
 * The digest of an event's source text, for whoever compares a source with what is stored.
 * @throws SyntaxError where the text is no JSON
 */
export function eventDigest(text: string): string {
  const scanned = scanText(text);
  if (scanned === null) throw new SyntaxError('The text is no JSON.');
  return hash('sha256', scanned.canonical, 'hex');
}

class EventOfBytes implements AuditEvent {
  readonly bytes: Buffer;
  readonly id: string;
  readonly index: string;
  readonly routing: string | null;
  readonly digest: string;
  readonly troubles: ReadonlySet<Trouble>;

  constructor(bytes: Buffer, read: Omit<AuditEvent, 'bytes' | 'text'>) {
    this.bytes = bytes;
    this.id = read.id;
    this.index = read.index;
    this.routing = read.routing;
    this.digest = read.digest;
    this.troubles = read.troubles;
  }

  get text(): string {
    return this.bytes.toString('utf8');
  }
}

function malformed(text: string): ReadEvent {
  return { kind: 'malformed', text, digest: hash('sha256', text, 'hex') };
}

function routingOf(value: unknown): string | null {
  if (typeof value !== 'string' || value === '' || value.length > maxRoutingLength) return null;
  return value.isWellFormed() ? value : null;
}

function scalarAt(scanned: ScannedBytes, place: number): unknown {
  return place === -1 ? undefined : scalar(scanned.value(place));
}

/** A string, number, boolean or null out of its canonical text; `undefined` for anything else. */
function scalar(text: string | undefined): unknown {
  if (text === undefined || text.startsWith('{') || text.startsWith('[')) return undefined;
  return text.startsWith('"') && !text.includes('\\') ? text.slice(1, -1) : JSON.parse(text);
}

function troublesOf(top: TopValues, oddities: ReadonlySet<Oddity>): ReadonlySet<Trouble> {
  let troubles: Set<Trouble> | null = null;
  for (let place = 0; place < top.names.length; place++) {
    const value = top.values[place] as string;
    const trouble = troubleOf(top.names[place] as string, value);
    if (trouble !== null) {
      troubles ??= new Set(oddities);
      troubles.add(trouble);
    }
  }
  return troubles ?? (oddities.size === 0 ? noTroubles : oddities);
}

function troubleOf(name: string, value: string): Trouble | null {
  const kind = eventFields.get(name);
  if (kind !== undefined) return fits(kind, value) ? null : 'field-shape';
  return isClaimed(name) ? 'field-name' : null;
}

/** By Elasticsearch or Trunkline, or taken apart at its dots. */
function isClaimed(name: string): boolean {
  return ownFields.has(name) || name.startsWith('_') || name.includes('.');
}
