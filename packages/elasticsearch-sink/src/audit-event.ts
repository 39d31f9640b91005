import { hash } from 'node:crypto';
import { eventIdOf } from '@trunkline/contracts';
import { eventFields, fits, ownFields } from './event-fields.ts';
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
    const scanned = scanText(text);
    const id = scanned?.top ? eventIdOf({ id: scalar(scanned.top.get('id')) }) : null;
    // Elasticsearch would store another id in place of one with half a surrogate pair.
    if (!scanned?.top || id === null || !id.isWellFormed()) {
      return { kind: 'malformed', text, digest: hash('sha256', text, 'hex') };
    }
    const { canonical, oddities, top } = scanned;
    return {
      kind: 'event',
      event: {
        id,
        text,
        index: this.#names.of(scalar(top.get('date'))),
        routing: this.#routingOf(top),
        digest: hash('sha256', canonical, 'hex'),
        troubles: troublesOf(top, oddities),
      },
    };
  }

  #routingOf(top: TopValues): string | null {
    if (this.#routing === 'none') return null;
    const value = scalar(top.get(this.#routing));
    if (typeof value !== 'string' || value === '' || value.length > maxRoutingLength) return null;
    return value.isWellFormed() ? value : null;
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

/** A string, number, boolean or null out of its canonical text; `undefined` for anything else. */
function scalar(text: string | undefined): unknown {
  if (text === undefined || text.startsWith('{') || text.startsWith('[')) return undefined;
  return text.startsWith('"') && !text.includes('\\') ? text.slice(1, -1) : JSON.parse(text);
}

function troublesOf(top: TopValues, oddities: ReadonlySet<Oddity>): ReadonlySet<Trouble> {
  let troubles: Set<Trouble> | null = null;
  for (let place = 0; place < top.names.length; place++) {
    const name = top.names[place] as string;
    const kind = eventFields.get(name);
    let trouble: Trouble | null = null;
    if (kind !== undefined) {
      if (!fits(kind, top.values[place] as string)) trouble = 'field-shape';
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
