/**
 * Every BullMQ queue, by name. A queue belongs to one pipeline; the keys of a pipeline share a Redis hash tag, so that
 * its scripts work on a Redis Cluster.
 */
export const AUDIT_INDEX = 'audit-index';
export const AUDIT_DEAD_LETTER = 'audit-dead-letter';

/** Which windows are due: a scheduler's tick, or a range that a person asked for. */
export const ARCHIVE_PLAN = 'archive-plan';
/** One window: download, verify, split. */
export const ARCHIVE_FETCH = 'archive-fetch';
/** One batch of conversations: personal data replaced by tokens. */
export const ARCHIVE_REDACT = 'archive-redact';
/** One redacted batch: into the bucket. */
export const ARCHIVE_UPLOAD = 'archive-upload';
/** A window whose batches are all stored: manifest, metrics, and what is told of it. */
export const ARCHIVE_WINDOW = 'archive-window';
/** One record for the compliance chain. */
export const ARCHIVE_COMPLIANCE = 'archive-compliance';
/** One completion event for the webhook. */
export const ARCHIVE_NOTIFY = 'archive-notify';
/** Conversations that could not be redacted: each waits, sealed in the stage, for a person. */
export const ARCHIVE_DEAD_LETTER = 'archive-dead-letter';

export type Pipeline = 'audit' | 'archive';

export const queuePipeline = {
  [AUDIT_INDEX]: 'audit',
  [AUDIT_DEAD_LETTER]: 'audit',
  [ARCHIVE_PLAN]: 'archive',
  [ARCHIVE_FETCH]: 'archive',
  [ARCHIVE_REDACT]: 'archive',
  [ARCHIVE_UPLOAD]: 'archive',
  [ARCHIVE_WINDOW]: 'archive',
  [ARCHIVE_COMPLIANCE]: 'archive',
  [ARCHIVE_NOTIFY]: 'archive',
  [ARCHIVE_DEAD_LETTER]: 'archive',
} as const satisfies Record<string, Pipeline>;

export type QueueName = keyof typeof queuePipeline;

export const queueNames = Object.keys(queuePipeline) as QueueName[];

/**
 * The start of every Redis key of a pipeline, hash tag included; also BullMQ's `prefix` for its queues.
 * @param deployment the setting TRUNKLINE_PREFIX, which keeps deployments on one Redis apart
 */
export function pipelinePrefix(deployment: string, pipeline: Pipeline): string {
  return `{${deployment}:${pipeline}}`;
}

/** The start of keys that belong to no pipeline (heartbeats, token bucket). */
export function deploymentPrefix(deployment: string): string {
  return `{${deployment}}`;
}
