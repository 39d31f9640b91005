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
    summary:
      'filters of the event stream, as JSON; with the platform contract applied by Trunkline, where LOGIN means a successful sign-in (Authenticate)',
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
    summary:
      'how far back a stream without a cursor begins; with the guide contract, how far back Genesys serves events',
  }),
  overlapMs: setting({
    env: 'AUDIT_OVERLAP_MINUTES',
    schema: wholeNumber(1, 24 * 60).transform((minutes) => minutes * 60_000),
    default: '45',
    summary:
      'platform: how late an event may appear after its date; what is younger is read again, in sweeps',
  }),
  historyEveryMs: setting({
    env: 'AUDIT_HISTORY_MINUTES',
    schema: wholeNumber(1, 7 * 24 * 60).transform((minutes) => minutes * 60_000),
    default: '60',
    summary: 'platform: how often services are read that realtime queries do not cover',
  }),
} as const;
