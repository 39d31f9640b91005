/**
 * Every BullMQ queue, by name. A queue belongs to one pipeline; the keys of a pipeline share a Redis hash tag, so that
 * its scripts work on a Redis Cluster.
 */
export const AUDIT_INDEX = 'audit-index';
export const AUDIT_DEAD_LETTER = 'audit-dead-letter';

export type Pipeline = 'audit';
export type QueueName = typeof AUDIT_INDEX | typeof AUDIT_DEAD_LETTER;

export const queuePipeline = {
  [AUDIT_INDEX]: 'audit',
  [AUDIT_DEAD_LETTER]: 'audit',
} as const satisfies Record<QueueName, Pipeline>;

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
