import type { Manifests, PlanWatermark } from '@trunkline/archive-store';
import type { ArchiveWindow } from '@trunkline/contracts';

/** What planning and fetching need to know of the windows that are done; all of it lies in the bucket, beside the data. */
export interface WindowRecords {
  /** Whether a window has its manifest. @throws TrunklineError with an S3_ code */
  isDone(window: ArchiveWindow, signal: AbortSignal): Promise<boolean>;
  /** Up to where every window is done (ms since 1970); `null`: none ever was. */
  readWatermark(signal: AbortSignal): Promise<number | null>;
  /** Moves the watermark to the end of a window; it never goes back. */
  advanceWatermark(window: ArchiveWindow, signal: AbortSignal): Promise<void>;
}

export class BucketWindowRecords implements WindowRecords {
  readonly #manifests: Manifests;
  readonly #watermark: PlanWatermark;

  constructor(manifests: Manifests, watermark: PlanWatermark) {
    this.#manifests = manifests;
    this.#watermark = watermark;
  }

  isDone(window: ArchiveWindow, signal: AbortSignal): Promise<boolean> {
    return this.#manifests.exists(window, signal);
  }

  async readWatermark(signal: AbortSignal): Promise<number | null> {
    const watermark = await this.#watermark.read(signal);
    return watermark === null ? null : Date.parse(watermark.to);
  }

  async advanceWatermark(window: ArchiveWindow, signal: AbortSignal): Promise<void> {
    await this.#watermark.advance(window, new Date(), signal);
  }
}
