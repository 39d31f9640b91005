/**
 * Completes a window whose batches are stored: index, manifest, and then what follows from it.
 *
 * The manifest is the moment at which the window is archived. Each step before and after it may be done again: a run that finds the
 * manifest of its own flow goes on behind it, with the figures that it tells, so that a crash anywhere ends with the same objects, one
 * record and one event. A manifest of another flow stays as it is: this flow then has lost, and says so.
 */
import {
  type Bucket,
  guideArray,
  type IndexEntry,
  lineOfMember,
  linesOf,
  type Manifest,
  type ManifestObject,
  type Manifests,
  namedKeys,
  putOnce,
  removeUnneeded,
  type StoredManifest,
  writeIndex,
} from '@trunkline/archive-store';
import { type Stage, stagePlaces } from '@trunkline/claim-check/stage';
import {
  ARCHIVE_WINDOW,
  type ArchiveUploadOutcome,
  type ArchiveWindowJob,
  archiveReplacedRecordId,
  archiveSuccessRecordId,
  errorCodeOf,
  type StoredObject,
  TrunklineError,
} from '@trunkline/contracts';
import type { Service } from '@trunkline/service';
import { type AfterArchive, successRecord } from './after-archive.ts';
import { type BatchStorage, manifestObjectOf } from './batch-storage.ts';
import { indexClassOf } from './index-class.ts';
import type { UploaderMetrics } from './metrics.ts';
import { placedEntries } from './redaction-index.ts';
import { transferMetrics } from './transfer-metrics.ts';
import type { WindowList } from './window-list.ts';

/** What a window's job returns. */
export interface CompletedWindow {
  manifest: string;
  conversations: number;
  deadLettered: number;
  missingTexts: number;
  objects: number;
  bytes: number;
}

/** Told at each step that is done; for tests of a process that ends behind one. */
export type Step = 'stored' | 'indexed' | 'manifest' | 'record' | 'notify' | 'note' | 'stage';

export interface CompletionParts {
  service: Service;
  storage: BatchStorage;
  manifests: Manifests;
  after: AfterArchive;
  list: WindowList;
  metrics: UploaderMetrics;
  layout: 'batches' | 'guide';
  /** Whether there is a webhook to be told. */
  notifies: boolean;
  now: () => Date;
  onStep?: (step: Step) => Promise<void>;
}

interface Placed {
  object: ManifestObject;
  /** The batches in it, in order. */
  outcomes: ArchiveUploadOutcome[];
  durationMs: number;
}

export class WindowCompletion {
  readonly #parts: CompletionParts;

  constructor(parts: CompletionParts) {
    this.#parts = parts;
  }

  /**
   * @param outcomes of the uploads; asked for only where there is no manifest yet, since retries by hand take them away
   * @throws TrunklineError ARCHIVE_WINDOW_CONFLICT, STAGE_BLOB_MISSING, S3_ codes
   */
  async complete(
    job: ArchiveWindowJob,
    outcomes: () => Promise<readonly ArchiveUploadOutcome[]>,
    signal: AbortSignal,
  ): Promise<CompletedWindow> {
    const { manifests, service } = this.#parts;
    const { id } = job.window;
    const found = await manifests.read(id, signal);
    const isReplaced = found !== null && found.manifest.flow === job.again?.flow;
    const stored = found === null || isReplaced ? await this.#archive(job, await outcomes(), signal) : found;
    if (stored.manifest.flow !== job.flow) throw conflict(job);
    await this.#finish(job, stored, signal);
    const { manifest, key } = stored;
    service.log.info(
      {
        event: 'window.archived',
        queue: ARCHIVE_WINDOW,
        windowId: id,
        traceId: job.traceId,
        count: manifest.counts.conversations,
        deadLettered: manifest.counts.deadLettered,
        missingTexts: manifest.counts.missingTexts,
        integrity: manifest.source.integrity,
        ...manifest.metrics,
      },
      'A window is archived',
    );
    return {
      manifest: key,
      conversations: manifest.counts.conversations,
      deadLettered: manifest.counts.deadLettered,
      missingTexts: manifest.counts.missingTexts,
      objects: manifest.objects.length,
      bytes: manifest.metrics.bytes_transferred,
    };
  }

