import {
  AnalyticsJobsSource,
  AnalyticsQuerySource,
  type ArchiveSource,
  ChosenArchiveSource,
  ConversationDetailsSource,
  type GenesysConnection,
} from '@trunkline/genesys';
import type { genesysSettings, Values } from '@trunkline/service';
import type { ArchivePipelineConfig } from './archive-settings.ts';

/** What the archive pipeline needs to know of the way to Genesys. */
export type ArchiveGenesysSettings = Pick<
  Values<typeof genesysSettings>,
  'contract' | 'backoffMinMs' | 'backoffMaxMs' | 'maxPageBytes'
>;

/** Longest wait between two attempts at a download that broke off (ms). */
const longestBackoffMs = 30_000;

/** How something is waited for that Genesys is still making (ms). */
const waits = { minMs: 1_000, maxMs: 10_000, parkMs: 600_000 };

/** The waits behind interruptions of a download (ms). */
export function downloadBackoff({ backoffMinMs, backoffMaxMs }: ArchiveGenesysSettings) {
  return { backoffMinMs, backoffMaxMs: Math.min(backoffMaxMs, longestBackoffMs) };
}

/** Where conversations come from: by the contract, and with the platform's by ARCHIVE_SOURCE. */
export function archiveSource(
  genesys: GenesysConnection,
  settings: ArchiveGenesysSettings,
  { source, conversationsAtOnce }: ArchivePipelineConfig['archive'],
): ArchiveSource {
  if (settings.contract === 'guide') return new ConversationDetailsSource(genesys.open);
  const terms = {
    connection: genesys,
    conversationsAtOnce,
    documents: { maxBytes: settings.maxPageBytes, ...downloadBackoff(settings) },
    waits,
  };
  switch (source) {
    case 'auto':
      return new ChosenArchiveSource(terms);
    case 'analytics-query':
      return new AnalyticsQuerySource(terms);
    case 'analytics-jobs':
      return new AnalyticsJobsSource(terms);
    default:
      return source satisfies never;
  }
}
