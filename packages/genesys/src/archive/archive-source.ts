import type { OpenBody } from '../open-body.ts';
import type { Patience } from '../patience.ts';

/** Which conversations are wanted: those of one window. */
export interface ArchiveQuery {
  /** RFC 3339, inclusive. */
  from: string;
  /** RFC 3339, exclusive. */
  to: string;
  mediaTypes: readonly string[];
  pageSize: number;
  storageClass: string;
  missing: MissingAllowed;
  /** Ids of conversations that are not wanted, though they are of the window: they were erased. */
  without: ReadonlySet<string>;
}

/**
 * Which texts a window of the platform contract goes on without, telling of each in its document. `none`: it is held back, or fails.
 * `not-given`: those that Genesys itself does not give, though it says that they belong to the conversation. `any`: those too at which
 * something goes wrong on the way.
 */
export type MissingAllowed = 'none' | 'not-given' | 'any';

/** What a source tells of a page before its bytes: all that is needed to go on with it later, and to judge it. */
export interface PageHead {
  /** Strong entity tag of the page as it is served now; `null`: an interrupted download starts again. */
  etag: string | null;
  /** Bytes of the whole page; `null` where the source did not tell. */
  length: number | null;
  /** SHA-256 of the whole page in lower-case hex, as the source states it; `null` where it states none. */
  sha256: string | null;
  /** Names the page behind this one; `null` = this is the last. Opaque. */
  nextPage: string | null;
}

/** Where a download was interrupted. */
export interface PagePosition {
  /** As the page had it when its first bytes were read. */
  etag: string;
  /** Bytes that are there already, at least 1. */
  offset: number;
}

/** A page whose bytes are to be read, or destroyed. */
export interface OpenedPage {
  head: PageHead;
  /** Where `body` begins: at the position that was asked for, or at 0 where the source starts again. */
  from: number;
  body: AsyncIterable<Buffer> & Pick<OpenBody, 'destroy'>;
  /** The source's clock, `null` where it did not tell it. */
  serverDate: Date | null;
  /** Names of digest headers that could not be read, and count as absent. */
  unreadableDigests: readonly string[];
  /** How far a page is whose body is made conversation by conversation; `null` where it is one reply of the source. */
  made: MadeConversations | null;
}

/** Grows while the body is read. */
export interface MadeConversations {
  /** Of this page, handed on so far. */
  readonly done: number;
  /** Of the whole window, as far as the source tells; `null` where it does not. */
  readonly ofWindow: number | null;
  /** Texts of the conversations of this page that their documents are without. */
  readonly missingTexts: number;
}

/**
 * Where conversations come from: the pages of a window, in order, each a JSON array of conversations, which can be read
 * from the middle where it has an entity tag. How a download goes on behind an interruption, and what is checked of it, is the same
 * for every source: `downloadPage`. Opening a page and reading its body throw alike.
 */
export interface ArchiveSource {
  /** For so long (ms) a page that an earlier attempt has as a whole is taken as it is; an older one is asked for again. */
  readonly pagesHoldMs: number;
  /**
   * Opens a page. Waits and tries again for as long as `patience` allows.
   *
   * @param page as the page before named it; `null`: the first
   * @param resume `null`: from its first byte
   * @throws LongWait: the work is better parked until then
   * @throws TrunklineError ARCHIVE_SOURCE_CHANGED where the position is not one of the page any more: open it from its first byte
   * @throws TrunklineError ARCHIVE_PAGES_EXPIRED where the page cannot be had any more as it was named: the window begins again
   * @throws TrunklineError ARCHIVE_DIGEST_MISMATCH where two digests are stated which differ
   * @throws TrunklineError GENESYS_CREDENTIALS_REJECTED, GENESYS_PERMISSION_MISSING, GENESYS_REQUEST_REFUSED: a person has to act
   * @throws the signal's reason
   */
  openPage(
    query: ArchiveQuery,
    page: string | null,
    resume: PagePosition | null,
    patience: Patience,
    signal: AbortSignal,
  ): Promise<OpenedPage>;
}
