import type { EventParts } from '../../audit/event.ts';
import { Random } from '../../audit/random.ts';
import type { AuditStream } from '../../audit/stream.ts';
import { RESOURCES, type Resource, VALUES } from '../../audit/vocabulary.ts';
import type { AuditShape, PlatformShape } from './audit-shape.ts';
import { type AuditKind, kindOf } from './services.ts';

/** What the filters of a query look at. Text; null where the event has none. */
export interface AuditFacts extends AuditKind {
  action: string;
  userId: string | null;
  clientId: string | null;
  entityId: string | null;
}

/** An event as the platform serves it. */
export interface Rendition {
  source: string;
  /** JSON texts of its id and date; null where it has none. */
  id: string | null;
  date: string | null;
}

/** The members of an AuditLogMessage as JSON text, whatever the shape; null leaves one out. */
interface Members {
  facts: AuditFacts;
  id: string | null;
  date: string | null;
  userId: string | null;
  userName: string | null;
  organisation: string | null;
  clientId: string | null;
  remoteIp: string | null;
  level: string;
  message: string | null;
  entityId: string | null;
  entityName: string | null;
  path: string;
  status: string | null;
  application: string | null;
  initiatingAction: string | null;
  transactionInitiator: string | null;
  propertyChanges: string | null;
  entityChanges: string | null;
  context: string | null;
  /** Members that the model does not list, as `,"name":value` text. */
  extra: string;
}

const PURPOSE_PLATFORM = 30;
const PURPOSE_ORGANISATION = 31;
/** Renditions kept for pages that are asked for again; a position has one slot. */
const CACHE_SLOTS = 4096;
/** Events of which the members are so long are written anew each time. */
const CACHED_LENGTH = 8192;

/**
 * Writes every event of the stream as the platform's AuditLogMessage, in each shape: the same event, id and date as the guide's, and
 * what the platform tells besides, drawn by seed and position. Dates are to the second, as in real output.
 *
 * Everything but the id may be missing, as in real output; odd events are as odd here as they are there.
 */
export class Renditions {
  readonly #stream: AuditStream;
  readonly #organisation: string;
  readonly #resources = new Map<string, Resource>(RESOURCES.map((resource) => [resource.type, resource]));
  readonly #cache: ({ n: number; members: Members | string } | undefined)[] = new Array(CACHE_SLOTS).fill(
    undefined,
  );

  constructor(stream: AuditStream) {
    this.#stream = stream;
    this.#organisation = new Random(stream.seed, PURPOSE_ORGANISATION, 0).uuid();
  }

  /** What stands at a position, in one of the shapes. */
  rendition(n: number, shape: AuditShape): Rendition {
    if (shape === 'guide') {
      const { source, fields } = this.#stream.event(n);
      return { source, id: fields?.id ?? null, date: fields?.date ?? null };
    }
    const members = this.#membersOf(n);
    if (typeof members === 'string') return { source: members, id: null, date: null };
    return { source: assemble(members, shape), id: members.id, date: members.date };
  }

  /** What filters look at; null for what is no object. */
  facts(n: number): AuditFacts | null {
    const members = this.#membersOf(n);
    return typeof members === 'string' ? null : members.facts;
  }

  /** The members of the event, or the text of what is none. */
  #membersOf(n: number): Members | string {
    const cached = this.#cache[n % CACHE_SLOTS];
    if (cached?.n === n) return cached.members;
    const { text, parts } = this.#stream.pieces(n);
    const members = parts === null ? text : this.#write(n, parts);
    if (text.length <= CACHED_LENGTH) this.#cache[n % CACHE_SLOTS] = { n, members };
    return members;
  }

  #write(n: number, parts: EventParts): Members {
    const odd = this.#stream.oddMark(n);
    // What repeats or contradicts an event has what was drawn for that one.
    const random = new Random(this.#stream.seed, PURPOSE_PLATFORM, odd?.of ?? n);
    const resource = this.#resources.get(textOf(parts.resourceType) ?? '');
    const isSystem = parts.userId === 'null';
    // A sign-in that failed is not what the guide's usual filter means by LOGIN.
    const isFailure = random.oneIn(12) && textOf(parts.action) !== 'LOGIN';
    const kind = kindOf(textOf(parts.resourceType) ?? '', textOf(parts.action) ?? '', isFailure);
    const clientId = random.oneIn(3) ? null : random.oneIn(6) ? '""' : `"${random.uuid()}"`;
    const entityId = parts.resourceId === 'null' ? null : parts.resourceId;
    const name = `"${kind.entityType} ${random.digits(3)}"`;
    const written: Members = {
      facts: {
        ...kind,
        userId: textOf(parts.userId),
        clientId: textOf(clientId),
        entityId: textOf(entityId),
      },
      id: parts.id,
      date: toTheSecond(parts.date),
      userId: isSystem ? null : parts.userId,
      userName: parts.userName === 'null' ? null : parts.userName,
      organisation: random.oneIn(20) ? null : `"${this.#organisation}"`,
      clientId,
      remoteIp: addresses(random, parts.ipAddress),
      level: isSystem ? (random.oneIn(4) ? 'GENESYS_INTERNAL' : 'SYSTEM') : 'USER',
      message: random.oneIn(3) ? writeMessage(random, kind.action, name, entityId) : null,
      entityId,
      entityName: random.oneIn(5) ? null : name,
      path: resource?.path ?? '/api/v2/entities',
      status: random.oneIn(10)
        ? null
        : isFailure
          ? '"FAILURE"'
          : random.oneIn(40)
            ? '"WARNING"'
            : '"SUCCESS"',
      application: random.oneIn(4) ? null : random.oneIn(2) ? '""' : '"Admin"',
      initiatingAction: writeInitiating(random),
      transactionInitiator: random.oneIn(3) ? null : String(random.oneIn(2)),
      propertyChanges: writeChanges(random, resource?.properties ?? []),
      entityChanges: random.oneIn(10) ? writeEntityChange(random, kind.entityType) : null,
      context: random.oneIn(2) ? null : writeContext(random),
      // Whatever a newer version of the service adds; numbers that a double cannot hold among it.
      extra: random.oneIn(8) ? `,"sequence":${random.digits(18)},"weight":1.50E-9` : '',
    };
    if (odd === null || odd.kind === 'duplicate') return written;
    // What is odd about the guide's event stands in its request, or beside its members.
    const isOddBody = ODD_BODIES.has(odd.kind) && parts.request.startsWith('{');
    return {
      ...written,
      ...(isOddBody ? { context: parts.request } : {}),
      ...(odd.kind === 'keys-2000' || odd.kind === 'proto-key' ? { extra: parts.extra } : {}),
      ...(odd.kind === 'string-40k' ? { propertyChanges: null } : {}),
      // What only one of two shapes has contradicts nothing, and names are looked up: this member every event has.
      ...(odd.kind === 'id-conflict' ? { level: written.level === 'USER' ? 'SYSTEM' : 'USER' } : {}),
    };
  }
}

