import { z } from 'zod';
import {
  type CrossCheck,
  commaList,
  httpUrl,
  optionalSetting,
  secondsAsMs,
  setting,
  wholeNumber,
} from './setting.ts';

const indexName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,100}$/, 'must be lower-case letters, digits, dots, dashes or underscores');

/** How Elasticsearch is reached, and which names Trunkline uses there. */
export const elasticsearchSettings = {
  urls: optionalSetting({
    env: 'ELASTICSEARCH_URL',
    schema: commaList(httpUrl),
    summary: 'Elasticsearch 8 or 9, one URL or several with commas (or ELASTICSEARCH_CLOUD_ID)',
  }),
  cloudId: optionalSetting({
    env: 'ELASTICSEARCH_CLOUD_ID',
    schema: z.string(),
    summary: 'Elastic Cloud deployment, in place of ELASTICSEARCH_URL',
  }),
  apiKey: optionalSetting({
    env: 'ELASTICSEARCH_API_KEY',
    schema: z.string(),
    secret: true,
    summary: 'API key (the encoded form)',
  }),
  username: optionalSetting({
    env: 'ELASTICSEARCH_USERNAME',
    schema: z.string(),
    summary: 'user, in place of an API key',
  }),
  password: optionalSetting({
    env: 'ELASTICSEARCH_PASSWORD',
    schema: z.string(),
    secret: true,
    summary: "the user's password",
  }),
  caFile: optionalSetting({
    env: 'ELASTICSEARCH_CA_FILE',
    schema: z.string(),
    summary: "file with the CA certificate of the cluster's own authority (PEM)",
  }),
  timeoutMs: setting({
    env: 'ELASTICSEARCH_TIMEOUT_SECONDS',
    schema: secondsAsMs(1, 600),
    default: '30',
    summary: 'longest wait for an answer of Elasticsearch',
  }),
  indexPrefix: setting({
    env: 'AUDIT_INDEX_PREFIX',
    schema: indexName,
    default: 'genesys-audit-',
    summary: 'start of the daily indices; the date follows as `2026.11.22`',
  }),
  alias: setting({
    env: 'AUDIT_READ_ALIAS',
    schema: indexName,
    default: 'genesys-audit-logs',
    summary: 'alias to read all audit events by',
  }),
  stateIndex: setting({
    env: 'STATE_INDEX',
    schema: indexName,
    default: 'trunkline-state',
    summary: 'index of checkpoints and gap records',
  }),
  deadLetterIndex: setting({
    env: 'DEAD_LETTER_INDEX',
    schema: indexName,
    default: 'trunkline-dead-letters',
    summary: 'index of dead letters (bodies encrypted)',
  }),
  shards: setting({
    env: 'AUDIT_SHARDS',
    schema: wholeNumber(1, 1_024),
    default: '3',
    summary: 'primary shards of a daily index',
  }),
  replicas: setting({
    env: 'AUDIT_REPLICAS',
    schema: wholeNumber(0, 10),
    default: '1',
    summary: 'replicas of a daily index (0 on a cluster of one data node)',
  }),
} as const;

/** Rules over several Elasticsearch settings. */
export const checkElasticsearchSettings: CrossCheck<typeof elasticsearchSettings> = (values) => {
  const problems: string[] = [];
  const { urls, cloudId, apiKey, username, password } = values;
  if (urls === null && cloudId === null)
    problems.push('ELASTICSEARCH_URL or ELASTICSEARCH_CLOUD_ID is missing');
  if (urls && cloudId)
    problems.push('ELASTICSEARCH_URL and ELASTICSEARCH_CLOUD_ID are both set: keep one of them');
  if (apiKey && username)
    problems.push('ELASTICSEARCH_API_KEY and ELASTICSEARCH_USERNAME are both set: keep one of them');
  if (username && password === null)
    problems.push('ELASTICSEARCH_PASSWORD is missing for ELASTICSEARCH_USERNAME');
  return problems;
};
