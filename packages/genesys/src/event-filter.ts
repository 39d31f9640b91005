import type { EventFilter } from './settings.ts';

/** Whether an event passes; what is no JSON object does, for the indexer to dead-letter. */
export type EventTest = (event: string | Buffer) => boolean;

type Event = Record<string, unknown>;
type Holds = (event: Event) => boolean;

/**
 * Whether an event meets all filters as the event stream means them: fields at the top, by their text. A field that is absent or no
 * text equals nothing.
 * Source of the operators: guide contract, "Audit event stream".
 */
export function guideFilter(filters: readonly EventFilter[]): EventTest {
  return testOf(filters, ({ field, value }) => {
    return (event) => event[field] === value;
  });
}

/**
 * The same for events of the platform contract, normalised by `platformEvent`: the platform itself can leave nothing out.
 *
 * - A field may stand under `genesys` (`genesys.serviceName`).
 * - Of several values (`ipAddress`) one is enough to be equal.
 * - The action LOGIN, which the guide's default filter names, is a successful sign-in: `Authenticate`, unless its status says that it
 *   failed. `AuthenticationFailed` is an action of its own. Whether a failed sign-in can be told by its status is not documented, so
 *   one that says so is kept.
 */
export function platformFilter(filters: readonly EventFilter[]): EventTest {
  return testOf(filters, ({ field, value }) => {
    if (field === 'action' && value === 'LOGIN') return isSignIn;
    const inRest = field.startsWith(restPrefix) ? field.slice(restPrefix.length) : null;
    return (event) => {
      const found = inRest === null ? event[field] : restOf(event)?.[inRest];
      return found === value || (Array.isArray(found) && found.includes(value));
    };
  });
}

const restPrefix = 'genesys.';

function isSignIn(event: Event): boolean {
  return event['action'] === 'Authenticate' && restOf(event)?.['status'] !== 'FAILURE';
}

function restOf(event: Event): Event | undefined {
  const rest = event['genesys'];
  return typeof rest === 'object' && rest !== null ? (rest as Event) : undefined;
}

function testOf(filters: readonly EventFilter[], equals: (filter: EventFilter) => Holds): EventTest {
  if (filters.length === 0) return () => true;
  const tests = filters.map((filter) => ({ holds: equals(filter), wanted: filter.operator === 'EQUAL' }));
  return (source) => {
    const event = JSON.parse(source.toString()) as unknown;
    if (typeof event !== 'object' || event === null || Array.isArray(event)) return true;
    return tests.every(({ holds, wanted }) => holds(event as Event) === wanted);
  };
}
