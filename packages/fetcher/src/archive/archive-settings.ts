import {
  archiveWindowSettings,
  type CrossCheck,
  queueWorkerSettings,
  s3Settings,
  secondsAsMs,
  setting,
  stageSettings,
  type Values,
  wholeNumber,
} from '@trunkline/service';
import { z } from 'zod';

const storageClasses = [
  'STANDARD',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER_IR',
  'GLACIER',
  'DEEP_ARCHIVE',
] as const;

/** Minute, hour, day, month, weekday, with seconds before them where wanted; what they mean is BullMQ's to judge. */
const cron = z
  .string()
  .regex(/^\S+( \S+){4,5}$/, 'must be a cron pattern of five or six parts, such as */10 * * * *');

/** Which windows are planned when, and how they are fetched. */
const fetchSettings = {
  planCron: setting({
    env: 'ARCHIVE_PLAN_CRON',
    schema: cron,
    default: '*/10 * * * *',
    summary: 'when windows that are due are looked for (cron, UTC)',
  }),
  source: setting({
    env: 'ARCHIVE_SOURCE',
    schema: z.enum(
      ['auto', 'analytics-query', 'analytics-jobs'],
      'must be auto, analytics-query or analytics-jobs',
    ),
    default: 'auto',
    summary:
      'platform: where conversations come from: `analytics-query` (details query), `analytics-jobs` (asynchronous jobs on the data lake), or `auto`: jobs for windows of a day and longer that the lake already has, else the query',
  }),
  pageSize: setting({
    env: 'ARCHIVE_PAGE_SIZE',
    schema: wholeNumber(1, 100_000),
    default: '100',
    summary:
      'conversations a page of the archive query; smaller where Genesys answers 429; with the platform contract what a kill costs at most (a query takes 100, a job 1000)',
  }),
  conversationsAtOnce: setting({
    env: 'ARCHIVE_CONVERSATIONS_AT_ONCE',
    schema: wholeNumber(1, 100),
    default: '4',
    summary:
      'platform: conversations of a window whose transcripts and messages are asked for at a time; each is in memory as a whole',
  }),
  textWaitMs: setting({
    env: 'ARCHIVE_TEXT_WAIT_SECONDS',
    schema: z.union([z.literal('never').transform(() => null), secondsAsMs(0)]),
    default: '604800',
    summary:
      'platform: how long a window is held back for texts that Genesys does not give (a transcript in the making, a message that it lists), from the first time on; then it goes on without them, which its documents, manifest and records tell. `never`: until a person releases it',
  }),
  storageClass: setting({
    env: 'ARCHIVE_STORAGE_CLASS',
    schema: z.enum(storageClasses, `must be one of ${storageClasses.join(', ')}`),
    default: 'STANDARD_IA',
    summary: 'storage class of archived objects, and directive of the archive query',
  }),
  batchConversations: setting({
    env: 'ARCHIVE_BATCH_CONVERSATIONS',
    schema: wholeNumber(1, 100_000),
    default: '500',
    summary: 'conversations of a batch, at most: a batch is an object in the bucket',
  }),
  batchBytes: setting({
    env: 'ARCHIVE_BATCH_BYTES',
    schema: wholeNumber(1_024),
    default: String(16 * 1024 * 1024),
    summary: 'bytes of a batch before redaction, at most; a larger conversation is a batch of its own',
  }),
  concurrency: setting({
    env: 'ARCHIVE_FETCH_CONCURRENCY',
    schema: wholeNumber(1, 100),
    default: '2',
    summary: 'windows that one fetcher downloads at a time, of each organisation',
  }),
} as const;

/** What a fetcher needs for the archive pipeline alone. */
export const archivePipelineSettings = {
  archive: { ...archiveWindowSettings, ...fetchSettings },
  stage: stageSettings,
  s3: s3Settings,
  archiveWorker: {
    lockDurationMs: queueWorkerSettings.lockDurationMs,
    stalledIntervalMs: queueWorkerSettings.stalledIntervalMs,
  },
} as const;

export type ArchivePipelineConfig = Values<typeof archivePipelineSettings>;

/** Rules over several of them. */
export const checkArchiveSettings: CrossCheck<typeof archivePipelineSettings> = ({ archiveWorker }) =>
  archiveWorker !== undefined && archiveWorker.stalledIntervalMs > archiveWorker.lockDurationMs
    ? ['WORKER_STALLED_INTERVAL_SECONDS must not be longer than WORKER_LOCK_SECONDS']
    : [];
