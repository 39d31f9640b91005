export {
  type AuditEvent,
  EventReader,
  type EventReaderSettings,
  eventDigest,
  type ReadEvent,
  type RoutingField,
  type Trouble,
} from './audit-event.ts';
export type { AuditIndices } from './audit-indices.ts';
export {
  countEvents,
  countOfStream,
  type ReadRange,
  readDigests,
  refresh,
  type StoredEvent,
} from './audit-reader.ts';
export { AuditSink, type StoredDigest, type StoredText } from './audit-sink.ts';
export type { ItemOutcome } from './bulk-outcome.ts';
export { type BulkItem, bulkBody, bulkItem } from './bulk-request.ts';
export {
  clusterVersion,
  missingPrivileges,
  type SchemaState,
  schemaState,
  type UsedIndices,
  withoutAlias,
} from './cluster-access.ts';
export {
  type CompliancePlace,
  ComplianceRecords,
  type SearchableRecord,
} from './compliance-records.ts';
export {
  type DeadLetter,
  type DeadLetterStatus,
  DeadLetters,
  deadLetterId,
  type NewDeadLetter,
  type Sealer,
} from './dead-letters.ts';
export { type DocumentContext, type DocumentForm, documentText, eventTextOf } from './document.ts';
export { Elasticsearch, type ElasticsearchSettings } from './elasticsearch.ts';
export { blockRemedy } from './foreign-error.ts';
export {
  type ClusterHealth,
  clusterHealth,
  type HealthScope,
  type HealthStatus,
  type WriteBlock,
  writeBlocks,
} from './health.ts';
export { dailyIndex, dayOfIndex, defaultDateBounds, instantOf, undatedIndex } from './index-name.ts';
export { hasShapes, isSameEvent } from './same-event.ts';
export { auditMappings, type IndexSettings } from './schema.ts';
export { type InstalledSchema, neverGreen } from './setup.ts';
export {
  type BackfillRequest,
  type Checkpoint,
  type GapRecord,
  type KeptGap,
  StreamRecords,
} from './stream-records.ts';
