/**
 * Takes conversations out of the archive.
 *
 * Window by window: locks are looked at first; the objects are stored anew without the conversations (next generation), with a new
 * index; the manifest is amended, which is the moment it holds; then the old objects go with all their versions, and it is put on
 * the compliance record. After a crash anywhere the same call finishes what is left: the manifest tells what was erased and
 * which objects have to be gone.
 */
import { type ArchiveComplianceJob, TrunklineError } from '@trunkline/contracts';
import type { DayRange } from './archive-reader.ts';
import type { Bucket } from './bucket.ts';
import { compress, contentTypeOf } from './compression.ts';
import { guideArray } from './guide-array.ts';
import { type IndexEntry, readIndex, writeIndex } from './index-object.ts';
import { formOf } from './keys.ts';
import { type Manifest, type ManifestObject, Manifests, namedKeys, type StoredManifest } from './manifest.ts';
import type { Content } from './measured-content.ts';
import { verifiedConversations } from './object-reading.ts';
import { putOnce } from './put-once.ts';
import { deleteEveryVersion, requireDeletable } from './removal.ts';

export interface ErasureRequest {
  conversationIds: readonly string[];
  /** Why, in words without personal data: it stays in manifest and compliance record. */
  reason: string;
  /** Who asked, as `user@host`. */
  by: string;
  at: Date;
  traceId: string;
  range?: DayRange;
  /** Puts a record on the compliance queue; it must be durable when this resolves. */
  record: (job: ArchiveComplianceJob) => Promise<void>;
  onWindow?: (windowId: string) => void;
}

export interface ErasureOutcome {
  /** One for each conversation and window in which it stood. */
  erased: { conversationId: string; windowId: string }[];
  /** Kept by Object Lock or a legal hold: nothing was changed, which is on record. */
  locked: { conversationId: string; windowId: string; error: TrunklineError }[];
  /** In no window of the range. */
  notFound: string[];
}

/** @throws TrunklineError ARCHIVE_OBJECT_ALTERED, ARCHIVE_MANIFEST_UNREADABLE, an S3_ code; to be called again then */
export async function eraseConversations(
  bucket: Bucket,
  request: ErasureRequest,
  signal?: AbortSignal,
): Promise<ErasureOutcome> {
  const manifests = new Manifests(bucket);
  const outcome: ErasureOutcome = { erased: [], locked: [], notFound: [] };
  const wanted = new Set(request.conversationIds);
  for await (const windowId of manifests.list(request.range ?? null, signal)) {
    const stored = await manifests.read(windowId, signal);
    if (stored === null) continue;
    const present = await presentIn(bucket, stored.manifest, wanted, signal);
    let after = stored;
    if (present.length > 0) {
      try {
        after = await eraseInWindow(bucket, manifests, stored, present, request, signal);
      } catch (error) {
        if (!(error instanceof TrunklineError) || error.code !== 'ARCHIVE_OBJECT_LOCKED') throw error;
        for (const conversationId of present) {
          await request.record(refusalRecord(stored, conversationId, error, request));
          outcome.locked.push({ conversationId, windowId, error });
        }
      }
    }
    outcome.erased.push(...(await finish(bucket, after, wanted, request, signal)));
    request.onWindow?.(windowId);
  }
  const met = new Set([...outcome.erased, ...outcome.locked].map(({ conversationId }) => conversationId));
  outcome.notFound = [...wanted].filter((id) => !met.has(id));
  return outcome;
}

async function presentIn(
  bucket: Bucket,
  manifest: Manifest,
  wanted: ReadonlySet<string>,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  if (manifest.index === null) return [];
  const found = new Set<string>();
  for await (const { id } of readIndex(bucket, manifest.index, signal)) if (wanted.has(id)) found.add(id);
  return [...found];
}

