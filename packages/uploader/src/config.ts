import {
  type CrossCheck,
  checkElasticsearchSettings,
  complianceSearchSettings,
  elasticsearchSettings,
  httpUrl,
  loadSettings,
  optionalSetting,
  organisationsSettings,
  payloadSettings,
  processSettings,
  queueWorkerSettings,
  redisSettings,
  s3Settings,
  secondsAsMs,
  setting,
  stageSettings,
  tokenSettings,
  type Values,
  wholeNumber,
  yesOrNo,
} from '@trunkline/service';
import { z } from 'zod';

/** How archives are stored. */
const storingSettings = {
  format: setting({
    env: 'ARCHIVE_FORMAT',
    schema: z.enum(['gzip', 'zstd', 'plain'], 'must be gzip, zstd or plain'),
    default: 'gzip',
    summary:
      'compression of stored conversations: `gzip`, `zstd` or `plain` (ARCHIVE_LAYOUT=guide is always plain)',
  }),
  layout: setting({
    env: 'ARCHIVE_LAYOUT',
    schema: z.enum(['batches', 'guide'], 'must be batches or guide'),
    default: 'batches',
    summary: '`batches`: NDJSON objects of some hundred conversations; `guide`: one JSON array a window',
  }),
  encryption: setting({
    env: 'ARCHIVE_SSE',
    schema: z.enum(['AES256', 'aws:kms'], 'must be AES256 or aws:kms'),
    default: 'AES256',
    summary: 'encryption that is asked for with every object: `AES256` or `aws:kms`',
  }),
  kmsKeyId: optionalSetting({
    env: 'ARCHIVE_KMS_KEY_ID',
    schema: z.string(),
    summary: "KMS key for ARCHIVE_SSE=aws:kms (id, ARN or alias); by default the account's own for S3",
  }),
  gateMaxAgeMs: setting({
    env: 'BUCKET_GATE_MAX_AGE_SECONDS',
    schema: secondsAsMs(0.1, 60),
    default: '60',
    summary: "how long a look at the bucket's settings counts, and the longest wait after a failure of S3",
  }),
  uploadsAtOnce: setting({
    env: 'UPLOADS_AT_ONCE',
    schema: wholeNumber(1, 64),
    default: '2',
    summary: 'batches that one uploader stores at a time; each takes 30 to 50 MB of memory',
  }),
} as const;

/** Where completion events go. */
const notifySettings = {
  url: optionalSetting({
    env: 'EVENT_BRIDGE_URL',
    schema: httpUrl,
    // Many receivers take whoever knows the address.
    secret: true,
    summary: 'webhook that is told of every archived window; without it nobody is told',
  }),
  secret: optionalSetting({
    env: 'EVENT_BRIDGE_SECRET',
    schema: z
      .string()
      .regex(
        /^(whsec_)?[A-Za-z0-9+/]{32,}={0,2}$/,
        'must be base64 of at least 24 bytes, with or without `whsec_`',
      ),
    secret: true,
    summary: 'signs completion events (Standard Webhooks): base64 of at least 24 bytes',
  }),
  allowPrivate: setting({
    env: 'EVENT_BRIDGE_ALLOW_PRIVATE',
    schema: yesOrNo,
    default: 'false',
    summary: 'whether the webhook may lie at a private, loopback or link-local address',
  }),
  retryMs: setting({
    env: 'NOTIFY_RETRY_SECONDS',
    schema: secondsAsMs(1, 30 * 86_400),
    default: '86400',
    summary: 'how long a completion event is tried before it stands failed',
  }),
  timeoutMs: setting({
    env: 'NOTIFY_TIMEOUT_SECONDS',
    schema: secondsAsMs(0.5, 120),
    default: '15',
    summary: "longest wait for the webhook's answer",
  }),
} as const;

export const uploaderSettings = {
  process: processSettings,
  organisations: organisationsSettings,
  redis: redisSettings,
  s3: s3Settings,
  stage: stageSettings,
  payload: payloadSettings,
  tokens: tokenSettings,
  storing: storingSettings,
  compliance: complianceSearchSettings,
  elasticsearch: elasticsearchSettings,
  notify: notifySettings,
  worker: queueWorkerSettings,
} as const;

export type UploaderConfig = Values<typeof uploaderSettings>;

/** @throws TrunklineError CONFIG_INVALID */
export function loadUploaderSettings(env: NodeJS.ProcessEnv): UploaderConfig {
  return loadSettings(uploaderSettings, env, checkUploaderSettings);
}

/** Rules over several of the uploader's settings. */
const checkUploaderSettings: CrossCheck<typeof uploaderSettings> = ({
  elasticsearch,
  compliance,
  storing,
  worker,
}) => {
  const problems: string[] = [];
  if (elasticsearch !== undefined && compliance?.search === 'elasticsearch') {
    problems.push(
      ...checkElasticsearchSettings(elasticsearch).map(
        (problem) => `${problem} (or set COMPLIANCE_SEARCH=none)`,
      ),
    );
  }
  if (storing?.encryption === 'AES256' && storing.kmsKeyId !== null && storing.kmsKeyId !== undefined) {
    problems.push('ARCHIVE_KMS_KEY_ID is set, and ARCHIVE_SSE is not aws:kms');
  }
  if (worker?.lockDurationMs !== undefined && worker.stalledIntervalMs > worker.lockDurationMs) {
    problems.push('WORKER_STALLED_INTERVAL_SECONDS must not be longer than WORKER_LOCK_SECONDS');
  }
  return problems;
};
