import type { StoredObject } from '@trunkline/contracts';
import type { Bucket } from './bucket.ts';
import { type IndexEntry, readIndex } from './index-object.ts';
import { type Manifest, type ManifestObject, Manifests } from './manifest.ts';
import { altered, verifiedConversations } from './object-reading.ts';

/** Days of the windows' beginnings, both included, as `YYYY-MM-DD`; `null`: the whole archive. */
export type DayRange = { fromDay: string; toDay: string } | null;

/** Where a conversation lies. */
export interface Place {
  conversationId: string;
  windowId: string;
  object: ManifestObject;
  /** From 0, among the lines of the object. */
  line: number;
}

/** How many windows' indexes have been read, for a progress bar. */
export type OnWindow = (windowId: string) => void;

/** Reads conversations back: every byte that leads to an answer has been compared with the digest in the manifest. */
export class ArchiveReader {
  readonly #bucket: Bucket;
  readonly #manifests: Manifests;

  constructor(bucket: Bucket) {
    this.#bucket = bucket;
    this.#manifests = new Manifests(bucket);
  }

  /**
   * One conversation, redacted, as the JSON text that is stored.
   * @returns `null`: no window of the range holds it
   * @throws TrunklineError ARCHIVE_OBJECT_ALTERED, ARCHIVE_MANIFEST_UNREADABLE, an S3_ code
   */
  async get(
    conversationId: string,
    range: DayRange = null,
    options: { onWindow?: OnWindow; signal?: AbortSignal } = {},
  ): Promise<{ place: Place; text: string } | null> {
    const matches = (entry: IndexEntry): boolean => entry.id === conversationId;
    for await (const place of this.#places(matches, range, options)) {
      return { place, text: await this.text(place, options.signal) };
    }
    return null;
  }

  /** The conversations in which a token stands, window by window. */
  find(
    token: string,
    range: DayRange = null,
    options: { onWindow?: OnWindow; signal?: AbortSignal } = {},
  ): AsyncGenerator<Place> {
    return this.#places((entry) => entry.tokens.includes(token), range, options);
  }

  /** The text of a conversation whose place is known. */
  async text(place: Place, signal?: AbortSignal): Promise<string> {
    let text: string | null = null;
    for await (const conversation of verifiedConversations(this.#bucket, place.object, signal)) {
      if (conversation.line === place.line) text = conversation.text.toString('utf8');
    }
    if (text === null) throw altered(place.object, `has no line ${place.line}, which its index names`);
    return text;
  }

  async *#places(
    matches: (entry: IndexEntry) => boolean,
    range: DayRange,
    { onWindow, signal }: { onWindow?: OnWindow; signal?: AbortSignal },
  ): AsyncGenerator<Place> {
    for await (const windowId of this.#manifests.list(range, signal)) {
      const stored = await this.#manifests.read(windowId, signal);
      if (stored === null) continue;
      const { manifest } = stored;
      // An index that is altered may hide an entry as well as make one up: nothing of it counts before its digest is known.
      const found = manifest.index === null ? [] : await this.#matching(manifest.index, matches, signal);
      for (const entry of found) yield placeOf(entry, manifest);
      onWindow?.(windowId);
    }
  }

  async #matching(
    index: StoredObject,
    matches: (entry: IndexEntry) => boolean,
    signal: AbortSignal | undefined,
  ): Promise<IndexEntry[]> {
    const found: IndexEntry[] = [];
    for await (const entry of readIndex(this.#bucket, index, signal)) {
      if (matches(entry)) found.push(entry);
    }
    return found;
  }
}

function placeOf(entry: IndexEntry, manifest: Manifest): Place {
  const object = manifest.objects.find(({ key }) => key === entry.object);
  if (object === undefined) {
    throw altered(
      manifest.index ?? { key: 'the index', bytes: 0, sha256: '' },
      'names an object that its manifest does not',
    );
  }
  return { conversationId: entry.id, windowId: manifest.window.id, object, line: entry.line };
}