async function eraseInWindow(
  bucket: Bucket,
  manifests: Manifests,
  stored: StoredManifest,
  ids: readonly string[],
  request: ErasureRequest,
  signal: AbortSignal | undefined,
): Promise<StoredManifest> {
  const wanted = new Set(ids);
  return manifests.amend(
    stored.manifest.window.id,
    async (manifest) => {
      const { lines, missingTexts } = await erasedLines(bucket, manifest, wanted, signal);
      if (lines.size === 0) return null; // another call has done it
      const allMissing = [...missingTexts.values()].reduce((sum, some) => sum + some, 0);
      const touched = manifest.objects.filter(({ key }) => lines.has(key));
      const index = manifest.index;
      const replaced = [
        ...touched.map(({ key }) => key),
        ...(index === null ? [] : [index.key]),
        ...(await supersededOf(bucket, manifest, signal)),
      ];
      for (const key of replaced) await requireDeletable(bucket, key, request.at.getTime(), signal);

      const moved = new Map<string, ManifestObject | null>();
      for (const object of touched) {
        const gone = lines.get(object.key) ?? new Set();
        const missing = missingTexts.get(object.key) ?? 0;
        moved.set(object.key, await storedWithout(bucket, manifest, object, { gone, missing }, signal));
      }
      const newIndex = await indexWithout(bucket, manifest, lines, moved, signal);
      const count = [...lines.values()].reduce((sum, gone) => sum + gone.size, 0);
      return {
        ...manifest,
        objects: manifest.objects.flatMap((object) => {
          const now = moved.get(object.key);
          return now === undefined ? [object] : now === null ? [] : [now];
        }),
        index: newIndex,
        counts: {
          ...manifest.counts,
          conversations: manifest.counts.conversations - count,
          erased: manifest.counts.erased + count,
          missingTexts: Math.max(0, manifest.counts.missingTexts - allMissing),
        },
        erasures: [
          ...manifest.erasures,
          {
            at: request.at.toISOString(),
            by: request.by,
            reason: request.reason,
            conversationIds: [...ids],
            replaced,
          },
        ],
      };
    },
    signal,
  );
}

/**
 * Objects of before the window was fetched once more, as far as anything of them stands: a lock outlived them. They may hold what is to
 * go, and no manifest says which of them does.
 */
async function supersededOf(
  bucket: Bucket,
  manifest: Manifest,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const named = namedKeys(manifest);
  const superseded = new Set(manifest.replacements.flatMap(({ replaced }) => replaced));
  const standing: string[] = [];
  for (const key of superseded) {
    if (named.has(key)) continue;
    for await (const { isDeleteMarker } of bucket.versions(key, signal)) {
      if (isDeleteMarker) continue;
      standing.push(key);
      break;
    }
  }
  return standing;
}

/** Lines of the conversations, and the texts that they are without, by object. */
async function erasedLines(
  bucket: Bucket,
  manifest: Manifest,
  wanted: ReadonlySet<string>,
  signal: AbortSignal | undefined,
): Promise<{ lines: Map<string, Set<number>>; missingTexts: Map<string, number> }> {
  const lines = new Map<string, Set<number>>();
  const missing = new Map<string, number>();
  if (manifest.index === null) return { lines, missingTexts: missing };
  for await (const { id, object, line, missingTexts } of readIndex(bucket, manifest.index, signal)) {
    if (!wanted.has(id)) continue;
    const gone = lines.get(object) ?? new Set();
    gone.add(line);
    lines.set(object, gone);
    missing.set(object, (missing.get(object) ?? 0) + missingTexts);
  }
  return { lines, missingTexts: missing };
}

/** @returns `null` where nothing of the object remains */
async function storedWithout(
  bucket: Bucket,
  manifest: Manifest,
  object: ManifestObject,
  { gone, missing }: { gone: ReadonlySet<number>; missing: number },
  signal: AbortSignal | undefined,
): Promise<ManifestObject | null> {
  const { window } = manifest;
  const { format, layout } = formOf(object.key);
  if (gone.size >= object.conversations) return null;
  const remaining = async function* (): AsyncGenerator<Buffer> {
    for await (const { line, text } of verifiedConversations(bucket, object, signal))
      if (!gone.has(line)) yield text;
  };
  const content: Content = () =>
    compress(format, layout === 'guide' ? guideArray(remaining()) : ended(remaining()));
  const batch = object.batch === 'window' ? null : object.batch;
  const stored = await putOnce(
    bucket,
    {
      keyOf: (generation) =>
        layout === 'guide'
          ? bucket.keys.guide(window.id, generation, batch)
          : bucket.keys.batch(window.id, object.batch, object.sourceSha256, generation, format),
      content,
      contentType: layout === 'guide' ? 'application/json' : contentTypeOf(format),
      storageClass: object.storageClass,
      firstGeneration: object.generation + 1,
    },
    signal,
  );
  const missingTexts = Math.max(0, object.missingTexts - missing);
  return { ...object, ...stored, conversations: object.conversations - gone.size, missingTexts };
}

