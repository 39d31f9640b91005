import { z } from 'zod';
import type { EventFields } from '../audit/event.ts';

/** Fields that a filter may name: those of an event whose values are text. */
const FIELDS = [
  'id',
  'date',
  'userId',
  'userName',
  'resourceType',
  'resourceId',
  'action',
  'ipAddress',
] as const satisfies readonly (keyof EventFields)[];

export const filterSchema = z.strictObject({
  field: z.enum(FIELDS),
  operator: z.enum(['EQUAL', 'NOT_EQUAL']),
  value: z.string(),
});

export type Filter = z.output<typeof filterSchema>;

/** The filter that the contract gives as the default. */
export const DEFAULT_FILTERS: Filter[] = [{ field: 'action', operator: 'NOT_EQUAL', value: 'LOGIN' }];

/** True where an event meets every filter. A field that is null or absent equals nothing. */
export function passes(fields: EventFields | null, filters: readonly Filter[]): boolean {
  return filters.every(({ field, operator, value }) => {
    const text = fields?.[field];
    const equal = text !== null && text !== undefined && JSON.parse(text) === value;
    return operator === 'EQUAL' ? equal : !equal;
  });
}
