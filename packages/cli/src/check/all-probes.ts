/** Which probes a deployment needs, from what its environment says of it. */
import type { EncryptionChoice } from '@trunkline/archive-store';
import { TrunklineError } from '@trunkline/contracts';
import { fetcherSettings } from '@trunkline/fetcher';
import { indexerSettings } from '@trunkline/indexer';
import {
  archivedMediaTypes,
  archiveWindowSettings,
  auditSourceSettings,
  checkElasticsearchSettings,
  checkGenesysSettings,
  complianceSearchSettings,
  elasticsearchSettings,
  genesysSettings,
  loadSettings,
  payloadSettings,
  processSettings,
  redisSettings,
  type SettingGroup,
  SettingsProblems,
  s3Settings,
  stageSettings,
  type Values,
} from '@trunkline/service';
import { uploaderSettings } from '@trunkline/uploader';
import type { Redis } from 'ioredis';
import type { ProcessName } from '../settings/processes.ts';
import type { Probe } from './probe.ts';
import { bucketProbes } from './probes/bucket.ts';
import { configuration, configurationProbe } from './probes/configuration.ts';
import { elasticsearchProbes } from './probes/elasticsearch.ts';
import { genesysProbes } from './probes/genesys.ts';
import { payloadKeyProbe } from './probes/payload-key.ts';
import { redisProbes } from './probes/redis.ts';
import { stageProbe } from './probes/stage.ts';
import { webhookProbe } from './probes/webhook.ts';

export interface ProbeParts {
  readonly env: NodeJS.ProcessEnv;
  /** ms since 1970. */
  readonly now: () => number;
  readonly openRedis: (settings: Values<typeof redisSettings>) => Promise<Redis>;
  /** Takes what probes open. */
  readonly opened: AsyncDisposableStack;
}

/** The pipelines that a deployment runs, by FETCHER_PIPELINES. */
interface Pipelines {
  readonly audit: boolean;
  readonly archive: boolean;
}

/**
 * A part of which the settings cannot be read has no probes but a line that says so: which of them is wrong tells the
 * configuration's own.
 */
export function allProbes(parts: ProbeParts): Probe[] {
  const { env } = parts;
  const works = pipelinesOf(env);
  const redis = redisOf(parts);
  return [
    configurationProbe(env, processesOf(works)),
    ...ofRedis(parts, redis),
    ...opening('genesys login', () => ofGenesys(parts, works, redis)),
    ...opening('elasticsearch', () => ofElasticsearch(parts, works)),
    ...(works.archive ? [...ofBucket(parts), ...ofStage(parts), ...ofWebhook(parts)] : []),
  ];
}

/** What cannot even be set up (a certificate that cannot be read) is a line of the table too. */
function opening(name: string, probes: () => Probe[]): Probe[] {
  try {
    return probes();
  } catch (error) {
    if (!(error instanceof TrunklineError)) throw error;
    return [{ name, needs: [], attempt: () => Promise.reject(error) }];
  }
}

function pipelinesOf(env: NodeJS.ProcessEnv): Pipelines {
  const named = read({ pipelines: fetcherSettings.fetcher.pipelines }, env)?.pipelines ?? [
    'audit',
    'archive',
  ];
  return { audit: named.includes('audit'), archive: named.includes('archive') };
}

function processesOf({ audit, archive }: Pipelines): ProcessName[] {
  return [
    'fetcher',
    ...(audit ? (['indexer'] as const) : []),
    ...(archive ? (['redactor', 'uploader'] as const) : []),
    'dashboard',
  ];
}

/** How Redis is reached, once for all who ask; `null`: its settings cannot be read. */
function redisOf({ env, openRedis }: ProbeParts): (() => Promise<Redis>) | null {
  const config = read({ redis: redisSettings }, env);
  if (config === null) return null;
  let opening: Promise<Redis> | null = null;
  return () => {
    opening ??= openRedis(config.redis);
    return opening;
  };
}

function ofRedis({ env, now }: ProbeParts, redis: (() => Promise<Redis>) | null): Probe[] {
  const config = read({ process: { deployment: processSettings.deployment } }, env);
  if (config === null || redis === null) return [unread('redis')];
  return redisProbes(redis, config.process.deployment, now, []);
}

