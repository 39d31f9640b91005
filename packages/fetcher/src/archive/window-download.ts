import { createHash } from 'node:crypto';
import { release, type Stage, stageChunkBytes } from '@trunkline/claim-check/stage';
import { TrunklineError } from '@trunkline/contracts';
import {
  type ArchiveQuery,
  type ArchiveSource,
  downloadPage,
  type MadeConversations,
  type OpenedPage,
  type PageHead,
  type Patience,
} from '@trunkline/genesys';
import { LeftOvers } from './left-overs.ts';
import {
  chunkName,
  type PagePlace,
  refusedName,
  requestOf,
  type StagedPage,
  takePlace,
  versionOf,
} from './staged-page.ts';

/** What a download tells as it goes, for logs, figures and the watch over steps. None may throw. */
interface DownloadWatch {
  /** Bytes came from the source. */
  bytes: (count: number) => void;
  /** Bytes that an earlier attempt left need not come again. */
  adopted: (count: number) => void;
  opened: (page: number, opened: OpenedPage) => void;
  interrupted: (page: number, error: TrunklineError) => void;
  /** How far the conversations are, of pages that are made one by one. */
  conversations: (made: MadeConversations) => void;
  /** Behind an interruption: where the last byte was, or at the first again. */
  resumed: (page: number) => void;
  restarted: (page: number) => void;
  /** The pages so far are void, and the window begins with its first again. */
  beganAgain: (error: TrunklineError) => void;
}

export interface WindowDownloadParts {
  stage: Stage;
  source: ArchiveSource;
  windowId: string;
  /** Unique to this attempt, so that nothing that it writes is another's. */
  attempt: string;
  query: ArchiveQuery;
  patience: Patience;
  backoffMinMs: number;
  backoffMaxMs: number;
  watch: DownloadWatch;
  signal: AbortSignal;
}

/** A page whose bytes are not those that the source states. */
export class DigestMismatch extends TrunklineError {
  /** SHA-256 of the bytes that were read, in hex. */
  readonly actual: string;

  constructor(windowId: string, page: number, expected: string, actual: string) {
    super('ARCHIVE_DIGEST_MISMATCH', {
      message: `Page ${page} of ${windowId} is not what Genesys states: SHA-256 expected ${expected}, actual ${actual}.`,
      remedy: 'Nothing of it was passed on. When the source is mended, retry this job: it downloads anew.',
    });
    this.actual = actual;
  }
}

/** How often one attempt begins with a window whose pages expire. */
const maxBeginnings = 3;

/**
 * Downloads the pages of a window into the stage, in sealed chunks.
 *
 * Invariants: a page is returned only when it is whole and has the digest that the source states, where it states one; nothing in
 * the stage is overwritten; one chunk is in memory, whatever the size of a page. A kill at any moment costs the chunk that was
 * being filled: the next attempt adopts the others.
 */
export class WindowDownload {
  readonly #parts: WindowDownloadParts;
  #leftOvers: LeftOvers;
  #takes = 0;
  /** Of the pages that are whole. */
  #conversations = 0;

  private constructor(parts: WindowDownloadParts, leftOvers: LeftOvers) {
    this.#parts = parts;
    this.#leftOvers = leftOvers;
  }

  static async begin(parts: WindowDownloadParts): Promise<WindowDownload> {
    return new WindowDownload(parts, await LeftOvers.find(parts.stage, parts.windowId));
  }

  /**
   * All pages, in order. Where they expire before the last one, the window begins again.
   * @throws DigestMismatch, and as `ArchiveSource.openPage` and `downloadPage`
   */
  async pages(): Promise<StagedPage[]> {
    for (let beginning = 1; ; beginning++) {
      const pages: StagedPage[] = [];
      try {
        await this.#follow(pages);
        return pages;
      } catch (error) {
        if (!(error instanceof TrunklineError) || error.code !== 'ARCHIVE_PAGES_EXPIRED') throw error;
        for (const page of pages) await this.refuse(page);
        if (beginning === maxBeginnings) throw error;
        this.#parts.watch.beganAgain(error);
        this.#leftOvers = await LeftOvers.find(this.#parts.stage, this.#parts.windowId);
      }
    }
  }

  /** Each page names the one behind it. @param pages those that are whole, also where it throws */
  async #follow(pages: StagedPage[]): Promise<void> {
    this.#conversations = 0;
    const seen = new Set<string>();
    for (let token: string | null = null; ; ) {
      const page = await this.#page(pages.length + 1, token);
      pages.push(page);
      this.#conversations += page.conversations ?? 0;
      token = page.nextPage;
      if (token === null) return;
      if (seen.has(token)) throw pagesGoRound(this.#parts.windowId);
      seen.add(token);
    }
  }

  /** What a page holds is of no use, and is not to be adopted. */
  async refuse(page: StagedPage): Promise<void> {
    const { stage, windowId } = this.#parts;
    await stage.putNote(refusedName(windowId, page.place), { v: 1 });
  }

