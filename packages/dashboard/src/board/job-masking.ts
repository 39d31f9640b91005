import {
  ARCHIVE_COMPLIANCE,
  ARCHIVE_DEAD_LETTER,
  ARCHIVE_FETCH,
  ARCHIVE_NOTIFY,
  ARCHIVE_PLAN,
  ARCHIVE_REDACT,
  ARCHIVE_UPLOAD,
  ARCHIVE_WINDOW,
  AUDIT_DEAD_LETTER,
  AUDIT_INDEX,
  archiveComplianceJob,
  archiveDeadLetterJob,
  archiveFetchJob,
  archiveNotifyJob,
  archivePlanJob,
  archivePlanOutcome,
  archiveRedactJob,
  archiveRedactOutcome,
  archiveSource,
  archiveUploadJob,
  archiveUploadOutcome,
  archiveWindowActOutcome,
  archiveWindowJob,
  auditBatchJob,
  auditDeadLetterJob,
  auditRepairJob,
  type QueueName,
} from '@trunkline/contracts';
import { z } from 'zod';
import { masked, shownBySchema } from './shown-by-schema.ts';

/** The kinds of job of each queue: counts, ids, references, sizes, times. */
const jobSchemas = {
  [AUDIT_INDEX]: [auditBatchJob, auditRepairJob],
  [AUDIT_DEAD_LETTER]: [auditDeadLetterJob],
  [ARCHIVE_PLAN]: [archivePlanJob],
  [ARCHIVE_FETCH]: [archiveFetchJob],
  [ARCHIVE_REDACT]: [archiveRedactJob],
  [ARCHIVE_UPLOAD]: [archiveUploadJob],
  [ARCHIVE_WINDOW]: [archiveWindowJob],
  [ARCHIVE_COMPLIANCE]: [archiveComplianceJob],
  [ARCHIVE_NOTIFY]: [archiveNotifyJob],
  [ARCHIVE_DEAD_LETTER]: [archiveDeadLetterJob],
} as const satisfies Record<QueueName, readonly z.ZodObject[]>;

/** What a fetch returns: how it ended, and what of the source is on record. */
const fetchOutcome = z.object({
  result: z.enum(['done', 'under-way', 'unchanged', 'fetched']),
  flow: z.string().exactOptional(),
  batches: z.number().exactOptional(),
  conversations: z.number().exactOptional(),
  missingTexts: z.number().exactOptional(),
  source: archiveSource.exactOptional(),
});

/** What completing a window returns. */
const windowOutcome = z.object({
  manifest: z.string(),
  conversations: z.number(),
  deadLettered: z.number(),
  missingTexts: z.number().exactOptional(),
  objects: z.number(),
  bytes: z.number(),
});

/** What a plan returns, or what came of an act about one window. */
const planOutcome = z.object({
  ...archivePlanOutcome.partial().shape,
  ...archiveWindowActOutcome.partial().shape,
});

/** What jobs return that is more than figures and outcomes. */
const outcomeSchemas: Partial<Record<QueueName, z.ZodType>> = {
  [ARCHIVE_PLAN]: planOutcome,
  [ARCHIVE_FETCH]: fetchOutcome,
  [ARCHIVE_WINDOW]: windowOutcome,
  [ARCHIVE_DEAD_LETTER]: z.object({ uploadJobId: z.string() }),
  [ARCHIVE_REDACT]: archiveRedactOutcome,
  [ARCHIVE_UPLOAD]: archiveUploadOutcome,
};

/** Figures, yes or no, and what became of a dead letter that was retried. */
const figuresAndOutcomes = z.record(
  z.string(),
  z.union([z.number(), z.boolean(), z.enum(['created', 'duplicate', 'requeued', 'discarded'])]).nullable(),
);

const figures = z.record(z.string(), z.number().nullable());

/**
 * Job data as it may be shown. Our processes put only what the schema names into a job; what somebody else put there is
 * masked: values of known fields that do not fit, and unknown fields with their names, which are only counted.
 */
export function maskJobData(queue: QueueName, data: unknown): unknown {
  return isObject(data) ? shownBySchema(schemaOf(queue, data), data) : masked;
}

/** The schema of a job of this kind; that of the queue's first kind where the data name none. */
function schemaOf(queue: QueueName, data: object): z.ZodType {
  const kinds: readonly z.ZodObject[] = jobSchemas[queue];
  const own =
    'kind' in data ? kinds.find(({ shape }) => shape['kind']?.safeParse(data.kind).success) : undefined;
  return own ?? (kinds[0] as z.ZodObject);
}

export function maskReturnValue(queue: QueueName, value: unknown): unknown {
  if (value === null || value === undefined || typeof value === 'number') return value ?? null;
  return isObject(value) ? shownBySchema(outcomeSchemas[queue] ?? figuresAndOutcomes, value) : masked;
}

/** A number, or figures by name. */
export function maskProgress(progress: unknown): unknown {
  if (typeof progress === 'number') return progress;
  return isObject(progress) ? shownBySchema(figures, progress) : masked;
}

/** Job names are words of ours. */
export function maskName(name: unknown): string {
  return typeof name === 'string' && /^[a-z][a-z-]{0,40}$/.test(name) ? name : masked;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