const ODD_BODIES: ReadonlySet<string> = new Set([
  'keys-2000',
  'depth-60',
  'string-40k',
  'proto-key',
  'id-conflict',
  'huge',
  'poison',
]);

/** In the order in which real output has the members. */
function assemble(members: Members, shape: PlatformShape): string {
  const { facts, userId, userName, clientId, entityId, entityName, path } = members;
  const entity =
    entityId === null && entityName === null
      ? null
      : `{${join({ id: entityId, name: entityName, selfUri: entityId === null ? null : uriOf(path, entityId) })}}`;
  const shared = {
    remoteIp: members.remoteIp,
    serviceName: quote(facts.serviceName),
    level: quote(members.level),
  };
  if (shape === 'event-bridge') {
    const username = userId === null ? null : `{${join({ id: userId, name: userName })}}`;
    const eventBody = join({
      id: members.id,
      userId,
      userHomeOrgId: members.organisation,
      username,
      userDisplay: userName,
      clientId: clientId === null ? null : `{"id":${clientId}}`,
      ...shared,
      eventTime: members.date,
      message: members.message,
      action: quote(facts.action),
      entityType: quote(facts.entityType),
      entity,
      propertyChanges: members.propertyChanges,
      context: members.context,
    });
    return envelope(`{${eventBody}${members.extra}}`, members);
  }
  const isExpanded = shape === 'realtime' || shape === 'history';
  const user =
    userId === null
      ? null
      : `{${join({ id: userId, name: isExpanded ? userName : null, selfUri: uriOf('/api/v2/users', userId) })}}`;
  const isDownload = shape === 'download';
  const client =
    clientId === null
      ? null
      : `{${join({ id: clientId, selfUri: clientId === '""' ? null : uriOf('/api/v2/oauth/clients', clientId) })}}`;
  const body = join({
    id: members.id,
    userHomeOrgId: members.organisation,
    user,
    client,
    ...shared,
    [isDownload ? 'eventTime' : 'eventDate']: members.date,
    message: members.message,
    action: quote(facts.action),
    entity,
    entityType: quote(facts.entityType),
    status: members.status,
    application: members.application,
    initiatingAction: members.initiatingAction,
    transactionInitiator: members.transactionInitiator,
    propertyChanges: members.propertyChanges,
    context: members.context,
    entityChanges: members.entityChanges,
  });
  return `{${body}${members.extra}}`;
}

