import { TrunklineError } from '@trunkline/contracts';
import type { OpenReply } from '../transport.ts';
import type { OpenedPage, PagePosition } from './archive-source.ts';
import { contentLength, contentRange, strongEtag } from './page-head.ts';
import { statedDigest } from './stated-digest.ts';

export const WHOLE = 200;
export const PART = 206;
export const RANGE_NOT_SATISFIABLE = 416;

/** What a request adds to be answered from a position on (RFC 9110, 13.1.5 and 14.2); ranges are of the bytes as they are sent. */
export function rangeHeaders(resume: PagePosition | null): Record<string, string> {
  return {
    'accept-encoding': 'identity',
    ...(resume === null ? {} : { range: `bytes=${resume.offset}-`, 'if-range': resume.etag }),
  };
}

/**
 * What a reply with 200 or 206 opens.
 * @param what names it in messages: "the conversation archive"
 * @throws TrunklineError ARCHIVE_SOURCE_CHANGED where it is a part, and not the one that was asked for
 * @throws TrunklineError GENESYS_REPLY_UNREADABLE where it is a web page, or encoded
 * @throws as `statedDigest`
 */
export function openedPage(reply: OpenReply, resume: PagePosition | null, what: string): OpenedPage {
  const { headers, body, serverDate } = reply;
  const encoding = headers.get('content-encoding')?.trim().toLowerCase() ?? 'identity';
  if (encoding !== 'identity') throw encoded(what);
  if (/^text\/html\b/i.test(headers.get('content-type')?.trim() ?? '')) throw webPage(what);
  const digest = statedDigest(headers);
  const head = {
    etag: strongEtag(headers.get('etag')),
    length: contentLength(headers.get('content-length')),
    sha256: digest.sha256,
    nextPage: headers.get('x-next-page')?.trim() || null,
  };
  const opened = { body, serverDate, unreadableDigests: digest.unreadable, made: null };
  if (reply.status === WHOLE) return { ...opened, head, from: 0 };
  const range = contentRange(headers.get('content-range'));
  // A part that begins elsewhere is of no use, whatever it is a part of.
  if (range === null || range.from !== resume?.offset) throw sourceChanged(what);
  return { ...opened, head: { ...head, length: range.total }, from: range.from };
}

export function sourceChanged(what: string): TrunklineError {
  return new TrunklineError('ARCHIVE_SOURCE_CHANGED', {
    message: `Genesys no longer serves ${what} from where its download was interrupted.`,
    remedy: 'The download starts again.',
  });
}

/** A maintenance page with status 200, as gateways send it: no archive, and none that is broken. */
function webPage(what: string): TrunklineError {
  return new TrunklineError('GENESYS_REPLY_UNREADABLE', {
    message: `A web page came in place of ${what}.`,
    remedy: 'It is tried again; if it lasts, look for a gateway or a proxy that answers instead of Genesys.',
  });
}

function encoded(what: string): TrunklineError {
  return new TrunklineError('GENESYS_REPLY_UNREADABLE', {
    message: `A content encoding that was not asked for came with ${what}.`,
    remedy: 'It is tried again; if it lasts, keep proxies from compressing replies.',
  });
}
