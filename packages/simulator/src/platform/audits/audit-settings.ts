import { z } from 'zod';
import { SERVICES } from './services.ts';

const seconds = z.number().min(0).max(10_000_000);

/** How the audits of the platform are served; all of it may be changed while the simulator runs. Times of its clock. */
const settingsSchema = z.strictObject({
  /** Services whose rows only history has. */
  historyOnly: z.array(z.enum(SERVICES)),
  /** Every row appears so long after its date. */
  delaySeconds: seconds,
  /** This share of the rows, 0 to 1, is late besides... */
  lateShare: z.number().min(0).max(1),
  /** ... by up to so much, evenly drawn. */
  lateSeconds: seconds,
  /** History shows every row so much later than realtime. */
  historyDelaySeconds: seconds,
  /** Realtime answers 400 to a query without `serviceName`. */
  realtimeNeedsService: z.boolean(),
  /** Longest interval that realtime answers in time; a longer one is 504. */
  realtimeHours: z.number().gt(0),
  /** A history query takes so long. */
  querySeconds: seconds,
  /** It is forgotten so long after it was asked for. */
  queryKeptSeconds: seconds,
  /** What a second query beside a running one is answered. */
  busyStatus: z.literal([400, 409, 429]),
  /** A result of more rows is answered by a link to a file, where the client allows that. */
  inlineRows: z.int().min(0),
  /** A file holds at most so many rows; a cursor leads to the rest. */
  fileRows: z.int().min(1).max(100_000),
  /** The status of an answer with such a link. */
  linkStatus: z.literal([200, 302]),
  /** Lifetime of a link, in seconds of the host's clock. */
  linkSeconds: z.int().min(1),
});

export type AuditSettings = z.output<typeof settingsSchema>;

/** What is left out stays as it is. */
export const auditChangeSchema = settingsSchema.partial();
export type AuditChange = z.input<typeof auditChangeSchema>;

export const AUDIT_DEFAULTS: AuditSettings = {
  historyOnly: ['WorkforceManagement', 'SpeechAndTextAnalytics', 'ExternalContacts'],
  delaySeconds: 1,
  lateShare: 0.01,
  lateSeconds: 2_400,
  historyDelaySeconds: 0,
  realtimeNeedsService: false,
  realtimeHours: 24,
  querySeconds: 2,
  queryKeptSeconds: 86_400,
  busyStatus: 409,
  inlineRows: 10_000,
  fileRows: 20_000,
  linkStatus: 302,
  linkSeconds: 600,
};
