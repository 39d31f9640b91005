import { createHash, type Hash } from 'node:crypto';
import { type Stage, stageChunkBytes, stagePlaces } from '@trunkline/claim-check/stage';
import { TrunklineError } from '@trunkline/contracts';
import type { PageHead } from '@trunkline/genesys';
import { doneNote, headNote, readName, type StagedPage } from './staged-page.ts';

/** A page of which the beginning is there. */
export interface BegunPage {
  head: PageHead;
  /** Names of its first chunks, all of them full. */
  chunks: string[];
  /** Over these chunks. */
  hash: Hash;
}

/** What of one version of one page earlier attempts left. */
interface Version {
  heads: string[];
  dones: { name: string; writtenAt: number }[];
  /** By index: the names under which a chunk was written. */
  chunks: Map<number, string[]>;
}

/**
 * What earlier attempts at a window left in the stage, and what of it can be gone on with. Every chunk that is adopted is opened
 * and hashed first; one that does not open ends what is adopted.
 */
export class LeftOvers {
  readonly #stage: Stage;
  readonly #versions = new Map<string, Map<string, Version>>();
  readonly #chunkNames = new Set<string>();
  readonly #refused = new Set<string>();

  private constructor(stage: Stage) {
    this.#stage = stage;
  }

  static async find(stage: Stage, windowId: string): Promise<LeftOvers> {
    const found = new LeftOvers(stage);
    for await (const { name, writtenAt } of stage.list(stagePlaces.window(windowId))) {
      const read = readName(windowId, name);
      if (read === null) continue;
      const version = found.#version(read.page, read.request, read.version);
      switch (read.kind) {
        case 'refused':
          found.#refused.add(read.version);
          break;
        case 'head':
          version.heads.push(name);
          break;
        case 'done':
          version.dones.push({ name, writtenAt });
          break;
        case 'chunk':
          found.#chunkNames.add(name);
          version.chunks.set(read.index, [...(version.chunks.get(read.index) ?? []), name]);
          break;
        default:
          read satisfies never;
      }
    }
    return found;
  }

  /** A page that is there as a whole. @param since when it was written at the earliest, ms since 1970 */
  async whole(page: number, request: string, since: number): Promise<StagedPage | null> {
    for (const [version, { dones }] of this.#of(page, request)) {
      for (const { name, writtenAt } of dones) {
        if (writtenAt < since) continue;
        const done = doneNote.safeParse(await this.#note(name)).data;
        if (done === undefined || !this.#all(done.chunks)) continue;
        const { v: _version, at: _at, ...staged } = done;
        return { ...staged, place: { page, request, version } };
      }
    }
    return null;
  }

  /**
   * The longest beginning of a page whose download can be resumed.
   * @param onChunk told of each chunk that was opened and hashed
   */
  async begun(page: number, request: string, onChunk: () => void): Promise<BegunPage | null> {
    const candidates = [...this.#of(page, request)]
      .map(([, version]) => ({ version, chunks: inARow(version) }))
      .filter(({ chunks }) => chunks > 0)
      .sort((one, other) => other.chunks - one.chunks);
    for (const { version } of candidates) {
      const begun = await this.#adopt(version, onChunk);
      if (begun !== null) return begun;
    }
    return null;
  }

  async #adopt(version: Version, onChunk: () => void): Promise<BegunPage | null> {
    const head = await this.#head(version);
    if (head === null || head.etag === null) return null;
    // The last byte is always asked for again: the answer tells whether the source is still the same.
    const limit =
      head.length === null ? Number.POSITIVE_INFINITY : Math.ceil(head.length / stageChunkBytes) - 1;
    const hash = createHash('sha256');
    const chunks: string[] = [];
    while (chunks.length < limit) {
      const opened = await this.#open(version.chunks.get(chunks.length) ?? []);
      if (opened === null) break;
      hash.update(opened.bytes);
      chunks.push(opened.name);
      onChunk();
    }
    return chunks.length === 0 ? null : { head, chunks, hash };
  }

  async #head(version: Version): Promise<PageHead | null> {
    for (const name of version.heads) {
      const head = headNote.safeParse(await this.#note(name)).data;
      if (head !== undefined) return head;
    }
    return null;
  }

  async #open(names: readonly string[]): Promise<{ name: string; bytes: Buffer } | null> {
    for (const name of names) {
      const bytes = await nullIfUnreadable(this.#stage.getChunk(name));
      if (bytes !== null && bytes.length === stageChunkBytes) return { name, bytes };
    }
    return null;
  }

  async #note(name: string): Promise<unknown> {
    return nullIfUnreadable(this.#stage.getNote(name));
  }

  #all(names: readonly string[]): boolean {
    return names.every((name) => this.#chunkNames.has(name));
  }

  /** Versions of a page that are not refused. */
  *#of(page: number, request: string): Generator<[string, Version]> {
    for (const [name, version] of this.#versions.get(`${page} ${request}`) ?? []) {
      if (!this.#refused.has(name)) yield [name, version];
    }
  }

  #version(page: number, request: string, name: string): Version {
    const key = `${page} ${request}`;
    const versions = this.#versions.get(key) ?? new Map<string, Version>();
    this.#versions.set(key, versions);
    const version = versions.get(name) ?? { heads: [], dones: [], chunks: new Map() };
    versions.set(name, version);
    return version;
  }
}

/** How many chunks there are from the first on, without a gap. */
function inARow({ chunks }: Version): number {
  let count = 0;
  while (chunks.has(count)) count++;
  return count;
}

/** What does not open is downloaded again; a key that is missing is for a person to give. */
async function nullIfUnreadable<T>(read: Promise<T>): Promise<T | null> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof TrunklineError && error.code === 'STAGE_BLOB_UNREADABLE') return null;
    throw error;
  }
}
