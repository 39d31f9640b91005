import type { GenesysConnection } from '../connection.ts';
import type { OpenCall } from '../http.ts';
import type { Patience } from '../patience.ts';
import type { ArchiveQuery, ArchiveSource, OpenedPage, PagePosition } from './archive-source.ts';
import {
  openedPage,
  PART,
  RANGE_NOT_SATISFIABLE,
  rangeHeaders,
  sourceChanged,
  WHOLE,
} from './opened-page.ts';

const what = 'the conversation archive';

/** Conversation archives by the guide's details query. Source: guide contract, "Conversation archives". */
export class ConversationDetailsSource implements ArchiveSource {
  /** An hour: later the source may have been mended. */
  readonly pagesHoldMs = 3_600_000;
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
      return openedPage(reply, resume, what);
    } catch (error) {
      reply.body.destroy();
      throw error;
    }
  }
}

export function detailsCall(
  query: Omit<ArchiveQuery, 'missing' | 'without'>,
  page: string | null,
  resume: PagePosition | null,
): OpenCall {
  const { from, to, mediaTypes, pageSize, storageClass } = query;
  const path = '/api/v2/analytics/conversations/details/query';
  return {
    what,
    method: 'POST',
    path: page === null ? path : `${path}?page=${encodeURIComponent(page)}`,
    headers: {
      'content-type': 'application/json',
      'x-genesys-storage-class': storageClass,
      ...rangeHeaders(resume),
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
    refusal: (status) => (status === RANGE_NOT_SATISFIABLE && resume !== null ? sourceChanged(what) : null),
  };
}