async function* ended(lines: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const line of lines) yield Buffer.concat([line, Buffer.from('\n')]);
}

async function indexWithout(
  bucket: Bucket,
  manifest: Manifest,
  lines: ReadonlyMap<string, ReadonlySet<number>>,
  moved: ReadonlyMap<string, ManifestObject | null>,
  signal: AbortSignal | undefined,
): Promise<Manifest['index']> {
  const { index, window } = manifest;
  if (index === null) return null;
  const remaining = async function* (): AsyncGenerator<IndexEntry> {
    for await (const entry of readIndex(bucket, index, signal)) {
      const gone = lines.get(entry.object);
      if (gone === undefined) {
        yield entry;
        continue;
      }
      if (gone.has(entry.line)) continue;
      const object = moved.get(entry.object);
      if (!object) continue;
      const before = [...gone].filter((line) => line < entry.line).length;
      yield { ...entry, object: object.key, line: entry.line - before };
    }
  };
  const left = manifest.objects.some(({ key }) => moved.get(key) !== null);
  return left ? writeIndex(bucket, window.id, remaining, index.storageClass, signal) : null;
}

/** Deletes what the manifest says has to be gone, and puts the erasures of the wanted conversations on record. */
async function finish(
  bucket: Bucket,
  stored: StoredManifest,
  wanted: ReadonlySet<string>,
  request: ErasureRequest,
  signal: AbortSignal | undefined,
): Promise<ErasureOutcome['erased']> {
  const { manifest } = stored;
  const erased: ErasureOutcome['erased'] = [];
  const named = namedKeys(manifest);
  for (const [number, erasure] of manifest.erasures.entries()) {
    const ids = erasure.conversationIds.filter((id) => wanted.has(id));
    if (ids.length === 0) continue;
    for (const key of erasure.replaced) if (!named.has(key)) await deleteEveryVersion(bucket, key, signal);
    for (const conversationId of ids) {
      await request.record(erasureRecord(stored, number, erasure, conversationId, request.traceId));
      erased.push({ conversationId, windowId: manifest.window.id });
    }
  }
  return erased;
}

function erasureRecord(
  stored: StoredManifest,
  number: number,
  erasure: Manifest['erasures'][number],
  conversationId: string,
  traceId: string,
): ArchiveComplianceJob {
  const { window, source } = stored.manifest;
  return {
    v: 1,
    recordId: `${window.id}-ERASE-${number + 1}-${conversationId}`,
    timestamp: erasure.at,
    action: 'ARCHIVE_ERASE',
    conversationId,
    status: 'SUCCESS',
    checksum: source.sha256,
    errorCode: null,
    details: { ...manifestDetails(stored), by: erasure.by, reason: erasure.reason },
    traceId,
  };
}

function refusalRecord(
  stored: StoredManifest,
  conversationId: string,
  error: TrunklineError,
  { at, by, reason, traceId }: ErasureRequest,
): ArchiveComplianceJob {
  const { window, source } = stored.manifest;
  return {
    v: 1,
    recordId: `${window.id}-ERASE-REFUSED-${at.getTime()}-${conversationId}`,
    timestamp: at.toISOString(),
    action: 'ARCHIVE_ERASE',
    conversationId,
    status: 'FAILURE',
    checksum: source.sha256,
    errorCode: error.code,
    details: { windowId: window.id, by, reason },
    traceId,
  };
}

/** How a compliance record names a manifest: `verifyArchive` compares them. */
export function manifestDetails({ manifest, key, sha256 }: StoredManifest): {
  windowId: string;
  manifest: string;
  manifestRevision: number;
  manifestSha256: string;
} {
  return {
    windowId: manifest.window.id,
    manifest: key,
    manifestRevision: manifest.revision,
    manifestSha256: sha256,
  };
}
