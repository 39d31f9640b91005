import type { EventFilter } from '@trunkline/genesys';

/**
 * Whether an event meets all filters of the stream. A field that is absent or no text equals nothing.
 * Source of the operators: guide contract, "Audit event stream".
 */
export function meetsFilters(eventText: string, filters: readonly EventFilter[]): boolean {
  const event = JSON.parse(eventText) as Record<string, unknown>;
  return filters.every(({ field, operator, value }) => (event[field] === value) === (operator === 'EQUAL'));
}
