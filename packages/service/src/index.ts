export { giveBack, openWorker, runWorker, type WorkerConfig } from './bull-worker.ts';
export { type DescribedError, describeError, withoutForeignText } from './describe-error.ts';
export { Health } from './health.ts';
export { readHeartbeats, redisNow } from './heartbeats.ts';
export { HeldBack } from './held-back.ts';
export { createLogger, type Logger } from './logger.ts';
export {
  loadForOrganisations,
  organisationEnv,
  organisationsSettings,
} from './organisations/load-organisations.ts';
export { organisationPaths } from './organisations/organisation-members.ts';
export { Organisations } from './organisations/organisations.ts';
export { type JobRun, QueueWorker, type QueueWorkerParts } from './queue-worker.ts';
export {
  addComplianceRecord,
  bullConnection,
  jobOptions,
  openQueue,
  queuePrefix,
  retryDelayMs,
} from './queues.ts';
export { connectRedis, type RedisValues, requireNoEviction } from './redis.ts';
export { type Component, runProcess, Service, type ServiceConfig } from './service.ts';
export {
  archivedMediaTypes,
  archiveWindowSettings,
  formerMediaTypes,
  settleDelayMs,
} from './settings/archive-windows.ts';
export { auditPlaceSettings, checkAuditPlaces } from './settings/audit-places.ts';
export { auditSourceSettings } from './settings/audit-source.ts';
export { complianceSearchSettings } from './settings/compliance-search.ts';
export { checkElasticsearchSettings, elasticsearchSettings } from './settings/elasticsearch.ts';
export { checkGenesysSettings, genesysSettings } from './settings/genesys.ts';
export { payloadSettings } from './settings/payload.ts';
export { processSettings } from './settings/process.ts';
export { queueWorkerSettings } from './settings/queue-worker.ts';
export { redisSettings } from './settings/redis.ts';
export { s3Settings } from './settings/s3.ts';
export {
  type CrossCheck,
  commaList,
  decimal,
  httpUrl,
  loadSettings,
  maskedSettings,
  optionalSetting,
  type Setting,
  type SettingGroup,
  SettingsProblems,
  secondsAsMs,
  setting,
  settingsOf,
  settingsTable,
  type Values,
  wholeNumber,
  yesOrNo,
} from './settings/setting.ts';
export { type StageSettings, stageSettings } from './settings/stage.ts';
export { tokenFormSettings } from './settings/token-form.ts';
export { tokenSettings } from './settings/tokens.ts';
export { readTotals, Totals } from './totals.ts';
export { type Tap, Valve } from './valve.ts';
export { version } from './version.ts';
export { publicLookup, requirePublicHost } from './webhook-address.ts';
export { listWindow } from './window-list.ts';
