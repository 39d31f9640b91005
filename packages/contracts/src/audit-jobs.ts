import { z } from 'zod';

/**
 * One batch of a stream: 1-100 events whose payload lies, sealed, under `payloadKey`.
 * `eventCount` and `payloadBytes` are for people; nothing is decided by them.
 */
export const auditBatchJob = z.object({
  v: z.literal(1),
  kind: z.literal('batch'),
  stream: z.string().min(1),
  epoch: z.string().min(1),
  seq: z.number().int().positive(),
  payloadKey: z.string().min(1),
  eventCount: z.number().int().positive(),
  /** Bytes of the payload before compression and sealing. */
  payloadBytes: z.number().int().nonnegative(),
  fetchedAt: z.iso.datetime(),
  traceId: z.string().min(1),
});
export type AuditBatchJob = z.infer<typeof auditBatchJob>;

/** What a person retries: one dead letter, whose document stands in the dead-letter index. */
export const auditDeadLetterJob = z.object({
  v: z.literal(1),
  kind: z.literal('dead-letter'),
  stream: z.string().min(1),
  deadLetterId: z.string().min(1),
  code: z.string().min(1),
  /** Path of the field that Elasticsearch named, where it named one; never a value. */
  field: z.string().nullable(),
  deadLetteredAt: z.iso.datetime(),
  traceId: z.string().min(1),
});
export type AuditDeadLetterJob = z.infer<typeof auditDeadLetterJob>;

/** Counts that an audit-index job returns; BullMQ keeps it in Redis, so it holds nothing else. */
export interface AuditBatchOutcome {
  created: number;
  duplicate: number;
  deadLettered: number;
}
