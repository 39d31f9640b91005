import { z } from 'zod';
import { type CrossCheck, setting } from './setting.ts';

const day = z
  .string()
  .refine(
    (text) => /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)),
    'must be a date as 2010-01-01',
  )
  .transform((text) => Date.parse(text));

/** Where an event's document stands: index and shard are functions of the event and of these alone. */
export const auditPlaceSettings = {
  routing: setting({
    env: 'AUDIT_ROUTING',
    schema: z.enum(['resourceType', 'action', 'none'], 'must be resourceType, action or none'),
    default: 'resourceType',
    summary:
      'field by whose value documents are routed to shards: `resourceType`, `action` or `none`; not to be changed over existing data',
  }),
  earliest: setting({
    env: 'AUDIT_EARLIEST_DATE',
    schema: day,
    default: '2010-01-01',
    summary: 'events dated before this day go to the undated index; not to be changed over existing data',
  }),
  latest: setting({
    env: 'AUDIT_LATEST_DATE',
    schema: day,
    default: '2100-01-01',
    summary:
      'events dated on this day or later go to the undated index; not to be changed over existing data',
  }),
} as const;

/** Rules over several of them. */
export const checkAuditPlaces: CrossCheck<typeof auditPlaceSettings> = ({ earliest, latest }) =>
  earliest !== undefined && latest !== undefined && earliest >= latest
    ? ['AUDIT_EARLIEST_DATE must be before AUDIT_LATEST_DATE']
    : [];
