import type { Pipeline } from '@trunkline/contracts';
import {
  auditSourceSettings,
  type CrossCheck,
  checkElasticsearchSettings,
  checkGenesysSettings,
  commaList,
  elasticsearchSettings,
  genesysSettings,
  loadSettings,
  organisationsSettings,
  payloadSettings,
  processSettings,
  queueWorkerSettings,
  redisSettings,
  type SettingGroup,
  secondsAsMs,
  setting,
  type Values,
  wholeNumber,
} from '@trunkline/service';
import { z } from 'zod';
import {
  type ArchivePipelineConfig,
  archivePipelineSettings,
  checkArchiveSettings,
} from './archive/archive-settings.ts';

/** How often it is polled, and when polling holds back. */
const pollingSettings = {
  pollIntervalMs: setting({
    env: 'AUDIT_POLL_INTERVAL_SECONDS',
    schema: secondsAsMs(0.2, 3_600),
    default: '5',
    summary: 'wait between polls when the stream is drained (5-10 s advised)',
  }),
  probeIntervalMs: setting({
    env: 'GENESYS_PROBE_SECONDS',
    schema: secondsAsMs(0.2, 86_400),
    default: '300',
    summary: 'how often wrong credentials or a missing permission are tried again',
  }),
  leaseTtlMs: setting({
    env: 'LEASE_TTL_SECONDS',
    schema: secondsAsMs(1, 3_600),
    default: '15',
    summary: 'how long the lease of a fetcher that died keeps others waiting',
  }),
  leaseRenewMs: setting({
    env: 'LEASE_RENEW_SECONDS',
    schema: secondsAsMs(0.2, 1_200),
    default: '5',
    summary: 'how often the lease is renewed, and tried for by those who wait',
  }),
  auditIntervalMs: setting({
    env: 'RECOVERY_AUDIT_SECONDS',
    schema: secondsAsMs(0.5, 86_400),
    default: '60',
    summary: 'how often the holder looks for batches that are missing from the queue',
  }),
  checkpointIntervalMs: setting({
    env: 'CHECKPOINT_INTERVAL_SECONDS',
    schema: secondsAsMs(0.2, 3_600),
    default: '5',
    summary: 'how often, at most, the indexed cursor is mirrored to Elasticsearch',
  }),
  highWater: setting({
    env: 'QUEUE_HIGH_WATER',
    schema: wholeNumber(1),
    default: '2000',
    summary: 'batches on the queue from which on new ones go to the spool',
  }),
  lowWater: setting({
    env: 'QUEUE_LOW_WATER',
    schema: wholeNumber(0),
    default: '1000',
    summary: 'batches on the queue below which the spool is drained',
  }),
  spoolDir: setting({
    env: 'SPOOL_DIR',
    schema: z.string(),
    default: '/var/lib/trunkline/spool',
    summary:
      'folder for batches that the queue has no room for (sealed); on a disk that outlives the process',
  }),
  spoolMaxBytes: setting({
    env: 'SPOOL_MAX_BYTES',
    schema: wholeNumber(1_048_576),
    default: String(2 * 1024 ** 3),
    summary: 'size at which the spool is full and polling waits',
  }),
  spoolMaxDiskPercent: setting({
    env: 'SPOOL_MAX_DISK_PERCENT',
    schema: wholeNumber(1, 100),
    default: '80',
    summary: 'share of its disk in use at which the spool counts as full',
  }),
} as const;

/** Which of the two pipelines a process works for. */
const pipelineSettings = {
  pipelines: setting({
    env: 'FETCHER_PIPELINES',
    schema: commaList(z.enum(['audit', 'archive'], 'must name audit, archive or both')),
    default: 'audit,archive',
    summary:
      'what a fetcher does: `audit` polls the event stream, `archive` plans and fetches conversation archives. What only the other one needs is then not asked for',
  }),
} as const;

/** What a fetcher needs whatever it does. */
const commonSettings = {
  process: processSettings,
  organisations: organisationsSettings,
  fetcher: pipelineSettings,
  redis: redisSettings,
  genesys: genesysSettings,
  payload: payloadSettings,
  worker: { attempts: queueWorkerSettings.attempts },
} as const;

/** What it needs for the audit pipeline alone. */
const auditPipelineSettings = {
  audit: { ...auditSourceSettings, ...pollingSettings },
  elasticsearch: elasticsearchSettings,
} as const;

/** All settings that a fetcher takes. */
export const fetcherSettings = {
  ...commonSettings,
  ...auditPipelineSettings,
  ...archivePipelineSettings,
} as const;

type CommonConfig = Values<typeof commonSettings>;
type AuditPipelineConfig = Values<typeof auditPipelineSettings>;
export type FetcherConfig = CommonConfig & AuditPipelineConfig;

export interface LoadedSettings {
  common: CommonConfig;
  /** `null`: this process does not work for the pipeline. */
  audit: AuditPipelineConfig | null;
  archive: ArchivePipelineConfig | null;
  /** The settings that were asked for. */
  settings: SettingGroup;
}

/**
 * Reads the settings of the pipelines that this process works for.
 * @throws TrunklineError CONFIG_INVALID whose message names every problem, those of the pipelines too where these can be told
 */
export function loadFetcherSettings(env: NodeJS.ProcessEnv): LoadedSettings {
  const works = pipelinesOf(env);
  const settings = {
    ...commonSettings,
    ...(works.has('audit') ? auditPipelineSettings : {}),
    ...(works.has('archive') ? archivePipelineSettings : {}),
  };
  // A group that was left out is `undefined` in the checks, like one that could not be read.
  const all = loadSettings<SettingGroup>(settings, env, checkFetcherSettings as CrossCheck<SettingGroup>);
  return {
    common: all as unknown as CommonConfig,
    audit: works.has('audit') ? (all as unknown as AuditPipelineConfig) : null,
    archive: works.has('archive') ? (all as unknown as ArchivePipelineConfig) : null,
    settings,
  };
}

/** None where the setting cannot be read: that is told when all are. */
function pipelinesOf(env: NodeJS.ProcessEnv): Set<Pipeline> {
  try {
    return new Set(loadSettings(pipelineSettings, env).pipelines);
  } catch {
    return new Set();
  }
}

/** Rules over several of the fetcher's settings. */
const checkFetcherSettings: CrossCheck<typeof fetcherSettings> = (values) => {
  const { genesys, audit, elasticsearch, archiveWorker } = values;
  const problems: string[] = [];
  if (elasticsearch !== undefined) problems.push(...checkElasticsearchSettings(elasticsearch));
  if (genesys !== undefined) problems.push(...checkGenesysSettings(genesys));
  if (audit && audit.lowWater >= audit.highWater) {
    problems.push('QUEUE_LOW_WATER must be below QUEUE_HIGH_WATER');
  }
  if (audit && audit.leaseRenewMs * 2 > audit.leaseTtlMs) {
    problems.push('LEASE_RENEW_SECONDS must be at most half of LEASE_TTL_SECONDS');
  }
  if (archiveWorker !== undefined) problems.push(...checkArchiveSettings({ archiveWorker }));
  return problems;
};
