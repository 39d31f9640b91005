import type { Manifest, Manifests, PlanWatermark, WindowReleases } from '@trunkline/archive-store';
import type { ArchiveWindow, WindowRelease } from '@trunkline/contracts';

/** Windows of other media types that were archived before, of which some may still be to be done (ms since 1970). */
export interface FormerWindows {
  mediaTypes: readonly string[];
  /** Up to where all of them are done. */
  doneTo: number;
  /** Where they end, and the windows of today begin. */
  until: number;
}

/** What planning and fetching need to know of the windows that are done; all of it lies in the bucket, beside the data. */
export interface WindowRecords {
  /** Whether a window has its manifest. @throws TrunklineError with an S3_ code */
  isDone(window: ArchiveWindow, signal: AbortSignal): Promise<boolean>;
  /** As what it is archived; `null`: it is not done. */
  archived(windowId: string, signal: AbortSignal): Promise<Manifest | null>;
  /** Who decided that it goes on without texts; `null`: nobody. */
  release(windowId: string, signal: AbortSignal): Promise<WindowRelease | null>;
  /** The first decision stands. @returns it, and whether it is this one */
  decide(
    windowId: string,
    release: WindowRelease,
    signal: AbortSignal,
  ): Promise<{ release: WindowRelease; isNew: boolean }>;
  /** Up to where every window is done (ms since 1970); `null`: none ever was. */
  readWatermark(signal: AbortSignal): Promise<number | null>;
  /** Moves the watermark to the end of a window; it never goes back. */
  advanceWatermark(window: ArchiveWindow, signal: AbortSignal): Promise<void>;
  /**
   * What is left of the windows of before. Asked for the first time, where windows of today have no watermark yet, it has the ones
   * end and the others begin at `until`. @returns `null`: there were none
   */
  formerWindows(until: number, signal: AbortSignal): Promise<FormerWindows | null>;
  advanceFormer(window: ArchiveWindow, signal: AbortSignal): Promise<void>;
}

export class BucketWindowRecords implements WindowRecords {
  readonly #manifests: Manifests;
  readonly #releases: WindowReleases;
  readonly #watermark: PlanWatermark;
  readonly #former: { mediaTypes: readonly string[]; watermark: PlanWatermark } | null;

  /** @param former of the media types that were archived before those of today; `null`: there are none */
  constructor(
    manifests: Manifests,
    releases: WindowReleases,
    watermark: PlanWatermark,
    former: { mediaTypes: readonly string[]; watermark: PlanWatermark } | null,
  ) {
    this.#manifests = manifests;
    this.#releases = releases;
    this.#watermark = watermark;
    this.#former = former;
  }

  isDone(window: ArchiveWindow, signal: AbortSignal): Promise<boolean> {
    return this.#manifests.exists(window, signal);
  }

  async archived(windowId: string, signal: AbortSignal): Promise<Manifest | null> {
    return (await this.#manifests.read(windowId, signal))?.manifest ?? null;
  }

  release(windowId: string, signal: AbortSignal): Promise<WindowRelease | null> {
    return this.#releases.read(windowId, signal);
  }

  decide(
    windowId: string,
    release: WindowRelease,
    signal: AbortSignal,
  ): Promise<{ release: WindowRelease; isNew: boolean }> {
    return this.#releases.write(windowId, release, signal);
  }

  async readWatermark(signal: AbortSignal): Promise<number | null> {
    const watermark = await this.#watermark.read(signal);
    return watermark === null ? null : Date.parse(watermark.to);
  }

  async advanceWatermark(window: ArchiveWindow, signal: AbortSignal): Promise<void> {
    await this.#watermark.advance(window, new Date(), signal);
  }

  /** The end of the former windows is written first, and the beginning of the others is it: a crash in between changes nothing. */
  async formerWindows(until: number, signal: AbortSignal): Promise<FormerWindows | null> {
    if (this.#former === null) return null;
    const { mediaTypes, watermark } = this.#former;
    const before = await watermark.read(signal);
    if (before === null) return null;
    const isBegun = (await this.#watermark.read(signal)) !== null;
    // Both have a watermark, and nothing says that one follows the other: somebody archives both.
    if (isBegun && before.until === undefined) return null;
    const latest = new Date(Math.max(until, Date.parse(before.to))).toISOString();
    const former = before.until === undefined ? await watermark.end(latest, signal) : before;
    if (former?.until === undefined) return null;
    const begin = { id: former.windowId, to: former.until };
    if (!isBegun) await this.#watermark.advance(begin, new Date(), signal);
    return { mediaTypes, doneTo: Date.parse(former.to), until: Date.parse(former.until) };
  }

  async advanceFormer(window: ArchiveWindow, signal: AbortSignal): Promise<void> {
    await this.#former?.watermark.advance(window, new Date(), signal);
  }
}
