import { ecsRoots } from './ecs-fields.ts';

/** How a field of an event is searched; whatever is not listed is stored and not searched. */
export type FieldKind = 'keyword' | 'date' | 'ip' | 'object';

/**
 * The searched fields of an event (guide contract, "Audit event stream"). `genesys` holds what an event of the platform contract has
 * beside them.
 */
export const eventFields: ReadonlyMap<string, FieldKind> = new Map<string, FieldKind>([
  ['id', 'keyword'],
  ['date', 'date'],
  ['userId', 'keyword'],
  ['userName', 'keyword'],
  ['resourceType', 'keyword'],
  ['resourceId', 'keyword'],
  ['action', 'keyword'],
  ['ipAddress', 'ip'],
  ['request', 'object'],
  ['response', 'object'],
  ['genesys', 'object'],
]);

/**
 * Names at the top of a document that are not for events: the fields that Trunkline adds, and those that hold aliases, because
 * Elasticsearch refuses a document that writes to one.
 */
export const ownFields: ReadonlySet<string> = new Set(['ingestedAt', 'trunkline', ...ecsRoots]);

/**
 * Whether the mapping takes a value of this shape. Of `date` and `ip` any scalar will do (`ignore_malformed`), of `keyword`
 * any length (`ignore_above`); an object where a scalar is mapped, or the reverse, fails the whole document.
 * @param value JSON text without white space before it
 */
export function fits(kind: FieldKind, value: string): boolean {
  const fit = fitsFrom(kind, value.charCodeAt(0));
  if (fit !== 'unknown') return fit;
  return (JSON.parse(value) as unknown[]).every(kind === 'object' ? isObjectOrNull : isScalar);
}

/** As `fits`, by the value's first character alone; of an array that does not tell. */
export function fitsFrom(kind: FieldKind, firstCharacter: number): boolean | 'unknown' {
  switch (firstCharacter) {
    case OPEN_BRACE:
      return kind === 'object';
    case OPEN_BRACKET:
      return 'unknown';
    case LOWER_N: // null
      return true;
    default:
      return kind !== 'object';
  }
}

/** Whether JSON text without white space before it is a string, a number, a boolean or null. */
export function isScalarText(value: string): boolean {
  const first = value.charCodeAt(0);
  return first !== OPEN_BRACE && first !== OPEN_BRACKET;
}

function isScalar(value: unknown): boolean {
  return typeof value !== 'object' || value === null;
}

function isObjectOrNull(value: unknown): boolean {
  return typeof value === 'object' && !Array.isArray(value);
}

const OPEN_BRACKET = 0x5b;
const LOWER_N = 0x6e;
const OPEN_BRACE = 0x7b;