/** What EventBridge hands on: the event in `detail.eventBody`. */
function envelope(eventBody: string, { facts, date, id }: Members): string {
  const topic = `v2.audits.entitytype.${facts.entityType}.entityid.${facts.entityId ?? 'unknown'}`;
  const metadata = `{"CorrelationId":${id ?? '""'}}`;
  const detail = join({
    topicName: JSON.stringify(topic),
    version: '"2"',
    eventBody,
    metadata,
    timestamp: date,
  });
  return `{${join({
    version: '"0"',
    id: id ?? '""',
    'detail-type': JSON.stringify('v2.audits.entitytype.{id}.entityid.{id}'),
    source: '"aws.partner/genesys.com/cloud/simulator"',
    time: date,
    region: '"eu-central-1"',
    resources: '[]',
    detail: `{${detail}}`,
  })}}`;
}

/** Members as JSON text; those that are null are left out. */
function join(members: Record<string, string | null>): string {
  return Object.entries(members)
    .flatMap(([name, text]) => (text === null ? [] : [`"${name}":${text}`]))
    .join(',');
}

function quote(text: string): string {
  return JSON.stringify(text);
}

function uriOf(path: string, id: string): string {
  const text = textOf(id);
  return text === null ? 'null' : quote(`${path}/${text}`);
}

/** The value of a JSON text where it is a string. */
function textOf(json: string | null): string | null {
  const value: unknown = json === null ? null : JSON.parse(json);
  return typeof value === 'string' ? value : null;
}

/** Regular dates in UTC, without their milliseconds; what is odd stays as it is. */
function toTheSecond(date: string | null): string | null {
  const ms = Date.parse(textOf(date) ?? '');
  if (Number.isNaN(ms)) return date;
  return `"${new Date(ms).toISOString().slice(0, 19)}Z"`;
}

function addresses(random: Random, first: string): string | null {
  const more = Array.from(
    { length: random.oneIn(4) ? 1 + random.below(2) : 0 },
    () => `"10.${random.below(256)}.${random.below(256)}.${random.below(256)}"`,
  );
  if (first === 'null') return random.oneIn(2) ? null : '[]';
  return `[${[first, ...more].join(',')}]`;
}

function writeMessage(random: Random, action: string, name: string, entityId: string | null): string {
  const entity = textOf(name) ?? '';
  return `{${join({
    localizableMessageCode: random.oneIn(2) ? quote(`audit.${action.toLowerCase()}`) : null,
    message: quote(`${action} of ${entity}`),
    messageWithParams: quote(`${action} of {entityName}`),
    messageParams: `{${join({ entityName: name, entityId })}}`,
  })}}`;
}

function writeInitiating(random: Random): string | null {
  if (random.oneIn(3)) return null;
  if (random.oneIn(4)) return '{}';
  return `{"transactionId":"${random.uuid()}","actionContext":"${random.oneIn(2) ? 'User' : 'System'}"}`;
}

function writeChanges(random: Random, properties: readonly string[]): string | null {
  if (properties.length === 0 || random.oneIn(3)) return null;
  const changes = Array.from({ length: random.below(3) }, () => {
    const property = quote(random.pick(properties));
    return `{"property":${property},"oldValues":[${someValues(random)}],"newValues":[${someValues(random)}]}`;
  });
  return `[${changes.join(',')}]`;
}

/** The model has text alone here, so what is no text stands there as text, with all its digits. */
function someValues(random: Random): string {
  return Array.from({ length: random.below(3) }, () => {
    const value = random.pick(VALUES);
    return value.startsWith('"') ? value : quote(value);
  }).join(',');
}

function writeEntityChange(random: Random, entityType: string): string {
  return (
    `[{"entityId":"${random.uuid()}","entityName":"${entityType} ${random.digits(3)}","entityType":"${entityType}",` +
    `"oldValues":[${someValues(random)}],"newValues":[${someValues(random)}]}]`
  );
}

function writeContext(random: Random): string {
  return `{${join({
    ruleId: `"${random.uuid()}"`,
    version: random.oneIn(3) ? `"${random.digits(19)}"` : null,
    note: random.oneIn(4) ? quote('first line\nsecond\t"line"') : null,
  })}}`;
}
