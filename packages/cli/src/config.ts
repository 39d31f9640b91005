import {
  auditPlaceSettings,
  auditSourceSettings,
  type CrossCheck,
  checkAuditPlaces,
  checkElasticsearchSettings,
  checkGenesysSettings,
  elasticsearchSettings,
  genesysSettings,
  optionalSetting,
  payloadSettings,
  processSettings,
  queueWorkerSettings,
  redisSettings,
  type Values,
} from '@trunkline/service';

// The variables that the processes read, each command only those it uses.
const deployment = { deployment: processSettings.deployment } as const;

/** What `reconcile audit` reads; what only `--repair` needs is in `repairSettings`. */
export const reconcileSettings = {
  process: deployment,
  redis: redisSettings,
  genesys: genesysSettings,
  audit: auditSourceSettings,
  place: auditPlaceSettings,
  elasticsearch: elasticsearchSettings,
} as const;
export type ReconcileConfig = Values<typeof reconcileSettings>;

/** What `--repair` needs besides. */
export const repairSettings = {
  ...reconcileSettings,
  payload: payloadSettings,
  worker: { attempts: queueWorkerSettings.attempts },
} as const;
export type RepairConfig = Values<typeof repairSettings>;

/** What looking at dead letters, and discarding them, needs of Elasticsearch. */
export const letterSettings = { elasticsearch: elasticsearchSettings } as const;

export const sealedLetterSettings = {
  elasticsearch: elasticsearchSettings,
  payload: payloadSettings,
} as const;

/** Metadata can be shown without a key; the event's fields only with one. */
export const shownLetterSettings = {
  elasticsearch: elasticsearchSettings,
  payload: {
    payloadKeys: optionalSetting({
      env: payloadSettings.payloadKeys.env,
      schema: payloadSettings.payloadKeys.schema,
      secret: true,
      summary: payloadSettings.payloadKeys.summary,
    }),
  },
} as const;

export const worklistSettings = {
  process: deployment,
  redis: redisSettings,
  elasticsearch: elasticsearchSettings,
} as const;

/** The rules over several Elasticsearch settings, for every command that reads them. */
export const checkElasticsearch: CrossCheck<typeof letterSettings> = ({ elasticsearch }) =>
  elasticsearch === undefined ? [] : checkElasticsearchSettings(elasticsearch);

export const checkReconcile: CrossCheck<typeof reconcileSettings> = (values) => [
  ...checkElasticsearch(values),
  ...(values.genesys === undefined ? [] : checkGenesysSettings(values.genesys)),
  ...(values.place === undefined ? [] : checkAuditPlaces(values.place)),
];
