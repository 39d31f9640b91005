export {
  type ArchiveComplianceJob,
  type ArchiveDeadLetterJob,
  type ArchiveFetchJob,
  type ArchiveNotifyJob,
  type ArchivePlanJob,
  type ArchivePlanOutcome,
  type ArchivePlanProgress,
  type ArchiveRedactJob,
  type ArchiveRedactOutcome,
  type ArchiveSource,
  type ArchiveUploadJob,
  type ArchiveUploadOutcome,
  type ArchiveWindowJob,
  archiveBatchJobId,
  archiveComplianceJob,
  archiveComplianceJobId,
  archiveDeadLetterBatch,
  archiveDeadLetterJob,
  archiveDeadLetterJobId,
  archiveFetchJob,
  archiveFlowId,
  archiveNotifyJob,
  archiveNotifyJobId,
  archivePlanJob,
  archivePlanOutcome,
  archivePlanProgress,
  archiveRedactJob,
  archiveRedactOutcome,
  archiveSource,
  archiveUploadJob,
  archiveUploadOutcome,
  archiveWindowJob,
  archiveWindowJobId,
  failureRecord,
  type StoredObject,
  storedObject,
} from './archive-jobs.ts';
export {
  type ArchiveWindow,
  archiveWindow,
  archiveWindowAt,
  archiveWindowsOf,
  organisationOfWindow,
} from './archive-window.ts';
export {
  type ArchivedWindow,
  archivedWindow,
  archivedWindowsKept,
  archivedWindowsKey,
} from './archived-window.ts';
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
export { organisationId, organisationOfStream } from './organisation.ts';
export {
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
  deploymentPrefix,
  type Pipeline,
  pipelinePrefix,
  type QueueName,
  queueNames,
  queuePipeline,
} from './queues.ts';
export { type StagedBlob, sha256Hex, stagedBlob } from './staged-blob.ts';
export type { TotalName } from './totals.ts';
