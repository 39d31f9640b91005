import { TrunklineError, type WindowRelease, windowRelease } from '@trunkline/contracts';
import type { Bucket } from './bucket.ts';
import { jsonBytes, readSmall, writeSmall } from './small-object.ts';

/**
 * What people decided about windows whose texts do not come. It lies beside the data, one object a window, and the first decision
 * stands. All throw TrunklineError with an S3_ code.
 */
export class WindowReleases {
  readonly #bucket: Bucket;

  constructor(bucket: Bucket) {
    this.#bucket = bucket;
  }

  /** @returns `null`: nobody has decided */
  async read(windowId: string, signal?: AbortSignal): Promise<WindowRelease | null> {
    const key = this.#bucket.keys.release(windowId);
    const found = await readSmall(this.#bucket, key, 65_536, signal);
    if (found === null) return null;
    try {
      return windowRelease.parse(JSON.parse(found.bytes.toString('utf8')));
    } catch (cause) {
      throw new TrunklineError('ARCHIVE_MANIFEST_UNREADABLE', {
        message: `The release ${key} is not one that Trunkline wrote.`,
        remedy: 'Delete it, and release the window again if it is still held back.',
        cause,
      });
    }
  }

  /** @returns the release that stands then, and whether it is this one */
  async write(
    windowId: string,
    release: WindowRelease,
    signal?: AbortSignal,
  ): Promise<{ release: WindowRelease; isNew: boolean }> {
    const key = this.#bucket.keys.release(windowId);
    for (;;) {
      const written = await writeSmall(this.#bucket, key, jsonBytes(release), 'absent', signal);
      if (written === 'stored') return { release, isNew: true };
      const found = await this.read(windowId, signal);
      if (found !== null) return { release: found, isNew: false };
    }
  }
}
