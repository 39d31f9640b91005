import { hash } from 'node:crypto';
import { z } from 'zod';
import { type ArchiveWindow, archiveWindow } from './archive-window.ts';
import { organisationId } from './organisation.ts';
import { sha256Hex, stagedBlob } from './staged-blob.ts';
import { archiveWindowAct, windowRelease } from './window-release.ts';

const count = z.number().int().nonnegative();
const storageClass = z.string().regex(/^[A-Z_]+$/);

/** What every job of a window carries. */
const ofWindow = { v: z.literal(1), window: archiveWindow, traceId: z.string().min(1) };

/**
 * Asks which windows are due. The scheduler's tick carries no range and is for all organisations; a person's range carries who asked, as
 * `user@host`. An act is about one window alone.
 */
export const archivePlanJob = z.object({
  v: z.literal(1),
  range: z
    .object({
      from: z.iso.datetime(),
      to: z.iso.datetime(),
      mediaTypes: z.array(z.string().regex(/^[a-z]+$/)).min(1),
      requestedBy: z.string().min(1),
      /** Absent: the only one of the deployment, from the environment. */
      organisation: organisationId.exactOptional(),
    })
    .nullable(),
  act: archiveWindowAct.exactOptional(),
});
export type ArchivePlanJob = z.infer<typeof archivePlanJob>;

/** What a plan job returns: how many windows it looked at, and what became of them. */
export const archivePlanOutcome = z.object({
  windows: count,
  /** A fetch was added. */
  planned: count,
  /** The manifest is there. */
  alreadyDone: count,
  /** Planned before, and not done yet; those that stand failed too. */
  underWay: count,
  /** The last windows of the range, which have not ended or not settled: planned once they have. */
  tooEarly: count,
});
export type ArchivePlanOutcome = z.infer<typeof archivePlanOutcome>;

/** How far a plan job is: windows looked at, of how many, and how many of them it planned. */
export const archivePlanProgress = z.object({ planned: count, done: count, total: count });
export type ArchivePlanProgress = z.infer<typeof archivePlanProgress>;

/** One window to be fetched; its job id is the window's id, so that a window which is under way is not planned twice. */
export const archiveFetchJob = z.object({
  ...ofWindow,
  pageSize: z.number().int().positive(),
  storageClass,
  plannedAt: z.iso.datetime(),
  /** Who asked for it, as `user@host`; `null`: the schedule. */
  requestedBy: z.string().min(1).nullable(),
  /** Only where a window that is archived already is fetched once more, because texts are missing of it. */
  again: z
    .object({
      /** Flow and revision of the manifest that it is to replace. */
      flow: z.string().min(1),
      revision: z.number().int().positive(),
      by: z.string().min(1),
      reason: z.string().min(1),
      at: z.iso.datetime(),
    })
    .exactOptional(),
});
export type ArchiveFetchJob = z.infer<typeof archiveFetchJob>;

/**
 * What of the source is on record for a window: its bytes as read from Genesys, and their digest: SHA-256 of the body where
 * there is one page, else SHA-256 of the list of the pages' digests (lower-case hex, a line each, with a line end).
 */
export const archiveSource = z.object({
  pages: z.number().int().positive(),
  bytes: count,
  sha256: sha256Hex,
  /** `verified`: every page had the digest that Genesys stated; `unverified`: at least one page came without a digest. */
  integrity: z.enum(['verified', 'unverified']),
});
export type ArchiveSource = z.infer<typeof archiveSource>;

/** One batch on its way: 1 and more conversations of a window, as NDJSON of their source texts, in the stage. */
const ofBatch = {
  ...ofWindow,
  /** The attempt at this window, see `archiveFlowId`. */
  flow: z.string().min(1),
  /** `b00001`, `b00002` ... in the order of the source; `d-...` for a conversation that was a dead letter. */
  batch: z.string().regex(/^(b\d{5}|d-[0-9a-f]{16})$/),
};

export const archiveRedactJob = z.object({
  ...ofBatch,
  source: stagedBlob,
  conversations: count,
  /** For the dead letters that it makes: what becomes of them is stored like the rest of the window. */
  storageClass,
});
export type ArchiveRedactJob = z.infer<typeof archiveRedactJob>;

