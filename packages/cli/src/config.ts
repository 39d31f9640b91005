import {
  archiveWindowSettings,
  auditPlaceSettings,
  auditSourceSettings,
  type CrossCheck,
  checkAuditPlaces,
  checkElasticsearchSettings,
  checkGenesysSettings,
  complianceSearchSettings,
  elasticsearchSettings,
  genesysSettings,
  optionalSetting,
  payloadSettings,
  processSettings,
  queueWorkerSettings,
  redisSettings,
  s3Settings,
  stageSettings,
  tokenFormSettings,
  tokenSettings,
  type Values,
} from '@trunkline/service';
import { z } from 'zod';

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

/** What asking for a range of audit events needs: which contract and what rate the fetchers have, where requests are kept. */
export const auditBackfillSettings = {
  process: deployment,
  redis: redisSettings,
  genesys: { contract: genesysSettings.contract, ratePerSecond: genesysSettings.ratePerSecond },
  audit: { stream: auditSourceSettings.stream },
  elasticsearch: elasticsearchSettings,
} as const;

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

/** What looking into queues, pausing them and retrying their jobs needs; dead letters of the archive stand on theirs. */
export const queueSettings = { process: deployment, redis: redisSettings } as const;

/** The rules over several Elasticsearch settings, for every command that reads them. */
export const checkElasticsearch: CrossCheck<typeof letterSettings> = ({ elasticsearch }) =>
  elasticsearch === undefined ? [] : checkElasticsearchSettings(elasticsearch);

export const checkReconcile: CrossCheck<typeof reconcileSettings> = (values) => [
  ...checkElasticsearch(values),
  ...(values.genesys === undefined ? [] : checkGenesysSettings(values.genesys)),
  ...(values.place === undefined ? [] : checkAuditPlaces(values.place)),
];

/** As `checkElasticsearch`, for commands that do without Elasticsearch where a deployment does not tell of it. */
export const checkKnownElasticsearch: CrossCheck<typeof worklistSettings> = ({ elasticsearch }) =>
  elasticsearch === undefined || (elasticsearch.urls === null && elasticsearch.cloudId === null)
    ? []
    : checkElasticsearchSettings(elasticsearch);

export const tokenizationKeySettings = { tokens: { keyId: tokenSettings.keyId } } as const;

/** What asking for a range of windows needs; what only `--wait` needs is in `backfillWaitSettings`. */
export const backfillSettings = {
  process: deployment,
  redis: redisSettings,
  genesys: { contract: genesysSettings.contract },
  archive: { windowMs: archiveWindowSettings.windowMs, mediaTypes: archiveWindowSettings.mediaTypes },
  worker: { attempts: queueWorkerSettings.attempts },
} as const;
export type BackfillConfig = Values<typeof backfillSettings>;

/** What deciding about one window needs: a fetcher does it. */
export const windowActSettings = {
  process: deployment,
  redis: redisSettings,
  worker: { attempts: queueWorkerSettings.attempts },
} as const;

/** Whether a window is done is told by its manifest, in the bucket. */
export const backfillWaitSettings = { ...backfillSettings, s3: s3Settings } as const;

/** What reading the archive back needs. */
export const archiveReadSettings = { s3: s3Settings } as const;

/** What making a person's token needs. */
export const personSettings = { tokens: tokenSettings, tokenForm: tokenFormSettings } as const;
export type PersonConfig = Values<typeof personSettings>;

export const archiveFindSettings = { s3: s3Settings, ...personSettings } as const;

/** The compliance chain's key is made from that of the tokens; its copy in Elasticsearch is its witness. */
export const archiveVerifySettings = {
  s3: s3Settings,
  tokens: tokenSettings,
  compliance: complianceSearchSettings,
} as const;

export const witnessSettings = { elasticsearch: elasticsearchSettings } as const;

export const archiveEraseSettings = {
  process: deployment,
  redis: redisSettings,
  s3: s3Settings,
  worker: { attempts: queueWorkerSettings.attempts },
} as const;

/** Their conversations lie sealed in the stage. */
export const sealedArchiveLetterSettings = {
  ...queueSettings,
  stage: { url: stageSettings.url, kmsKeyArn: stageSettings.kmsKeyArn },
  payload: payloadSettings,
} as const;

/** What discarding one puts on the compliance record. */
export const archiveDiscardSettings = {
  ...sealedArchiveLetterSettings,
  worker: { attempts: queueWorkerSettings.attempts },
} as const;

/** Who acts, for records and for the access log. */
export const commandLineSettings = {
  operator: optionalSetting({
    env: 'TRUNKLINE_OPERATOR',
    schema: z.string().regex(/^[\w.@+-]{1,64}$/, 'must be 1-64 letters, digits or . _ @ + -'),
    summary: 'who acts, in records and the access log; left out: user and host, as `user@host`',
  }),
} as const;

/** Where the stage is a bucket of its own: how S3 is reached. */
export const stageBucketSettings = {
  s3: {
    region: s3Settings.region,
    endpoint: s3Settings.endpoint,
    forcePathStyle: s3Settings.forcePathStyle,
  },
} as const;
