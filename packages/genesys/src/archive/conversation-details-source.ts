import { TrunklineError } from '@trunkline/contracts';
import type { GenesysConnection } from '../connection.ts';
import type { OpenCall } from '../http.ts';
import type { Patience } from '../patience.ts';
import type { OpenReply } from '../transport.ts';
import type { ArchiveQuery, ArchiveSource, OpenedPage, PagePosition } from './archive-source.ts';
import { contentLength, contentRange, strongEtag } from './page-head.ts';
import { statedDigest } from './stated-digest.ts';

const WHOLE = 200;
const PART = 206;
const RANGE_NOT_SATISFIABLE = 416;

/** Conversation archives by the guide's details query. Source: guide contract, "Conversation archives". */
export class ConversationDetailsSource implements ArchiveSource {
  readonly #open: GenesysConnection['open'];

  constructor(open: GenesysConnection['open']) {
    this.#open = open;
  }

  async openPage(
    query: ArchiveQuery,
    page: string | null,
    resume: PagePosition | null,
    patience: Patience,
    signal: AbortSignal,
  ): Promise<OpenedPage> {
    const reply = await this.#open(detailsCall(query, page, resume), patience, signal);
    try {
      return openedPage(reply, resume);
    } catch (error) {
      reply.body.destroy();
      throw error;
    }
  }
}

function detailsCall(query: ArchiveQuery, page: string | null, resume: PagePosition | null): OpenCall {
  const { from, to, mediaTypes, pageSize, storageClass } = query;
  const path = '/api/v2/analytics/conversations/details/query';
  return {
    what: 'the conversation archive',
    method: 'POST',
    path: page === null ? path : `${path}?page=${encodeURIComponent(page)}`,
    headers: {
      'content-type': 'application/json',
      'x-genesys-storage-class': storageClass,
      // Ranges and digests are of the bytes as they are sent: these must be the archive's own.
      'accept-encoding': 'identity',
      ...(resume === null ? {} : { range: `bytes=${resume.offset}-`, 'if-range': resume.etag }),
    },
    body: JSON.stringify({
      from,
      to,
      size: pageSize,
      filter: mediaTypes.map((type) => ({ type: 'in', clause: `mediaType=${type}` })),
    }),
    wanted: resume === null ? [WHOLE] : [WHOLE, PART],
    permissions: ['analytics:conversationDetail:view', 'analytics:conversation:read'],
    rateLimitRemedy: 'All processes of the client pause; if it lasts, set a smaller ARCHIVE_PAGE_SIZE.',
    refusal: (status) => (status === RANGE_NOT_SATISFIABLE && resume !== null ? sourceChanged() : null),
  };
}

function openedPage(reply: OpenReply, resume: PagePosition | null): OpenedPage {
  const { headers, body, serverDate } = reply;
  const encoding = headers.get('content-encoding')?.trim().toLowerCase() ?? 'identity';
  if (encoding !== 'identity') throw encoded();
  if (/^text\/html\b/i.test(headers.get('content-type')?.trim() ?? '')) throw webPage();
  const digest = statedDigest(headers);
  const head = {
    etag: strongEtag(headers.get('etag')),
    length: contentLength(headers.get('content-length')),
    sha256: digest.sha256,
    nextPage: headers.get('x-next-page')?.trim() || null,
  };
  const opened = { body, serverDate, unreadableDigests: digest.unreadable };
  if (reply.status === WHOLE) return { ...opened, head, from: 0 };
  const range = contentRange(headers.get('content-range'));
  // A part that begins elsewhere is of no use, whatever it is a part of.
  if (range === null || range.from !== resume?.offset) throw sourceChanged();
  return { ...opened, head: { ...head, length: range.total }, from: range.from };
}

function sourceChanged(): TrunklineError {
  return new TrunklineError('ARCHIVE_SOURCE_CHANGED', {
    message: 'Genesys no longer serves the conversation archive from where its download was interrupted.',
    remedy: 'The download starts again.',
  });
}

/** A maintenance page with status 200, as gateways send it: no archive, and none that is broken. */
function webPage(): TrunklineError {
  return new TrunklineError('GENESYS_REPLY_UNREADABLE', {
    message: 'A web page came in place of the conversation archive.',
    remedy: 'It is tried again; if it lasts, look for a gateway or a proxy that answers instead of Genesys.',
  });
}

function encoded(): TrunklineError {
  return new TrunklineError('GENESYS_REPLY_UNREADABLE', {
    message: 'The conversation archive came in a content encoding that was not asked for.',
    remedy: 'It is tried again; if it lasts, keep proxies from compressing replies.',
  });
}