  /** Up to the manifest. */
  async #archive(
    job: ArchiveWindowJob,
    outcomes: readonly ArchiveUploadOutcome[],
    signal: AbortSignal,
  ): Promise<StoredManifest> {
    const { manifests, now, layout, storage, service, list, metrics } = this.#parts;
    const { window, source } = job;
    try {
      const placed = await this.#place(job, outcomes, signal);
      await this.#parts.onStep?.('stored');
      const index = await this.#index(job, placed, signal);
      await this.#parts.onStep?.('indexed');
      const uploadMs = placed.reduce((sum, { durationMs }) => sum + durationMs, 0);
      const objects = placed.map(({ object }) => object);
      const isGuide = layout === 'guide' && placed.every(({ object }) => object.batch === 'window');
      const total = (count: (outcome: ArchiveUploadOutcome) => number): number =>
        outcomes.reduce((sum, outcome) => sum + count(outcome), 0);
      const { kind, stored } = await this.#write(
        job,
        {
          v: 1,
          revision: 1,
          window,
          flow: job.flow,
          createdAt: now().toISOString(),
          source,
          layout: isGuide ? 'guide' : 'batches',
          format: isGuide ? 'plain' : storage.format,
          counts: {
            conversations: total(({ redaction }) => redaction.conversations),
            deadLettered: total(({ redaction }) => redaction.deadLettered),
            erased: 0,
            missingTexts: total(({ redaction }) => redaction.missingTexts),
          },
          release: job.release,
          objects,
          index,
          metrics: transferMetrics(objects, uploadMs, source.bytes),
          recordId: archiveSuccessRecordId(window.id),
          erasures: [],
          replacements: [],
        },
        signal,
      );
      const { manifest } = stored;
      if (kind === 'replaced') await list.archived(manifest, now());
      if (kind === 'created') {
        service.totals.add('windowsArchived', 1);
        service.totals.add('textsMissing', manifest.counts.missingTexts);
        metrics.missingTexts.inc(manifest.counts.missingTexts);
        service.totals.add('conversationsArchived', manifest.counts.conversations);
        service.totals.add('bytesArchived', manifest.metrics.bytes_transferred);
        metrics.windows.inc({ result: 'archived' });
        metrics.windowBytes.set(manifest.metrics.bytes_transferred);
        metrics.windowSeconds.set(manifest.metrics.duration_seconds);
        metrics.windowThroughput.set(manifest.metrics.throughput_mbps);
        metrics.windowCost.set(manifest.metrics.estimated_cost_usd);
        await list.archived(manifest, now());
      }
      return stored;
    } catch (error) {
      // Another run of this job may have completed the window meanwhile, and emptied the stage.
      if (errorCodeOf(error) !== 'STAGE_BLOB_MISSING') throw error;
      const stored = await manifests.read(window.id, signal);
      if (stored !== null) return stored;
      throw new TrunklineError('STAGE_BLOB_MISSING', {
        message: `Batches of ${window.id} are not in the stage any more, and the window is not complete.`,
        remedy: `Retry archive-fetch of ${window.id}, which makes its batches anew.`,
        cause: error,
      });
    }
  }

  /** The manifest, new or in the place of the one that the window was archived with before. */
  async #write(
    { again }: ArchiveWindowJob,
    manifest: Manifest,
    signal: AbortSignal,
  ): Promise<{ kind: 'created' | 'exists' | 'replaced'; stored: StoredManifest }> {
    const { manifests, now } = this.#parts;
    if (again === undefined) return manifests.create(manifest, signal);
    const windowId = manifest.window.id;
    const named = namedKeys(manifest);
    const { by, reason } = again;
    const stored = await manifests.amend(
      windowId,
      (before) => {
        if (before.flow !== again.flow) return null; // another run has done it, or another flow
        if (before.revision !== again.revision) throw changedMeanwhile(windowId);
        const replaced = [...namedKeys(before)].filter((key) => !named.has(key));
        const { flow, counts } = before;
        return {
          ...manifest,
          counts: { ...manifest.counts, erased: counts.erased },
          recordId: archiveReplacedRecordId(windowId, manifest.flow),
          erasures: before.erasures,
          replacements: [
            ...before.replacements,
            { at: now().toISOString(), by, reason, flow, missingTexts: counts.missingTexts, replaced },
          ],
        };
      },
      signal,
    );
    return { kind: 'replaced', stored };
  }

  /** Where each batch lies; what no upload has stored is stored here: the whole window in the guide's layout. */
  async #place(
    job: ArchiveWindowJob,
    outcomes: readonly ArchiveUploadOutcome[],
    signal: AbortSignal,
  ): Promise<Placed[]> {
    const { layout, storage } = this.#parts;
    const full = outcomes.filter(({ redaction }) => redaction.conversations > 0);
    if (full.length === 0) return [];
    if (layout === 'guide' && full.every(({ object }) => object === null)) {
      return [await this.#placeWindow(job, full, signal)];
    }
    const placed: Placed[] = [];
    for (const outcome of full) {
      const startedAt = performance.now();
      // Left to this job by an uploader of another layout, from before a change of the setting.
      const stored =
        outcome.object ??
        (await storage.store(
          { ...outcome, windowId: job.window.id, storageClass: job.storageClass },
          signal,
        ));
      const durationMs = outcome.object === null ? performance.now() - startedAt : outcome.durationMs;
      placed.push({ object: manifestObjectOf(stored, outcome), outcomes: [outcome], durationMs });
    }
    return placed;
  }

  async #placeWindow(
    job: ArchiveWindowJob,
    outcomes: ArchiveUploadOutcome[],
    signal: AbortSignal,
  ): Promise<Placed> {
    const startedAt = performance.now();
    const { window, source, storageClass } = job;
    const stage = this.#stage;
    const members = async function* (): AsyncGenerator<Buffer> {
      for (const { redaction } of outcomes) yield* linesOf(stage.read(redaction.redacted, signal));
    };
    const stored = await putOnce(
      this.#bucket,
      {
        keyOf: (generation) => this.#bucket.keys.guide(window.id, generation),
        content: () => guideArray(members()),
        contentType: 'application/json',
        storageClass,
      },
      signal,
    );
    const first = outcomes[0] as ArchiveUploadOutcome;
    const sum = (count: (outcome: ArchiveUploadOutcome) => number): number =>
      outcomes.reduce((total, outcome) => total + count(outcome), 0);
    const entities: Record<string, number> = {};
    for (const { redaction } of outcomes) {
      for (const [type, count] of Object.entries(redaction.entities))
        entities[type] = (entities[type] ?? 0) + count;
    }
    return {
      object: {
        ...stored,
        batch: 'window',
        conversations: sum(({ redaction }) => redaction.conversations),
        deadLettered: sum(({ redaction }) => redaction.deadLettered),
        missingTexts: sum(({ redaction }) => redaction.missingTexts),
        entities,
        sourceSha256: source.sha256,
        redactedBytes: sum(({ redaction }) => redaction.redacted.bytes),
        engineVersion: [...new Set(outcomes.map(({ redaction }) => redaction.engineVersion))].join(','),
        keyId: first.redaction.keyId,
      },
      outcomes,
      durationMs: performance.now() - startedAt,
    };
  }

  async #index(
    job: ArchiveWindowJob,
    placed: readonly Placed[],
    signal: AbortSignal,
  ): Promise<StoredObject | null> {
    if (placed.length === 0) return null;
    const stage = this.#stage;
    const entries = async function* (): AsyncGenerator<IndexEntry> {
      for (const { object, outcomes } of placed) {
        const isWindow = object.batch === 'window';
        let before = 0;
        for (const { redaction } of outcomes) {
          const from = before;
          const lineOf = (member: number): number => (isWindow ? lineOfMember(from + member) : member);
          yield* placedEntries(stage, redaction.index, object.key, lineOf, signal);
          before += redaction.conversations;
        }
      }
    };
    return writeIndex(this.#bucket, job.window.id, entries, indexClassOf(job.storageClass), signal);
  }

  /** What follows from the manifest, in an order that loses nothing: the stage goes last. */
  async #finish(job: ArchiveWindowJob, stored: StoredManifest, signal: AbortSignal): Promise<void> {
    const { after, notifies, now, onStep } = this.#parts;
    const { id } = job.window;
    await onStep?.('manifest');
    await this.#removeUnnamed(stored, signal);
    await after.record(successRecord(stored, job.traceId));
    await onStep?.('record');
    if (notifies) await after.notify(stored, job.traceId);
    await onStep?.('notify');
    await this.#stage.putNote(stagePlaces.completed(id), {
      flow: job.flow,
      completedAt: now().toISOString(),
    });
    await onStep?.('note');
    await this.#stage.removeAll(stagePlaces.window(id));
    await onStep?.('stage');
  }

  /**
   * Takes away what earlier flows and generations of this window left: objects of batches that the manifest does not name and that
   * are older than it. Whatever is younger, and whatever stands beside an amended manifest, may be an erasure's or an addendum's.
   */
  async #removeUnnamed({ manifest, key }: StoredManifest, signal: AbortSignal): Promise<void> {
    const { id } = manifest.window;
    const bucket = this.#bucket;
    const named = namedKeys(manifest);
    for (const { replaced } of manifest.replacements) {
      for (const gone of replaced) if (!named.has(gone)) await removeUnneeded(bucket, gone, signal);
    }
    if (manifest.revision > 1) return;
    const day = key.slice(bucket.keys.manifests(null).length).slice('dt='.length, 'dt=YYYY-MM-DD'.length);
    let writtenAt = 0;
    for await (const found of bucket.list(key, undefined, signal))
      if (found.key === key) writtenAt = found.writtenAt;
    const left: string[] = [];
    for (const place of [`${bucket.keys.archives(day)}${id}/`, `${bucket.keys.indexes(day)}${id}-`]) {
      for await (const found of bucket.list(place, undefined, signal)) {
        if (!named.has(found.key) && found.writtenAt < writtenAt) left.push(found.key);
      }
    }
    for (const unnamed of left) await removeUnneeded(bucket, unnamed, signal);
    if (left.length > 0) {
      this.#parts.service.log.info(
        { event: 'window.left-overs-removed', windowId: id, count: left.length },
        'Objects that earlier attempts at this window had left are removed',
      );
    }
  }

  get #bucket(): Bucket {
    return this.#parts.storage.bucket;
  }

  get #stage(): Stage {
    return this.#parts.storage.stage;
  }
}

function changedMeanwhile(windowId: string): TrunklineError {
  return new TrunklineError('ARCHIVE_WINDOW_CONFLICT', {
    message: `The archived window ${windowId} was changed while it was fetched once more; nothing of it is overwritten.`,
    remedy: `Remove this job, and ask for it again: trunkline archive again ${windowId}.`,
  });
}

function conflict({ window }: ArchiveWindowJob): TrunklineError {
  return new TrunklineError('ARCHIVE_WINDOW_CONFLICT', {
    message: `The window ${window.id} is complete already, from another source; nothing of it is overwritten.`,
    remedy: 'Remove this job. Where two deployments share a bucket, give S3_PREFIX another value.',
  });
}
