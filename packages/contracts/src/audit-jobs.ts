import { hash } from 'node:crypto';
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

/**
 * Events that a reconcile found missing: 1-100 of them, sealed under `payloadKey`, to be indexed as a batch is. It stands
 * outside of the stream's sequence: it has no seq, and nothing is settled by it.
 */
export const auditRepairJob = z.object({
  v: z.literal(1),
  kind: z.literal('repair'),
  stream: z.string().min(1),
  payloadKey: z.string().min(1),
  eventCount: z.number().int().positive(),
  /** Bytes of the payload before compression and sealing. */
  payloadBytes: z.number().int().nonnegative(),
  queuedAt: z.iso.datetime(),
  /** Who asked for it, as `user@host`. */
  requestedBy: z.string().min(1),
  traceId: z.string().min(1),
});
export type AuditRepairJob = z.infer<typeof auditRepairJob>;

/** Id of a repair job: the same events asked for twice are one job. @param page fingerprint of its events */
export function repairJobId(stream: string, page: string): string {
  return `${stream}-repair-${page.slice(0, 32)}`;
}

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
  /**
   * Who asked that it be indexed again, as `user@host`, where the entry was made for that: it then is not to wait for a
   * person. Bull Board's Retry leaves it out, and is told by the job having failed before.
   */
  requestedBy: z.string().min(1).exactOptional(),
  traceId: z.string().min(1),
});
export type AuditDeadLetterJob = z.infer<typeof auditDeadLetterJob>;

/**
 * Id of a dead letter's entry on the queue: one entry a dead letter, however often it is kept. A digest, because event ids
 * may hold what BullMQ does not take in a job id.
 */
export function deadLetterJobId(deadLetterId: string): string {
  return `dl-${hash('sha256', deadLetterId, 'hex').slice(0, 32)}`;
}

/** Counts that an audit-index job returns; BullMQ keeps it in Redis, so it holds nothing else. */
export interface AuditBatchOutcome {
  created: number;
  duplicate: number;
  deadLettered: number;
}
