import { z } from 'zod';
import { intervalSchema } from '../interval.ts';
import { FILTER_PROPERTIES } from './audit-rows.ts';

const query = {
  interval: intervalSchema,
  serviceName: z.string().min(1).optional(),
  filters: z.array(z.strictObject({ property: z.enum(FILTER_PROPERTIES), value: z.string() })).default([]),
  sort: z
    .array(z.strictObject({ name: z.literal('Timestamp'), sortOrder: z.enum(['ascending', 'descending']) }))
    .max(1)
    .default([]),
};

/** Bodies of the audit queries. A test holds them to the models of the official SDK. */
export const queryBody = z.strictObject(query);
export const realtimeBody = z.strictObject({
  ...query,
  // The largest size is not documented; a page of the rest of the API has 100 at most.
  pageNumber: z.int().min(1).default(1),
  pageSize: z.int().min(1).max(100).default(25),
});