/** What a redact job returns: counts and references, never a value. */
export const archiveRedactOutcome = z.object({
  /** In `redacted`; the dead letters of the batch not among them. */
  conversations: count,
  deadLettered: count,
  /** Texts that the conversations in `redacted` are without, as they tell in `missingTexts`. */
  missingTexts: count.default(0),
  /** Values replaced, by entity type. */
  entities: z.record(z.string().regex(/^[A-Z][A-Z0-9_]*$/), count),
  /** NDJSON of the redacted conversations. */
  redacted: stagedBlob,
  /** NDJSON, a line a conversation in the order of `redacted`: `{"id": string, "tokens": string[], "missingTexts"?: number}`. */
  index: stagedBlob,
  engineVersion: z.string().min(1),
  /** Which TOKENIZATION_KEY the tokens come from: the key id that tokens carry, or `null` where they carry none. */
  keyId: z.string().nullable(),
});
export type ArchiveRedactOutcome = z.infer<typeof archiveRedactOutcome>;

export const archiveUploadJob = z.object({
  ...ofBatch,
  source: stagedBlob,
  storageClass,
  /** Only where no redact job is its child: a dead letter that was redacted after all. */
  redaction: archiveRedactOutcome.exactOptional(),
});
export type ArchiveUploadJob = z.infer<typeof archiveUploadJob>;

/** An object in the bucket, as its upload was answered. */
export const storedObject = z.object({
  key: z.string().min(1),
  /** Of the object's own bytes. */
  bytes: count,
  sha256: sha256Hex,
  generation: z.number().int().positive(),
  encryption: z.enum(['AES256', 'aws:kms', 'aws:kms:dsse']),
  kmsKeyId: z.string().nullable(),
  storageClass,
});
export type StoredObject = z.infer<typeof storedObject>;

/** What an upload job returns. */
export const archiveUploadOutcome = z.object({
  batch: z.string().min(1),
  /** Of the batch as it came from Genesys. */
  sourceSha256: sha256Hex,
  /** `null` with ARCHIVE_LAYOUT=guide, where the window's job writes one object, and where every conversation was dead-lettered. */
  object: storedObject.nullable(),
  redaction: archiveRedactOutcome,
  /** ms the upload took, for the window's metrics. */
  durationMs: count,
});
export type ArchiveUploadOutcome = z.infer<typeof archiveUploadOutcome>;

/** Parent of all uploads of a window: runs when they are stored. */
export const archiveWindowJob = z.object({
  ...ofWindow,
  flow: z.string().min(1),
  source: archiveSource,
  batches: count,
  conversations: count,
  storageClass,
  plannedAt: z.iso.datetime(),
  /** When the download began. */
  startedAt: z.iso.datetime(),
  /** By which the window goes on without texts; `null`: none was needed. */
  release: windowRelease.nullable().default(null),
  /** The manifest that this one replaces, see `archiveFetchJob`. */
  again: archiveFetchJob.shape.again,
});
export type ArchiveWindowJob = z.infer<typeof archiveWindowJob>;

/** One entry for the compliance chain. Whatever is kept of it is in here: a record is a function of its job. */
export const archiveComplianceJob = z.object({
  v: z.literal(1),
  /** The same fact told twice has the same id, and stands in the chain once. */
  recordId: z.string().min(1),
  timestamp: z.iso.datetime(),
  action: z.enum(['ARCHIVE_OFFLOAD', 'ARCHIVE_ERASE', 'ARCHIVE_RELEASE']),
  /** A conversation's id, or the window's. */
  conversationId: z.string().min(1),
  status: z.enum(['SUCCESS', 'FAILURE']),
  /** SHA-256 of the source, in hex; `null` where it failed before one was known. */
  checksum: sha256Hex.nullable(),
  /** A code of docs/errors.md; `null` for a success. */
  errorCode: z.string().nullable(),
  /** Further facts: counts, keys, digests, who asked; never personal data. */
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  traceId: z.string().min(1),
});
export type ArchiveComplianceJob = z.infer<typeof archiveComplianceJob>;

