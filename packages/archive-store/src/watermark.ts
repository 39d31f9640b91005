import { TrunklineError } from '@trunkline/contracts';
import { z } from 'zod';
import type { Bucket } from './bucket.ts';
import { jsonBytes, readSmall, writeSmall } from './small-object.ts';

const watermarkSchema = z.object({
  v: z.literal(1),
  /** End of the last window that is done, like all before it. */
  to: z.iso.datetime(),
  windowId: z.string().min(1),
  at: z.iso.datetime(),
  /** Windows of these media types end here: from then on those of others, which hold theirs too, are archived in their place. */
  until: z.iso.datetime().exactOptional(),
});
export type Watermark = z.infer<typeof watermarkSchema>;

/** Up to where the archive is complete, for some media types. It lies beside the data and never goes back. */
export class PlanWatermark {
  readonly #bucket: Bucket;
  readonly #key: string;

  constructor(bucket: Bucket, mediaTypes: readonly string[]) {
    this.#bucket = bucket;
    this.#key = bucket.keys.watermark(mediaTypes);
  }

  /** @returns `null`: no window was ever completed in order; @throws TrunklineError with an S3_ code */
  async read(signal?: AbortSignal): Promise<Watermark | null> {
    return (await this.#read(signal))?.watermark ?? null;
  }

  /** Moves on to the end of a window; where it is further already it stays. @returns where it stands then */
  async advance(window: { id: string; to: string }, at: Date, signal?: AbortSignal): Promise<Watermark> {
    for (;;) {
      const found = await this.#read(signal);
      if (found !== null && Date.parse(found.watermark.to) >= Date.parse(window.to)) return found.watermark;
      const next: Watermark = {
        ...found?.watermark,
        v: 1,
        to: window.to,
        windowId: window.id,
        at: at.toISOString(),
      };
      const condition = found === null ? 'absent' : { etag: found.etag };
      const written = await writeSmall(this.#bucket, this.#key, jsonBytes(next), condition, signal);
      if (written === 'stored') return next;
    }
  }

  /**
   * Says where the windows of these media types end; where that is said already it stays.
   * @returns `null`: no window of them was ever completed in order
   */
  async end(until: string, signal?: AbortSignal): Promise<Watermark | null> {
    for (;;) {
      const found = await this.#read(signal);
      if (found === null || found.watermark.until !== undefined) return found?.watermark ?? null;
      const next: Watermark = { ...found.watermark, until };
      const written = await writeSmall(
        this.#bucket,
        this.#key,
        jsonBytes(next),
        { etag: found.etag },
        signal,
      );
      if (written === 'stored') return next;
    }
  }

  async #read(signal: AbortSignal | undefined): Promise<{ watermark: Watermark; etag: string } | null> {
    const found = await readSmall(this.#bucket, this.#key, 65_536, signal);
    if (found === null) return null;
    try {
      const watermark = watermarkSchema.parse(JSON.parse(found.bytes.toString('utf8')));
      return { watermark, etag: found.etag };
    } catch (cause) {
      throw new TrunklineError('ARCHIVE_MANIFEST_UNREADABLE', {
        message: `The plan's watermark ${this.#key} is not one that Trunkline wrote.`,
        remedy: 'Delete it: the last complete window is planned, and a backfill finds what was missed.',
        cause,
      });
    }
  }
}
