/**
 * A conversation that was a dead letter and could be redacted after all: its object is stored, and the manifest of its window
 * amended. Harmless when done twice: the manifest tells whether the batch stands in it.
 */
import {
  type Bucket,
  formOf,
  guideArray,
  type IndexEntry,
  lineOfMember,
  linesOf,
  type Manifest,
  type ManifestObject,
  type Manifests,
  manifestDetails,
  putOnce,
  readIndex,
  removeUnneeded,
  type StoredManifest,
  writeIndex,
} from '@trunkline/archive-store';
import type { Stage } from '@trunkline/claim-check/stage';
import {
  type ArchiveComplianceJob,
  type ArchiveRedactOutcome,
  type ArchiveUploadJob,
  type StoredObject,
  TrunklineError,
} from '@trunkline/contracts';
import { HeldBack, type Service } from '@trunkline/service';
import type { AfterArchive } from './after-archive.ts';
import { type BatchStorage, manifestObjectOf } from './batch-storage.ts';
import { indexClassOf } from './index-class.ts';
import { placedEntries } from './redaction-index.ts';

/** How long an addendum waits for its window to be complete (ms). */
const windowDelayMs = 30_000;

export class Addendum {
  readonly #service: Service;
  readonly #storage: BatchStorage;
  readonly #manifests: Manifests;
  readonly #after: AfterArchive;

  constructor(service: Service, storage: BatchStorage, manifests: Manifests, after: AfterArchive) {
    this.#service = service;
    this.#storage = storage;
    this.#manifests = manifests;
    this.#after = after;
  }

  /**
   * @throws HeldBack while the window is not complete
   * @throws TrunklineError ARCHIVE_WINDOW_CONFLICT where another flow completed it; S3_ and STAGE_ codes
   */
  async add(
    data: ArchiveUploadJob,
    redaction: ArchiveRedactOutcome,
    signal: AbortSignal,
  ): Promise<ManifestObject> {
    const { window, batch } = data;
    const before = await this.#manifests.read(window.id, signal);
    if (before === null) throw new HeldBack(`the window ${window.id} is not complete yet`, windowDelayMs);
    if (before.manifest.flow !== data.flow) throw otherFlow(data);
    let object = objectOf(before.manifest, batch);
    let stored = before;
    if (object === undefined) {
      const put = await this.#store(before.manifest, data, redaction, signal);
      object = manifestObjectOf(put, { batch, sourceSha256: data.source.sha256, redaction });
      stored = await this.#amend(data, object, redaction, signal);
      const replaced = before.manifest.index;
      if (replaced !== null && replaced.key !== stored.manifest.index?.key) {
        await removeUnneeded(this.#bucket, replaced.key, signal);
      }
      this.#service.totals.add('conversationsArchived', redaction.conversations);
      this.#service.totals.add('bytesArchived', object.bytes);
    }
    await this.#after.record(addendumRecord(stored, data));
    // What the redactor made of it lies below it.
    await this.#stage.removeAll(`${data.source.name}/`);
    return object;
  }

  get #bucket(): Bucket {
    return this.#storage.bucket;
  }

  get #stage(): Stage {
    return this.#storage.stage;
  }

  #store(
    { layout }: Manifest,
    { window, batch, source, storageClass }: ArchiveUploadJob,
    redaction: ArchiveRedactOutcome,
    signal: AbortSignal,
  ): Promise<StoredObject> {
    if (layout === 'batches') {
      const sourceSha256 = source.sha256;
      return this.#storage.store(
        { windowId: window.id, batch, sourceSha256, redaction, storageClass },
        signal,
      );
    }
    return putOnce(
      this.#bucket,
      {
        keyOf: (generation) => this.#bucket.keys.guide(window.id, generation, batch),
        content: () => guideArray(linesOf(this.#stage.read(redaction.redacted, signal))),
        contentType: 'application/json',
        storageClass,
      },
      signal,
    );
  }

  #amend(
    { window, batch }: ArchiveUploadJob,
    object: ManifestObject,
    redaction: ArchiveRedactOutcome,
    signal: AbortSignal,
  ): Promise<StoredManifest> {
    const isGuide = formOf(object.key).layout === 'guide';
    const lineOf = isGuide ? lineOfMember : (member: number): number => member;
    return this.#manifests.amend(
      window.id,
      async (manifest) => {
        if (objectOf(manifest, batch) !== undefined) return null;
        const stage = this.#stage;
        const bucket = this.#bucket;
        const entries = async function* (): AsyncGenerator<IndexEntry> {
          if (manifest.index !== null) yield* readIndex(bucket, manifest.index, signal);
          yield* placedEntries(stage, redaction.index, object.key, lineOf, signal);
        };
        const index = await writeIndex(bucket, window.id, entries, indexClassOf(object.storageClass), signal);
        const { counts } = manifest;
        return {
          ...manifest,
          objects: [...manifest.objects, object],
          index,
          counts: {
            ...counts,
            conversations: counts.conversations + redaction.conversations,
            deadLettered: Math.max(0, counts.deadLettered - redaction.conversations),
            missingTexts: counts.missingTexts + redaction.missingTexts,
          },
        };
      },
      signal,
    );
  }
}

function objectOf(manifest: Manifest, batch: string): ManifestObject | undefined {
  return manifest.objects.find((object) => object.batch === batch);
}

function addendumRecord(
  stored: StoredManifest,
  { window, batch, traceId }: ArchiveUploadJob,
): ArchiveComplianceJob {
  const { manifest } = stored;
  return {
    v: 1,
    recordId: `${window.id}-SUCCESS-${batch}`,
    timestamp: new Date().toISOString(),
    action: 'ARCHIVE_OFFLOAD',
    conversationId: window.id,
    status: 'SUCCESS',
    checksum: manifest.source.sha256,
    errorCode: null,
    details: {
      ...manifestDetails(stored),
      batch,
      conversations: manifest.counts.conversations,
      missingTexts: manifest.counts.missingTexts,
    },
    traceId,
  };
}

function otherFlow({ window }: ArchiveUploadJob): TrunklineError {
  return new TrunklineError('ARCHIVE_WINDOW_CONFLICT', {
    message: `The window ${window.id} was completed from another source than this conversation comes from.`,
    remedy: 'Look whether the window holds the conversation (`trunkline archive get`), then remove the job.',
  });
}
