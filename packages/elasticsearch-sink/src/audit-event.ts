import { hash } from 'node:crypto';
import { eventIdOf } from '@trunkline/contracts';
import { eventFields, fits, ownFields } from './event-fields.ts';
import { type Oddity, scanText } from './event-text.ts';
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
  /** The source text of the event, byte for byte. */
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
/** A longer routing value is none: `_routing` is an indexed term, and no real value comes near. */
const maxRoutingLength = 512;

/** Reads source texts of events under one set of settings. */
export class EventReader {
  readonly #names: IndexNames;
  readonly #routing: RoutingField;

  constructor(settings: EventReaderSettings) {
    this.#names = new IndexNames(settings);
    this.#routing = settings.routing;
  }

  /** @throws never; what is no event is `malformed` */
  read(text: string): ReadEvent {
    const fields = parseObject(text);
    const id = eventIdOf(fields);
    // Elasticsearch would store another id in place of one with half a surrogate pair.
    if (fields === null || id === null || !id.isWellFormed()) {
      return { kind: 'malformed', text, digest: hash('sha256', text, 'hex') };
    }
    const { canonical, oddities } = scanText(text);
    return {
      kind: 'event',
      event: {
        id,
        text,
        index: this.#names.of(fields['date']),
        routing: this.#routingOf(fields),
        digest: hash('sha256', canonical, 'hex'),
        troubles: troublesOf(fields, oddities),
      },
    };
  }

  #routingOf(fields: Record<string, unknown>): string | null {
    if (this.#routing === 'none') return null;
    const value = fields[this.#routing];
    if (typeof value !== 'string' || value === '' || value.length > maxRoutingLength) return null;
    return value.isWellFormed() ? value : null;
  }
}

/** The digest of an event's source text, for whoever compares a source with what is stored. */
export function eventDigest(text: string): string {
  return hash('sha256', scanText(text).canonical, 'hex');
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

function troublesOf(fields: Record<string, unknown>, oddities: ReadonlySet<Oddity>): ReadonlySet<Trouble> {
  let troubles: Set<Trouble> | null = null;
  for (const name in fields) {
    const kind = eventFields.get(name);
    let trouble: Trouble | null = null;
    if (kind !== undefined) {
      if (!fits(kind, fields[name])) trouble = 'field-shape';
    } else if (ownFields.has(name) || name.startsWith('_') || name.includes('.')) {
      trouble = 'field-name';
    }
    if (trouble !== null) {
      troubles ??= new Set(oddities);
      troubles.add(trouble);
    }
  }
  return troubles ?? (oddities.size === 0 ? noTroubles : oddities);
}
