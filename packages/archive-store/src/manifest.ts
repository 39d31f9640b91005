import {
  type ArchiveWindow,
  archiveSource,
  archiveWindow,
  sha256Hex,
  storedObject,
  TrunklineError,
  windowRelease,
} from '@trunkline/contracts';
import { z } from 'zod';
import type { Bucket } from './bucket.ts';
import { dayOf } from './keys.ts';
import { jsonBytes, readSmall, sha256Of, writeSmall } from './small-object.ts';

const count = z.number().int().nonnegative();

/** One valid object of a window. */
const manifestObject = storedObject.extend({
  /** `b00001` ..., `d-...` for what was a dead letter, `window` for a whole window in one array (ARCHIVE_LAYOUT=guide). */
  batch: z.string().min(1),
  conversations: count,
  deadLettered: count,
  /** Texts that its conversations are without. */
  missingTexts: count.default(0),
  /** Values replaced, by entity type. */
  entities: z.record(z.string(), count),
  /** Of the batch as it came from Genesys; of the window's whole source where the object is the whole window. */
  sourceSha256: sha256Hex,
  /** Bytes of the redacted conversations before compression. */
  redactedBytes: count,
  engineVersion: z.string(),
  keyId: z.string().nullable(),
});
export type ManifestObject = z.infer<typeof manifestObject>;

/** What was taken out of a window afterwards. */
const manifestErasure = z.object({
  at: z.iso.datetime(),
  /** Who did it, as `user@host`. */
  by: z.string().min(1),
  reason: z.string().min(1),
  conversationIds: z.array(z.string().min(1)).min(1),
  /** Keys of the objects that held them, which may not exist any more. */
  replaced: z.array(z.string()),
});

/** What a window was archived as before it was fetched once more. */
const manifestReplacement = z.object({
  at: z.iso.datetime(),
  by: z.string().min(1),
  reason: z.string().min(1),
  flow: z.string().min(1),
  missingTexts: count,
  /** Keys of its objects that are not named any more, which may not exist any more. */
  replaced: z.array(z.string()),
});

