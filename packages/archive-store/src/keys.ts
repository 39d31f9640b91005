import { createHash } from 'node:crypto';

export type ArchiveFormat = 'gzip' | 'zstd' | 'plain';

const endings: Record<ArchiveFormat, string> = {
  gzip: '.ndjson.gz',
  zstd: '.ndjson.zst',
  plain: '.ndjson',
};

/** How an object of conversations is written, from its key: a window may hold objects of several formats after a change of setting. */
export function formOf(key: string): { format: ArchiveFormat; layout: 'batches' | 'guide' } {
  if (key.endsWith('.json')) return { format: 'plain', layout: 'guide' };
  return {
    format: key.endsWith('.gz') ? 'gzip' : key.endsWith('.zst') ? 'zstd' : 'plain',
    layout: 'batches',
  };
}

/**
 * Where everything of the archive lies in its bucket. All keys start with S3_PREFIX, those of an organisation's windows with its own
 * prefix behind it; the compliance chain is one for all.
 */
export class ArchiveKeys {
  /** Start of all keys. */
  readonly prefix: string;
  /** Start of all keys of windows. */
  readonly ofWindows: string;

  /**
   * @param prefix S3_PREFIX: empty, or ending in `/`
   * @param keyPrefix ARCHIVE_KEY_PREFIX, likewise
   */
  constructor(prefix: string, keyPrefix: string = '') {
    this.prefix = prefix;
    this.ofWindows = `${prefix}${keyPrefix}`;
  }

  /**
   * One batch of a window. The digest of its source keeps attempts with another source apart, the generation those whose
   * result differs (another engine version, another key, an erasure).
   */
  batch(
    windowId: string,
    batch: string,
    sourceSha256: string,
    generation: number,
    format: ArchiveFormat,
  ): string {
    const name = `${batch}-${sourceSha256.slice(0, 12)}-g${generation}${endings[format]}`;
    return `${this.archives(dayOf(windowId))}${windowId}/${name}`;
  }

  /**
   * A window as one JSON array (ARCHIVE_LAYOUT=guide): `archives/2026-11-21.json`, shorter windows with `T<hhmm>`, other media
   * types with their names.
   * @param batch of a conversation that was a dead letter, stored beside the array
   */
  guide(windowId: string, generation: number, batch: string | null = null): string {
    const [, time = '', media = ''] = /^BATCH_\d{8}(?:_(\d{4}))?(?:_([a-z+]+))?(?:\.|$)/.exec(windowId) ?? [];
    const name = [
      dayOf(windowId),
      time === '' ? '' : `T${time}`,
      media === '' ? '' : `_${media}`,
      batch === null ? '' : `.${batch}`,
      generation === 1 ? '' : `.g${generation}`,
    ].join('');
    return `${this.ofWindows}archives/${name}.json`;
  }

  /** @param sha256 of the index object's own bytes, in hex: an index is named by its content */
  index(windowId: string, sha256: string): string {
    return `${this.indexes(dayOf(windowId))}${windowId}-${sha256.slice(0, 12)}.ndjson.gz`;
  }

  manifest(windowId: string): string {
    return `${this.manifests(dayOf(windowId))}${windowId}.json`;
  }

  /** @param seq from 1 */
  compliance(seq: number): string {
    return `${this.complianceRecords}${String(seq).padStart(12, '0')}.json`;
  }

  /** Says that a record stands in the chain, and where; named by the record's id, which may hold anything. */
  complianceReceipt(recordId: string): string {
    const digest = createHash('sha256').update(recordId).digest('hex');
    return `${this.prefix}state/compliance-receipts/${digest}.json`;
  }

  get complianceHead(): string {
    return `${this.prefix}state/compliance-head.json`;
  }

  get complianceRecords(): string {
    return `${this.prefix}compliance/`;
  }

  /** @param mediaTypes of the windows that it is of */
  watermark(mediaTypes: readonly string[]): string {
    return `${this.ofWindows}state/watermark-${[...new Set(mediaTypes)].sort().join('+')}.json`;
  }

  /** That a window goes on without texts. */
  release(windowId: string): string {
    return `${this.ofWindows}state/releases/${windowId}.json`;
  }

  /** Everything stored of the windows of a day; `null`: of all days. */
  archives(day: string | null): string {
    return `${this.ofWindows}archives/${day === null ? '' : `dt=${day}/`}`;
  }

  indexes(day: string | null): string {
    return `${this.ofWindows}indexes/${day === null ? '' : `dt=${day}/`}`;
  }

  manifests(day: string | null): string {
    return `${this.ofWindows}manifests/${day === null ? '' : `dt=${day}/`}`;
  }
}

/** The UTC day in which a window begins, `YYYY-MM-DD`, from its id. */
export function dayOf(windowId: string): string {
  const match = /^BATCH_(\d{4})(\d{2})(\d{2})/.exec(windowId);
  if (match === null) throw new RangeError('not the id of an archive window');
  return `${match[1]}-${match[2]}-${match[3]}`;
}
