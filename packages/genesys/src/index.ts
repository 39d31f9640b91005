export type { AuditPage, AuditSource } from './audit-source.ts';
export { type ConnectionParts, GenesysConnection } from './connection.ts';
export { connectionSettings } from './connection-settings.ts';
export { EventStreamsSource } from './guide/eventstreams-source.ts';
export type { GenesysWait } from './http.ts';
export {
  type EventFilter,
  type GenesysSettings,
  genesysDefaults,
  guideApiBase,
  type ProxySettings,
} from './settings.ts';
