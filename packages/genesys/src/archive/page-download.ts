import { TrunklineError } from '@trunkline/contracts';
import { Backoff, sleep } from '../backoff.ts';
import { LongWait } from '../long-wait.ts';
import type { OpenedPage, PageHead, PagePosition } from './archive-source.ts';
import { sameRepresentation } from './page-head.ts';

/** What a download hands on, in order. */
export type PagePart =
  /** What came before, if anything did, is void: the bytes that follow are the page's from its first on. */
  | { kind: 'begin'; head: PageHead; opened: OpenedPage }
  /** The bytes that follow go on where the last ones ended. */
  | { kind: 'resume'; opened: OpenedPage }
  | { kind: 'bytes'; bytes: Buffer };

export interface DownloadTerms {
  /** Names in messages what is downloaded: "the conversation archive". */
  what: string;
  /** Opens the page from its first byte, or from a position. */
  open: (resume: PagePosition | null) => Promise<OpenedPage>;
  /** What an earlier download left: bytes from the first on, of a page that had this head. */
  left: { head: PageHead; bytes: number } | null;
  /** Told of each interruption before it is gone on behind. Must not throw. */
  onInterruption: (error: TrunklineError) => void;
  backoffMinMs: number;
  backoffMaxMs: number;
  signal: AbortSignal;
}

/** Interruptions in a row that bring no byte which was not there before; then the download is given up. */
const maxFruitless = 10;

/**
 * The bytes of a page, through interruptions.
 *
 * Goes on behind the last byte where the page has a strong entity tag and is still the same; else it begins again, and says so
 * with another `begin`. Ends only when as many bytes were handed on as the source states; whether they are the right ones
 * is for the digest to tell, which the reader computes.
 *
 * @throws TrunklineError ARCHIVE_DOWNLOAD_INTERRUPTED where it comes no further
 * @throws TrunklineError ARCHIVE_LENGTH_MISMATCH where there are more bytes than stated
 * @throws as `terms.open`, ARCHIVE_SOURCE_CHANGED aside
 */
export async function* downloadPage(terms: DownloadTerms): AsyncGenerator<PagePart> {
  const backoff = new Backoff(terms.backoffMinMs, terms.backoffMaxMs);
  let head = terms.left?.head ?? null;
  let at = terms.left?.bytes ?? 0;
  let furthest = at;
  let fruitless = 0;
  for (;;) {
    let failure: TrunklineError;
    let opened: OpenedPage | null = null;
    const before = furthest;
    try {
      const resume = head === null || head.etag === null || at === 0 ? null : { etag: head.etag, offset: at };
      opened = await terms.open(resume);
      if (head !== null && resume !== null && opened.from === at) {
        if (!sameRepresentation(head, opened.head)) {
          throw changed(terms.what);
        }
        yield { kind: 'resume', opened };
      } else {
        head = opened.head;
        at = 0;
        yield { kind: 'begin', head, opened };
      }
      for await (const bytes of opened.body) {
        at += bytes.length;
        furthest = Math.max(furthest, at);
        if (head.length !== null && at > head.length) throw tooLong(terms.what, head.length);
        yield { kind: 'bytes', bytes };
      }
      if (head.length === null || at === head.length) return;
      failure = interrupted(terms.what, `ended after ${at} of ${head.length} bytes`);
    } catch (error) {
      if (!isInterruption(error)) throw error;
      failure = error;
      if (error.code === 'ARCHIVE_SOURCE_CHANGED') head = null;
    } finally {
      opened?.body.destroy();
    }
    terms.onInterruption(failure);
    fruitless = furthest > before ? 0 : fruitless + 1;
    if (fruitless >= maxFruitless) {
      const etag = head?.etag ?? null;
      const why = etag === null ? ' It has no strong entity tag, so that each attempt begins again.' : '';
      throw interrupted(
        terms.what,
        `was interrupted ${fruitless} times in a row after ${furthest} bytes.${why}`,
        failure,
      );
    }
    if (fruitless > 0) await sleep(backoff.nextMs(), terms.signal);
  }
}

/** Errors of opening have been waited for already; what is left of the retriable ones is about the bytes. */
function isInterruption(error: unknown): error is TrunklineError {
  return (
    error instanceof TrunklineError &&
    !(error instanceof LongWait) && // which has the code of its reason
    (error.code === 'ARCHIVE_SOURCE_CHANGED' ||
      error.code === 'GENESYS_REPLY_UNREADABLE' ||
      error.code === 'GENESYS_UNREACHABLE')
  );
}

function interrupted(what: string, how: string, cause?: TrunklineError): TrunklineError {
  return new TrunklineError('ARCHIVE_DOWNLOAD_INTERRUPTED', {
    message: `The download of ${what} ${how}${how.endsWith('.') ? '' : '.'}`,
    remedy:
      'It is tried again; if it lasts, look at proxies and firewalls, or set a smaller ARCHIVE_PAGE_SIZE.',
    ...(cause === undefined ? {} : { cause }),
  });
}

function changed(what: string): TrunklineError {
  return new TrunklineError('ARCHIVE_SOURCE_CHANGED', {
    message: `Genesys changed ${what} while it was downloaded.`,
    remedy: 'The download starts again.',
  });
}

function tooLong(what: string, stated: number): TrunklineError {
  return new TrunklineError('ARCHIVE_LENGTH_MISMATCH', {
    message: `There is more of ${what} than the ${stated} bytes that Genesys states.`,
    remedy: 'It is tried again; if it lasts, a proxy may alter replies.',
  });
}
