import {
  AUDIT_DEAD_LETTER,
  AUDIT_INDEX,
  auditBatchJob,
  auditDeadLetterJob,
  auditRepairJob,
  type QueueName,
} from '@trunkline/contracts';
import type { z } from 'zod';

const masked = '***';

/** The kinds of job of each queue: counts, ids, sizes, times. */
const jobSchemas = {
  [AUDIT_INDEX]: [auditBatchJob, auditRepairJob],
  [AUDIT_DEAD_LETTER]: [auditDeadLetterJob],
} as const satisfies Record<QueueName, readonly z.ZodObject[]>;

/** Ids, codes, field paths and times: no blanks, no `@`, no `+`. */
const plainText = /^[\w.:/{}-]{0,300}$/;

/**
 * Job data as it may be shown. Our processes put only what the schema names into a job; what somebody else put there is
 * masked: values of known fields that do not fit, and unknown fields with their names, which are only counted.
 */
export function maskJobData(queue: QueueName, data: unknown): unknown {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return masked;
  const fields = fieldsOf(queue, data);
  const shown: Record<string, unknown> = {};
  let unknownFields = 0;
  for (const [name, value] of Object.entries(data)) {
    const schema = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (schema === undefined) unknownFields += 1;
    else shown[name] = schema.safeParse(value).success ? maskText(value) : masked;
  }
  if (unknownFields > 0) shown['unknownFields'] = `${masked} (${unknownFields})`;
  return shown;
}

/** The fields of a job of this kind; those of the queue's first kind where the data name none. */
function fieldsOf(queue: QueueName, data: object): Record<string, z.ZodType> {
  const kinds: readonly z.ZodObject[] = jobSchemas[queue];
  const own =
    'kind' in data ? kinds.find(({ shape }) => shape['kind']?.safeParse(data.kind).success) : undefined;
  return (own ?? kinds[0])?.shape ?? {};
}

/** What became of a dead letter that was retried; every other return value is counts. */
const outcomes = new Set(['created', 'duplicate', 'requeued', 'discarded']);

export function maskReturnValue(value: unknown): unknown {
  if (value === null || value === undefined || typeof value === 'number') return value ?? null;
  if (typeof value !== 'object' || Array.isArray(value)) return masked;
  const isKnown = ([name, part]: [string, unknown]): boolean =>
    /^\w{1,40}$/.test(name) && (typeof part === 'number' || outcomes.has(part as string));
  return Object.entries(value).every(isKnown) ? value : masked;
}

export function maskProgress(progress: unknown): unknown {
  return typeof progress === 'number' ? progress : masked;
}

/** Job names are words of ours. */
export function maskName(name: unknown): string {
  return typeof name === 'string' && /^[a-z][a-z-]{0,40}$/.test(name) ? name : masked;
}

function maskText(value: unknown): unknown {
  return typeof value !== 'string' || plainText.test(value) ? value : masked;
}