/** What is stored of a window, and the only truth about whether it is done. */
export const manifestSchema = z.object({
  v: z.literal(1),
  /** 1 when it is created; each amendment adds 1, and is on the compliance record with its digest. */
  revision: z.number().int().positive(),
  window: archiveWindow,
  flow: z.string().min(1),
  createdAt: z.iso.datetime(),
  source: archiveSource,
  layout: z.enum(['batches', 'guide']),
  format: z.enum(['gzip', 'zstd', 'plain']),
  counts: z.object({
    conversations: count,
    deadLettered: count,
    erased: count,
    /** Texts that its conversations are without: their member `missingTexts` and the index tell which. */
    missingTexts: count.default(0),
  }),
  /** By which it went on without texts that Genesys did not give; `null`: none was needed. */
  release: windowRelease.nullable().default(null),
  objects: z.array(manifestObject),
  /** NDJSON (gzip), a line a conversation: `{"id","object","line","tokens","missingTexts"?}`; `null` where nothing is stored. */
  index: storedObject.nullable(),
  metrics: z.object({
    /** Stored in the bucket. */
    bytes_transferred: count,
    duration_seconds: z.number().nonnegative(),
    /** MiB/s */
    throughput_mbps: z.number().nonnegative(),
    /** USD a month */
    estimated_cost_usd: z.number().nonnegative(),
    /** As read from Genesys. */
    sourceBytes: count,
  }),
  /** Of the compliance record of its creation, or of its last replacement. */
  recordId: z.string().min(1),
  erasures: z.array(manifestErasure),
  replacements: z.array(manifestReplacement).default([]),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** Keys of the objects that a window consists of, its index among them. */
export function namedKeys({ objects, index }: Pick<Manifest, 'objects' | 'index'>): Set<string> {
  return new Set([...objects.map(({ key }) => key), ...(index === null ? [] : [index.key])]);
}

export interface StoredManifest {
  manifest: Manifest;
  key: string;
  /** Of the manifest's own bytes, in hex; the compliance record holds it. */
  sha256: string;
}

/** Objects of a window are thousands at most; an entry takes less than 1 KiB. */
const maxManifestBytes = 64 * 1024 * 1024;

/**
 * The manifests in the bucket: each created once, and amended only as a whole (compare-and-set), so that no two writers lose each
 * other's changes. All throw TrunklineError with an S3_ code.
 */
export class Manifests {
  readonly #bucket: Bucket;

  constructor(bucket: Bucket) {
    this.#bucket = bucket;
  }

  /** Whether a window is done. */
  async exists(window: Pick<ArchiveWindow, 'id'>, signal?: AbortSignal): Promise<boolean> {
    return (await this.#bucket.head(this.#bucket.keys.manifest(window.id), undefined, signal)) !== null;
  }

  /** @throws TrunklineError ARCHIVE_MANIFEST_UNREADABLE */
  async read(windowId: string, signal?: AbortSignal): Promise<StoredManifest | null> {
    return (await this.#read(windowId, signal))?.stored ?? null;
  }

  /** @returns the manifest that stands there where one does: it is left as it is */
  async create(
    manifest: Manifest,
    signal?: AbortSignal,
  ): Promise<{ kind: 'created' | 'exists'; stored: StoredManifest }> {
    const windowId = manifest.window.id;
    const key = this.#bucket.keys.manifest(windowId);
    const bytes = jsonBytes(manifestSchema.parse(manifest));
    for (;;) {
      if ((await writeSmall(this.#bucket, key, bytes, 'absent', signal)) === 'stored') {
        return { kind: 'created', stored: { manifest, key, sha256: sha256Of(bytes) } };
      }
      const found = await this.#read(windowId, signal);
      if (found === null) continue; // deleted in between
      return { kind: found.bytes.equals(bytes) ? 'created' : 'exists', stored: found.stored };
    }
  }

  /**
   * Changes a manifest; `revision` is counted here.
   * @param change gets the manifest as it stands, several times where others amend it too; `null`: nothing to change
   * @throws TrunklineError ARCHIVE_MANIFEST_MISSING
   */
  async amend(
    windowId: string,
    change: (manifest: Manifest) => Promise<Manifest | null> | Manifest | null,
    signal?: AbortSignal,
  ): Promise<StoredManifest> {
    for (;;) {
      const found = await this.#read(windowId, signal);
      if (found === null) throw manifestMissing(windowId);
      const changed = await change(found.stored.manifest);
      if (changed === null) return found.stored;
      const manifest = manifestSchema.parse({ ...changed, revision: found.stored.manifest.revision + 1 });
      const bytes = jsonBytes(manifest);
      const { key } = found.stored;
      if ((await writeSmall(this.#bucket, key, bytes, { etag: found.etag }, signal)) === 'stored') {
        return { manifest, key, sha256: sha256Of(bytes) };
      }
    }
  }

  /**
   * Ids of the windows that have a manifest, oldest first.
   * @param range days of the windows' beginnings, both included, as `YYYY-MM-DD`; `null`: all
   */
  async *list(
    range: { fromDay: string; toDay: string } | null,
    signal?: AbortSignal,
  ): AsyncGenerator<string> {
    const all = this.#bucket.keys.manifests(null);
    // `dt=2026-11-21/` sorts behind `dt=2026-11-21`, and before `dt=2026-11-210`.
    const startAfter = range === null ? undefined : `${all}dt=${range.fromDay}`;
    for await (const { key } of this.#bucket.list(all, startAfter, signal)) {
      const [, day, id] = /dt=(\d{4}-\d\d-\d\d)\/([^/]+)\.json$/.exec(key) ?? [];
      if (day === undefined || id === undefined) continue;
      if (range !== null && day > range.toDay) return;
      if (dayOfOrNull(id) === day) yield id;
    }
  }

  /** Ids of the windows whose manifests were written from one moment to another (ms since 1970), amendments included. */
  async *writtenSince(fromMs: number, toMs: number, signal?: AbortSignal): AsyncGenerator<string> {
    const all = this.#bucket.keys.manifests(null);
    for await (const { key, writtenAt } of this.#bucket.list(all, undefined, signal)) {
      const [, day, id] = /dt=(\d{4}-\d\d-\d\d)\/([^/]+)\.json$/.exec(key) ?? [];
      if (id === undefined || dayOfOrNull(id) !== day) continue;
      if (writtenAt >= fromMs && writtenAt <= toMs) yield id;
    }
  }

  async #read(
    windowId: string,
    signal: AbortSignal | undefined,
  ): Promise<{ stored: StoredManifest; etag: string; bytes: Buffer } | null> {
    const key = this.#bucket.keys.manifest(windowId);
    const found = await readSmall(this.#bucket, key, maxManifestBytes, signal);
    if (found === null) return null;
    let manifest: Manifest;
    try {
      manifest = manifestSchema.parse(JSON.parse(found.bytes.toString('utf8')));
    } catch (cause) {
      throw new TrunklineError('ARCHIVE_MANIFEST_UNREADABLE', {
        message: `The manifest ${key} is not one that Trunkline wrote.`,
        remedy:
          'Restore it from its earlier version, or from a copy of the bucket; `trunkline verify archive` tells whether it holds.',
        cause,
      });
    }
    return { stored: { manifest, key, sha256: found.sha256 }, etag: found.etag, bytes: found.bytes };
  }
}

function dayOfOrNull(windowId: string): string | null {
  try {
    return dayOf(windowId);
  } catch {
    return null;
  }
}

function manifestMissing(windowId: string): TrunklineError {
  return new TrunklineError('ARCHIVE_MANIFEST_MISSING', {
    message: `The window ${windowId} has no manifest: it is not archived, or not yet.`,
    remedy: 'Look whether it is under way; `trunkline backfill archive` fetches it.',
  });
}