function ofGenesys(
  { env, now, opened }: ProbeParts,
  { audit, archive }: Pipelines,
  redis: (() => Promise<Redis>) | null,
): Probe[] {
  const { filters, pageLimit, replayWindowMs } = auditSourceSettings;
  const config = read(
    {
      genesys: genesysSettings,
      stream: { filters, pageLimit, replayWindowMs },
      archive: { mediaTypes: archiveWindowSettings.mediaTypes },
      process: { deployment: processSettings.deployment },
    },
    env,
    ({ genesys }) => (genesys === undefined ? [] : checkGenesysSettings(genesys)),
  );
  if (config === null) return [unread('genesys login')];
  const { genesys: settings, stream, process } = config;
  const mediaTypes = archive ? archivedMediaTypes(config.archive, settings) : null;
  return genesysProbes(
    { settings, stream, deployment: process.deployment, audit, mediaTypes },
    opened,
    // Without it the check keeps to a part of the allowance by itself.
    async () => (redis === null ? null : redis().catch(() => null)),
    now,
    [],
  );
}

function ofElasticsearch({ env, opened }: ProbeParts, { audit, archive }: Pipelines): Probe[] {
  const search = archive ? read({ compliance: complianceSearchSettings }, env)?.compliance : undefined;
  const complianceIndex = search?.search === 'elasticsearch' ? search.index : null;
  if (!audit && complianceIndex === null) return [];
  const { retentionDays, requiredHealth, healthScope } = indexerSettings.indexing;
  const config = read(
    { elasticsearch: elasticsearchSettings, indexing: { retentionDays, requiredHealth, healthScope } },
    env,
    ({ elasticsearch }) => (elasticsearch === undefined ? [] : checkElasticsearchSettings(elasticsearch)),
  );
  if (config === null) return [unread('elasticsearch')];
  const indexing = audit ? config.indexing : null;
  const probes = elasticsearchProbes(
    { settings: config.elasticsearch, indexing, complianceIndex },
    opened,
    [],
  );
  const payload = audit ? read({ payload: payloadSettings }, env) : null;
  if (payload === null) return probes;
  return [...probes, payloadKeyProbe(config.elasticsearch, payload.payload.payloadKeys, opened)];
}

function ofBucket({ env, now, opened }: ProbeParts): Probe[] {
  const { encryption, kmsKeyId } = uploaderSettings.storing;
  const config = read({ s3: s3Settings, storing: { encryption, kmsKeyId } }, env);
  if (config === null) return [unread('bucket')];
  const choice: EncryptionChoice =
    config.storing.encryption === 'AES256'
      ? { algorithm: 'AES256' }
      : { algorithm: 'aws:kms', keyId: config.storing.kmsKeyId };
  return bucketProbes(config.s3, choice, opened, now, []);
}

function ofStage({ env, opened }: ProbeParts): Probe[] {
  const config = read({ stage: stageSettings, payload: payloadSettings, s3: s3Settings }, env);
  if (config === null) return [unread('stage')];
  const { stage, payload, s3 } = config;
  return [stageProbe({ ...stage, payloadKeys: payload.payloadKeys, s3 }, opened, [])];
}

function ofWebhook({ env }: ProbeParts): Probe[] {
  const { url, allowPrivate } = uploaderSettings.notify;
  const config = read({ notify: { url, allowPrivate } }, env);
  return [config === null ? unread('webhook') : webhookProbe(config.notify, [])];
}

/** A probe that is never made: its settings are what is wrong. */
function unread(name: string): Probe {
  return {
    name,
    needs: [configuration],
    attempt: () => Promise.reject(new Error('its settings can be read')),
  };
}

/** `null` where they cannot be read. */
function read<G extends SettingGroup>(
  group: G,
  env: NodeJS.ProcessEnv,
  check?: Parameters<typeof loadSettings<G>>[2],
): Values<G> | null {
  try {
    return loadSettings(group, env, check);
  } catch (error) {
    if (error instanceof SettingsProblems) return null;
    throw error;
  }
}
