import type { SystemNames } from '../system-settings.ts';

export interface ArchivePlacesOfSystem {
  /** STAGE_URL. */
  stageUrl: string;
  /** Where completion events go. */
  eventBridgeUrl: string;
  /** The settings of the bucket, see `OwnBucket`. */
  bucket: Record<string, string>;
  tokenizationKey: string;
  mediaTypes: readonly string[];
}

/**
 * What the processes of the archive pipeline have over `systemEnvironment`: small batches, so that a few dozen conversations make
 * several, and short waits.
 */
export function archiveEnvironment(
  names: SystemNames,
  { stageUrl, eventBridgeUrl, bucket, tokenizationKey, mediaTypes }: ArchivePlacesOfSystem,
): Record<string, string> {
  return {
    ...bucket,
    FETCHER_PIPELINES: 'archive',
    STAGE_URL: stageUrl,
    TOKENIZATION_KEY: tokenizationKey,
    EVENT_BRIDGE_URL: eventBridgeUrl,
    EVENT_BRIDGE_ALLOW_PRIVATE: 'true',
    ARCHIVE_MEDIA_TYPES: mediaTypes.join(','),
    COMPLIANCE_INDEX: complianceIndexOf(names),
    // A test asks for its windows itself, beside the one that a fetcher plans at its start.
    ARCHIVE_PLAN_CRON: '0 0 29 2 *',
    ARCHIVE_SETTLE_SECONDS: '0',
    ARCHIVE_BATCH_CONVERSATIONS: '8',
    BUCKET_GATE_MAX_AGE_SECONDS: '0.5',
    REDACTOR_THREADS: '1',
  };
}

export function complianceIndexOf(names: SystemNames): string {
  return `${names.id}-compliance`;
}
