export { decodeBatch, encodeBatch } from './audit-batch.ts';
export { eventIdOf, maxEventIdBytes } from './audit-event.ts';
export {
  type AuditBatchJob,
  type AuditBatchOutcome,
  type AuditDeadLetterJob,
  type AuditRepairJob,
  auditBatchJob,
  auditDeadLetterJob,
  auditRepairJob,
  deadLetterJobId,
  repairJobId,
} from './audit-jobs.ts';
export {
  type ErrorCode,
  type ErrorDetails,
  type ErrorKind,
  errorCodeOf,
  errorKinds,
  TrunklineError,
} from './errors.ts';
export { type Heartbeat, heartbeat, heartbeatTtlMs } from './heartbeat.ts';
export {
  AUDIT_DEAD_LETTER,
  AUDIT_INDEX,
  deploymentPrefix,
  type Pipeline,
  pipelinePrefix,
  type QueueName,
  queueNames,
  queuePipeline,
} from './queues.ts';
export type { TotalName } from './totals.ts';