  /**
   * The bytes of a page, again; a chunk's memory is gone when the next one is asked for.
   * @throws TrunklineError ARCHIVE_DOWNLOAD_INTERRUPTED where they are gone from the stage
   */
  async *read(page: StagedPage): AsyncGenerator<Buffer> {
    for (const name of page.chunks) {
      this.#parts.signal.throwIfAborted();
      const chunk = await this.#parts.stage.getChunk(name);
      if (chunk === null) throw gone(this.#parts.windowId);
      yield chunk;
      release(chunk);
    }
  }

  async #page(number: number, token: string | null): Promise<StagedPage> {
    const { query, watch } = this.#parts;
    const request = requestOf(query, token);
    const since = Date.now() - this.#parts.source.pagesHoldMs;
    const whole = await this.#leftOvers.whole(number, request, since);
    if (whole !== null) {
      watch.adopted(whole.bytes);
      return whole;
    }
    const page = await this.#download(number, token, request);
    await this.#parts.stage.putNote(`${page.take}done`, { v: 1, ...page.staged, at: Date.now() });
    return page.staged;
  }

  async #download(
    number: number,
    token: string | null,
    request: string,
  ): Promise<{ staged: StagedPage; take: string }> {
    const { stage, source, windowId, query, patience, watch, signal } = this.#parts;
    const begun = await this.#leftOvers.begun(number, request, () => watch.adopted(stageChunkBytes));
    let head: PageHead | null = begun?.head ?? null;
    let made: MadeConversations | null = null;
    let chunks = begun?.chunks ?? [];
    let hash = begun?.hash ?? createHash('sha256');
    let bytes = chunks.length * stageChunkBytes;
    let place = head === null ? null : { page: number, request, version: versionOf(head) };
    let take = place === null ? '' : this.#take(place);
    const chunk = Buffer.allocUnsafeSlow(stageChunkBytes);
    let filled = 0;
    let hasHead = false;
    const flush = async (): Promise<void> => {
      if (!hasHead && head?.etag != null) await stage.putNote(`${take}head`, head);
      hasHead = true;
      const name = chunkName(take, chunks.length);
      await stage.putChunk(name, chunk.subarray(0, filled));
      chunks.push(name);
      filled = 0;
    };
    const parts = downloadPage({
      what: 'the conversation archive',
      open: (resume) => source.openPage(query, token, resume, patience, signal),
      left: begun === null ? null : { head: begun.head, bytes },
      onInterruption: (error) => watch.interrupted(number, error),
      backoffMinMs: this.#parts.backoffMinMs,
      backoffMaxMs: this.#parts.backoffMaxMs,
      signal,
    });
    for await (const part of parts) {
      switch (part.kind) {
        case 'begin':
          watch.opened(number, part.opened);
          if (head !== null) watch.restarted(number);
          head = part.head;
          made = part.opened.made;
          chunks = [];
          hash = createHash('sha256');
          bytes = 0;
          filled = 0;
          place = { page: number, request, version: versionOf(head) };
          take = this.#take(place);
          hasHead = false;
          break;
        case 'resume':
          watch.opened(number, part.opened);
          watch.resumed(number);
          break;
        case 'bytes':
          hash.update(part.bytes);
          bytes += part.bytes.length;
          if (made !== null) watch.conversations({ ...made, done: this.#conversations + made.done });
          watch.bytes(part.bytes.length);
          for (let at = 0; at < part.bytes.length; ) {
            const taken = part.bytes.copy(chunk, filled, at);
            filled += taken;
            at += taken;
            if (filled === stageChunkBytes) await flush();
          }
          break;
        default:
          part satisfies never;
      }
    }
    if (filled > 0) await flush();
    release(chunk);
    if (head === null || place === null) throw new Error('a download without a head'); // it begins with one
    const sha256 = hash.digest('hex');
    if (head.sha256 !== null && head.sha256 !== sha256) {
      await stage.putNote(refusedName(windowId, place), { v: 1 });
      await stage.removeAll(take);
      throw new DigestMismatch(windowId, number, head.sha256, sha256);
    }
    const verified = head.sha256 !== null;
    const conversations = made?.done ?? null;
    const missingTexts = made?.missingTexts ?? 0;
    const { nextPage } = head;
    const staged = { chunks, bytes, sha256, verified, nextPage, conversations, missingTexts, place };
    return { staged, take };
  }

  #take(place: PagePlace): string {
    return takePlace(this.#parts.windowId, this.#parts.attempt, place, ++this.#takes);
  }
}

function gone(windowId: string): TrunklineError {
  return new TrunklineError('ARCHIVE_DOWNLOAD_INTERRUPTED', {
    message: `What was downloaded of ${windowId} is gone from the stage.`,
    remedy: 'It is downloaded again; if it lasts, see who else removes files from STAGE_URL.',
  });
}

function pagesGoRound(windowId: string): TrunklineError {
  return new TrunklineError('GENESYS_REPLY_UNREADABLE', {
    message: `The pages of ${windowId} go round in a circle: one names a page that was read before as the next.`,
    remedy: 'The download is tried again; if it lasts, ask Genesys Cloud Care.',
  });
}
