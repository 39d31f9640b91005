/**
 * One document for one audit event, in whatever shape the platform gave it:
 *
 * - realtime and history queries: `AuditLogMessage` with `eventDate` and `user{id,name}`;
 * - downloaded results: the same, not expanded, with `eventTime`;
 * - EventBridge: an envelope with `detail.eventBody`, and that body alone, with `eventTime`, `userId`, `userDisplay`,
 *   `username{id,name}`, `clientId{id}`.
 *
 * The guide's field names come first, so that index, routing, filters and searches are those of the guide contract. All else stands
 * under `genesys`, where what the shapes name differently has the name of `AuditLogMessage`. Nothing is lost and no value is
 * written anew (A16): texts are moved, never parsed into numbers.
 *
 * Facts: genesys-api.md, sections 2, 3 and 9. Every field is optional in Genesys' models, so only what has the type that a field is
 * searched by is moved to the top; anything else stays where "all else" stands.
 */
import { type Member, scanMembers } from '@trunkline/json-source';

/** Where a field of the document comes from: the first of these that holds something. One or two names deep. */
interface Field {
  readonly name: string;
  readonly sources: readonly (readonly [string, string?])[];
}

/** In the order of the document. The guide's own name is a source too, should the platform ever use it. */
const fields: readonly Field[] = [
  { name: 'id', sources: [['id']] },
  { name: 'date', sources: [['eventDate'], ['eventTime'], ['date']] },
  { name: 'userId', sources: [['user', 'id'], ['userId'], ['username', 'id']] },
  { name: 'userName', sources: [['user', 'name'], ['userDisplay'], ['username', 'name'], ['userName']] },
  { name: 'resourceType', sources: [['entityType'], ['resourceType']] },
  { name: 'resourceId', sources: [['entity', 'id'], ['resourceId']] },
  { name: 'action', sources: [['action']] },
  { name: 'ipAddress', sources: [['remoteIp'], ['ipAddress']] },
];

/** The one field that may hold several values. */
const listField = 'ipAddress';
const restName = 'genesys';
const envelopeName = 'eventBridge';
/** EventBridge's names, and those of `AuditLogMessage` for the same objects. */
const sameAs: ReadonlyMap<string, string> = new Map([
  ['username', 'user'],
  ['clientId', 'client'],
]);
const documentNames: ReadonlySet<string> = new Set([...fields.map(({ name }) => name), restName]);
const fieldTokens = fields.map(({ name }) => Buffer.from(`"${name}":`));

/** What the document has more than its source at most: names, braces and commas. */
const overheadBytes = 256;

/**
 * The document of an audit event of the platform contract, as compact JSON but for its values, which are copied byte for byte.
 * What is normalised already comes back as it is; so does what is no JSON object or has no id, for the indexer to dead-letter.
 *
 * @param bytes source text of one element of a page or a download, or of an event of EventBridge, in UTF-8
 * @throws never
 */
export function platformEvent(bytes: Buffer): Buffer {
  const outer = scanMembers(bytes);
  if (outer === null) return bytes;
  const top = new SourceObject(bytes, outer);
  if (isDocument(top)) return bytes;
  const envelope = envelopeOf(top);
  const event = envelope?.body ?? top;
  const values = fields.map((field) => take(event, field));
  if (envelope === null && values[0] === null) return bytes;
  const out = new Out(bytes.length + overheadBytes);
  out.open();
  for (let place = 0; place < values.length; place++) {
    const value = values[place] as Value | null;
    if (value !== null) out.member(fieldTokens[place] as Buffer, value.bytes, value.from, value.to);
  }
  writeRest(out, event, envelope?.top ?? null);
  out.close();
  return out.written();
}

/** Whether it has the form that this file gives: the document's names alone, each once, and an object for the rest. */
function isDocument(top: SourceObject): boolean {
  const rest = top.object(restName);
  return (
    rest !== null &&
    top.members.every(({ name }, place) => documentNames.has(name) && top.last(name) === place)
  );
}

/** An object of the source, and what of it has been moved elsewhere. */
class SourceObject {
  readonly bytes: Buffer;
  readonly members: readonly Member[];
  /** By place in `members`: moved to the top of the document. */
  #taken: boolean[] | null = null;
  #inner: Map<number, SourceObject> | null = null;

  constructor(bytes: Buffer, members: readonly Member[]) {
    this.bytes = bytes;
    this.members = members;
  }

  /** Place of the member of a name, the last where it stands twice, as for `JSON.parse`; -1: there is none. */
  last(name: string): number {
    for (let place = this.members.length - 1; place >= 0; place--) {
      if (this.members[place]?.name === name) return place;
    }
    return -1;
  }

  /** The member of a name where it is an object. */
  object(name: string): SourceObject | null {
    const place = this.last(name);
    if (place === -1) return null;
    const known = this.#inner?.get(place);
    if (known !== undefined) return known;
    const { from, to } = this.members[place] as Member;
    if (this.bytes[from] !== OPEN_BRACE) return null;
    const bytes = this.bytes.subarray(from, to);
    const node = new SourceObject(bytes, scanMembers(bytes) ?? []);
    this.#inner ??= new Map();
    this.#inner.set(place, node);
    return node;
  }

  /** The object at a place, where something of it was looked at. */
  innerAt(place: number): SourceObject | null {
    return this.#inner?.get(place) ?? null;
  }

