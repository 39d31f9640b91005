import { z } from 'zod';
import { setting, wholeNumber } from './setting.ts';

const filters = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue('must be a JSON array of {"field", "operator", "value"}');
      return z.NEVER;
    }
  })
  .pipe(
    z.array(
      z.strictObject({
        field: z.string().min(1),
        operator: z.enum(['EQUAL', 'NOT_EQUAL']),
        value: z.string(),
      }),
      'must be a JSON array of {"field", "operator", "value"}',
    ),
  );

/** What is read of Genesys' audit events. */
export const auditSourceSettings = {
  stream: setting({
    env: 'AUDIT_STREAM',
    schema: z.string().regex(/^[A-Za-z0-9_.]{1,64}$/, 'must be 1-64 letters, digits, dots or underscores'),
    default: 'default',
    summary: 'id of the stream (an organisation and a filter) in Redis, jobs and documents',
  }),
  filters: setting({
    env: 'AUDIT_FILTERS',
    schema: filters,
    default: '[{"field":"action","operator":"NOT_EQUAL","value":"LOGIN"}]',
    summary: 'filters of the event stream, as JSON',
  }),
  pageLimit: setting({
    env: 'AUDIT_PAGE_LIMIT',
    schema: wholeNumber(1, 100),
    default: '100',
    summary: 'events a page; a page is a batch and a job',
  }),
  replayWindowMs: setting({
    env: 'AUDIT_REPLAY_WINDOW_HOURS',
    schema: wholeNumber(1, 24 * 366).transform((hours) => hours * 3_600_000),
    default: '24',
    summary: 'how far back Genesys serves events without a cursor',
  }),
} as const;
