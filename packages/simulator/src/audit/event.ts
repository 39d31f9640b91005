import { isLogin } from './login.ts';
import { Random, type Seed } from './random.ts';
import {
  ACTIONS,
  type Action,
  FIRST_NAMES,
  LAST_NAMES,
  MALFORMED_IPS,
  RESOURCES,
  VALUES,
} from './vocabulary.ts';

/**
 * An audit event in pieces: the JSON text of each member, in the order in which it is sent; `null` leaves the member out.
 *
 * Text, because numbers beyond 2^53 and escapes must reach the client as they are written here.
 */
export interface EventParts {
  id: string | null;
  date: string | null;
  userId: string;
  userName: string;
  resourceType: string;
  resourceId: string;
  action: string;
  ipAddress: string;
  request: string;
  response: string;
  /** Members that the contract does not list, as `,"name":value` text. */
  extra: string;
}

/** The members whose values are text, for filters and the ledger. */
export type EventFields = Omit<EventParts, 'request' | 'response' | 'extra'>;

/** Only the fields, so that an event that is kept does not hold the pieces that its text was put together from. */
export function fieldsOf({
  id,
  date,
  userId,
  userName,
  resourceType,
  resourceId,
  action,
  ipAddress,
}: EventParts): EventFields {
  return { id, date, userId, userName, resourceType, resourceId, action, ipAddress };
}

const PURPOSE_EVENT = 2;
const PURPOSE_USER = 3;
const USERS = 400;
const LOGIN: Action = { name: 'LOGIN', method: 'POST', status: 200 };

interface User {
  id: string;
  name: string;
  mail: string;
}

/** Writes the regular events of one seed: each a pure function of (seed, ordinal, date). */
export class EventWriter {
  readonly #seed: Seed;
  readonly #users: readonly User[];

  constructor(seed: Seed) {
    this.#seed = seed;
    this.#users = Array.from({ length: USERS }, (_, index) => writeUser(seed, index));
  }

  /** The event with this ordinal. Its id is a UUID that no other ordinal has. */
  write(ordinal: number, dateMs: number): EventParts {
    const random = new Random(this.#seed, PURPOSE_EVENT, ordinal);
    const action = isLogin(this.#seed, ordinal) ? LOGIN : random.pick(ACTIONS);
    return this.#write(random, random.uuidOf(ordinal, 4), action, dateMs);
  }

  /** An event outside the numbering, to build an odd one from; `purpose` keeps its draws apart. */
  writeApart(purpose: number, index: number, dateMs: number): EventParts {
    const random = new Random(this.#seed, purpose, index);
    return this.#write(random, random.uuidOf(index, 8), random.pick(ACTIONS), dateMs);
  }

  #write(random: Random, id: string, action: Action, dateMs: number): EventParts {
    const user = random.pick(this.#users);
    const resource = random.pick(RESOURCES);
    const resourceId = random.uuid();
    const system = random.oneIn(25);
    return {
      id: `"${id}"`,
      date: `"${random.oneIn(32) ? withOffset(dateMs) : new Date(dateMs).toISOString()}"`,
      userId: system ? 'null' : `"${user.id}"`,
      userName: system || random.oneIn(60) ? 'null' : `"${user.name}"`,
      resourceType: `"${resource.type}"`,
      resourceId: random.oneIn(50) ? 'null' : `"${resourceId}"`,
      action: `"${action.name}"`,
      ipAddress: system ? 'null' : writeAddress(random),
      request: random.oneIn(40)
        ? 'null'
        : writeRequest(random, action, `${resource.path}/${resourceId}`, resource.properties, user),
      response: random.oneIn(40) ? 'null' : writeResponse(random, action, resource.path, resourceId),
      extra: random.oneIn(8)
        ? `,"level":"${system ? 'SYSTEM' : 'USER'}","sequence":${random.digits(18)}`
        : '',
    };
  }
}

/** The source text of an event: exactly what is served, hashed and compared. */
export function assemble(parts: EventParts): string {
  const id = parts.id === null ? '' : `"id":${parts.id},`;
  const date = parts.date === null ? '' : `"date":${parts.date},`;
  return (
    `{${id}${date}"userId":${parts.userId},"userName":${parts.userName},"resourceType":${parts.resourceType},` +
    `"resourceId":${parts.resourceId},"action":${parts.action},"ipAddress":${parts.ipAddress},` +
    `"request":${parts.request},"response":${parts.response}${parts.extra}}`
  );
}

function writeUser(seed: Seed, index: number): User {
  const random = new Random(seed, PURPOSE_USER, index);
  // A number in the name makes each of the 400 a string of its own, that a scan for leaked names can look for.
  const name = `${random.pick(FIRST_NAMES)} ${random.pick(LAST_NAMES)} ${index + 100}`;
  return { id: random.uuid(), name, mail: `agent.${random.digits(5)}.${index}@contact-centre.example` };
}

function withOffset(dateMs: number): string {
  return new Date(dateMs + 2 * 3_600_000).toISOString().replace('Z', '+02:00');
}

function writeAddress(random: Random): string {
  const kind = random.below(100);
  if (kind < 60) return `"198.${18 + random.below(2)}.${random.below(256)}.${random.below(256)}"`;
  if (kind < 94) {
    const groups = Array.from({ length: 3 }, () => (1 + random.below(0xfffe)).toString(16));
    const address = `2001:db8:${groups[0]}::${groups[1]}:${groups[2]}`;
    return `"${random.oneIn(4) ? address.toUpperCase() : address}"`;
  }
  if (kind < 98) return 'null';
  return `"${random.pick(MALFORMED_IPS)}"`;
}

function writeRequest(
  random: Random,
  action: Action,
  path: string,
  properties: readonly string[],
  user: User,
): string {
  const changes = Array.from({ length: random.below(3) }, () => {
    const property = random.pick(properties);
    return `{"property":"${property}","oldValues":[${random.pick(VALUES)}],"newValues":[${random.pick(VALUES)}]}`;
  });
  const by = random.oneIn(4) ? `,"initiator":{"mail":"${user.mail}","name":"${user.name}"}` : '';
  return (
    `{"method":"${action.method}","path":"${path}","correlationId":"${random.uuid()}"${by},` +
    `"changes":[${changes.join(',')}]}`
  );
}

function writeResponse(random: Random, action: Action, path: string, id: string): string {
  const duration = `${random.below(900)}.${random.digits(6)}`;
  if (action.status >= 400) {
    return (
      `{"status":${action.status},"durationMs":${duration},"error":{"code":"general.conflict",` +
      `"message":"The change was refused.","contextId":"${random.uuid()}","details":[]}}`
    );
  }
  // Some servers write white space; it means nothing, and whoever keeps the text must cope with it.
  const space = random.oneIn(16) ? ' ' : '';
  const division = random.oneIn(4) ? `,"division":{"id":"${random.uuid()}","home":${random.oneIn(2)}}` : '';
  return (
    `{${space}"status":${space}${action.status},${space}"durationMs":${space}${duration},"entity":{"id":"${id}",` +
    `"version":${random.digits(random.oneIn(4) ? 19 : 3)},"selfUri":"${path}/${id}"${division}}${space}}`
  );
}
