export { type AccessProbe, accessProbes, loginProbe, type WantedAccess } from './access-probes.ts';
export type {
  ArchiveQuery,
  ArchiveSource,
  MadeConversations,
  MissingAllowed,
  OpenedPage,
  PageHead,
  PagePosition,
} from './archive/archive-source.ts';
export { ConversationDetailsSource } from './archive/conversation-details-source.ts';
export { type DownloadTerms, downloadPage, type PagePart } from './archive/page-download.ts';
export {
  type AuditPage,
  type AuditSource,
  CursorOutOfReach,
  type SourceFacts,
  type SourceReach,
} from './audit-source.ts';
export { type AuditSourceParts, type AuditSources, auditHistory, auditSources } from './audit-sources.ts';
export { type ConnectionParts, GenesysConnection } from './connection.ts';
export { connectionSettings } from './connection-settings.ts';
export type { DownloadCall } from './download.ts';
export { type EventTest, guideFilter, platformFilter } from './event-filter.ts';
export { EventStreamsSource } from './guide/eventstreams-source.ts';
export { LongWait } from './long-wait.ts';
export type { GenesysWait, Patience } from './patience.ts';
export { AnalyticsJobsSource } from './platform/archive/analytics-jobs-source.ts';
export { AnalyticsQuerySource } from './platform/archive/analytics-query-source.ts';
export type { ArchiveTerms } from './platform/archive/archive-terms.ts';
export { ChosenArchiveSource } from './platform/archive/chosen-archive-source.ts';
export type { AuditSourceFact } from './platform/audits/audit-source-fact.ts';
export { platformEvent } from './platform/audits/platform-event.ts';
export { type ReadMark, readMark } from './platform/audits/stream-cursor.ts';
export {
  type Contract,
  contractDefaults,
  type EventFilter,
  type GenesysSettings,
  genesysDefaults,
  guideApiBase,
  type ProxySettings,
} from './settings.ts';