/** One completion event. `webhookId` is the same at every delivery. The address and the secret stand in the settings only. */
export const archiveNotifyJob = z.object({
  v: z.literal(1),
  webhookId: z.string().min(1),
  windowId: z.string().min(1),
  occurredAt: z.iso.datetime(),
  metrics: z.object({
    bytes_transferred: count,
    duration_seconds: z.number().nonnegative(),
    throughput_mbps: z.number().nonnegative(),
    estimated_cost_usd: z.number().nonnegative(),
  }),
  audit: z.object({
    timestamp: z.iso.datetime(),
    action: z.literal('ARCHIVE_OFFLOAD'),
    conversation_id: z.string().min(1),
    status: z.enum(['SUCCESS', 'FAILURE']),
    checksum: sha256Hex,
  }),
  traceId: z.string().min(1),
});
export type ArchiveNotifyJob = z.infer<typeof archiveNotifyJob>;

/** A conversation that waits for a person: its source text lies sealed in the stage. */
export const archiveDeadLetterJob = z.object({
  ...ofBatch,
  /** Place of the conversation in its batch, from 0. */
  index: count,
  source: stagedBlob,
  /** A code of docs/errors.md. */
  code: z.string().min(1),
  deadLetteredAt: z.iso.datetime(),
  storageClass,
});
export type ArchiveDeadLetterJob = z.infer<typeof archiveDeadLetterJob>;

/**
 * Id of the attempt at a window: a function of what Genesys served, so that a fetch which is done again after a crash meets
 * the flow that it made before, and a source that changed makes another. Ids of the flow's jobs: the window's is
 * `<window id>-<flow>`, those of its batches `<window id>-<flow>-<batch>`.
 * @param source SHA-256 of the source, in hex
 */
export function archiveFlowId(source: string): string {
  return source.slice(0, 12);
}

export function archiveWindowJobId(window: string, flow: string): string {
  return `${window}-${flow}`;
}

export function archiveBatchJobId(window: string, flow: string, batch: string): string {
  return `${window}-${flow}-${batch}`;
}

/** One dead letter a place in a batch, however often its batch is redacted. */
export function archiveDeadLetterJobId(window: string, flow: string, batch: string, index: number): string {
  return `${window}-${flow}-${batch}-${index}`;
}

/** The batch of one conversation that a dead letter becomes once it was redacted after all: the same at every retry. */
export function archiveDeadLetterBatch(window: string, flow: string, batch: string, index: number): string {
  return `d-${hash('sha256', archiveDeadLetterJobId(window, flow, batch, index), 'hex').slice(0, 16)}`;
}

/** Id of the record that a window was archived. */
export function archiveSuccessRecordId(window: string): string {
  return `${window}-SUCCESS`;
}

/** Id of the record that an archived window was replaced by what it was fetched as once more. */
export function archiveReplacedRecordId(window: string, flow: string): string {
  return `${window}-SUCCESS-${flow}`;
}

export function archiveComplianceJobId(recordId: string): string {
  return `record-${hash('sha256', recordId, 'hex').slice(0, 32)}`;
}

export function archiveNotifyJobId(windowId: string, checksum: string): string {
  return `${windowId}-${archiveFlowId(checksum)}`;
}

/**
 * The compliance record of a job that stands failed, until a person retries it. The same failure told twice is one record; a
 * later failure of the same job is another.
 * @param job.attempt which attempt failed, from 1; BullMQ counts on through retries by hand
 */
export function failureRecord(
  window: ArchiveWindow,
  job: { queue: string; id: string; attempt: number; traceId: string },
  failure: { errorCode: string | null; checksum: string | null },
  at: Date,
): ArchiveComplianceJob {
  return {
    v: 1,
    recordId: `${window.id}-FAILURE-${job.queue}-${job.id}-${job.attempt}`,
    timestamp: at.toISOString(),
    action: 'ARCHIVE_OFFLOAD',
    conversationId: window.id,
    status: 'FAILURE',
    checksum: failure.checksum,
    errorCode: failure.errorCode,
    details: { queue: job.queue, jobId: job.id, attempt: job.attempt },
    traceId: job.traceId,
  };
}