  take(place: number): void {
    this.#taken ??= [];
    this.#taken[place] = true;
  }

  isTaken(place: number): boolean {
    return this.#taken?.[place] === true;
  }

  get isLessened(): boolean {
    return this.#taken !== null;
  }
}

interface Value {
  bytes: Buffer;
  from: number;
  to: number;
}

/** The value of a field, which is marked as moved; `null` where no source holds one. */
function take(event: SourceObject, { name, sources }: Field): Value | null {
  for (const [outer, inner] of sources) {
    const node = inner === undefined ? event : event.object(outer);
    if (node === null) continue;
    const place = node.last(inner ?? outer);
    if (place === -1) continue;
    const { from, to } = node.members[place] as Member;
    if (!isScalar(node.bytes, from, to) && !(name === listField && isListOfTexts(node.bytes, from, to)))
      continue;
    node.take(place);
    return { bytes: node.bytes, from, to };
  }
  return null;
}

/** A number or a string that is not empty: Genesys writes `""` where it has nothing to say. */
function isScalar(bytes: Buffer, from: number, to: number): boolean {
  const first = bytes[from] as number;
  if (first === QUOTE) return to - from > 2;
  return first === MINUS || (first >= DIGIT_0 && first <= DIGIT_9);
}

function isListOfTexts(bytes: Buffer, from: number, to: number): boolean {
  if (bytes[from] !== OPEN_BRACKET) return false;
  const elements = JSON.parse(bytes.toString('utf8', from, to)) as unknown[];
  return elements.length > 0 && elements.every((element) => typeof element === 'string');
}

interface Envelope {
  top: SourceObject;
  body: SourceObject;
}

/** EventBridge's envelope, or what stands in it as `detail` (the form in which notifications come). */
function envelopeOf(top: SourceObject): Envelope | null {
  const detail = top.object('detail');
  const inDetail = detail?.object('eventBody') ?? null;
  if (detail !== null && inDetail !== null) {
    detail.take(detail.last('eventBody'));
    return { top, body: inDetail };
  }
  const body = top.object('eventBody');
  if (body === null) return null;
  top.take(top.last('eventBody'));
  return { top, body };
}

/** Written even where nothing comes into it: it tells a normalised event from any other. */
function writeRest(out: Out, event: SourceObject, envelope: SourceObject | null): void {
  out.name(restToken);
  out.open();
  writeMembers(out, event, sameAs);
  if (envelope !== null) out.object(envelopeToken, () => writeMembers(out, envelope, noRenaming));
  out.close();
}

function writeMembers(out: Out, node: SourceObject, renamed: ReadonlyMap<string, string>): void {
  for (let place = 0; place < node.members.length; place++) {
    if (node.isTaken(place)) continue;
    const { name, nameFrom, nameTo, from, to } = node.members[place] as Member;
    const inner = node.innerAt(place);
    const otherName = renamed.get(name);
    const isRenamed =
      otherName !== undefined && node.bytes[from] === OPEN_BRACE && node.last(otherName) === -1;
    const token = isRenamed ? Buffer.from(`"${otherName}":`) : null;
    if (inner?.isLessened) {
      out.object(token ?? nameToken(node.bytes, nameFrom, nameTo), () =>
        writeMembers(out, inner, noRenaming),
      );
      continue;
    }
    if (token === null) out.copiedName(node.bytes, nameFrom, nameTo);
    else out.name(token);
    out.copy(node.bytes, from, to);
  }
}

function nameToken(bytes: Buffer, from: number, to: number): Buffer {
  return Buffer.concat([bytes.subarray(from, to), colon]);
}

/** A JSON text that is written from its beginning to its end. */
class Out {
  readonly #memory: Buffer;
  #end = 0;

  constructor(bytes: number) {
    this.#memory = Buffer.allocUnsafe(bytes);
  }

  open(): void {
    this.#memory[this.#end++] = OPEN_BRACE;
  }

  close(): void {
    this.#memory[this.#end++] = CLOSE_BRACE;
  }

  /** @param token name in quotes, and the colon */
  name(token: Buffer): void {
    this.#comma();
    this.copy(token, 0, token.length);
  }

  copiedName(bytes: Buffer, from: number, to: number): void {
    this.#comma();
    this.copy(bytes, from, to);
    this.#memory[this.#end++] = COLON;
  }

  member(token: Buffer, bytes: Buffer, from: number, to: number): void {
    this.name(token);
    this.copy(bytes, from, to);
  }

  copy(bytes: Buffer, from: number, to: number): void {
    this.#end += bytes.copy(this.#memory, this.#end, from, to);
  }

  /** A member that is an object; left out where nothing comes into it: what it held stands elsewhere. */
  object(token: Buffer, write: () => void): void {
    const before = this.#end;
    this.name(token);
    this.open();
    const begin = this.#end;
    write();
    if (this.#end === begin) this.#end = before;
    else this.close();
  }

  written(): Buffer {
    return this.#memory.subarray(0, this.#end);
  }

  #comma(): void {
    if (this.#memory[this.#end - 1] !== OPEN_BRACE) this.#memory[this.#end++] = COMMA;
  }
}

const restToken = Buffer.from(`"${restName}":`);
const envelopeToken = Buffer.from(`"${envelopeName}":`);
const colon = Buffer.from(':');
const noRenaming: ReadonlyMap<string, string> = new Map();

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
