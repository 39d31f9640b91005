import { TrunklineError } from '@trunkline/contracts';
import type { ArchiveQuery, ArchiveSource, OpenedPage, PagePosition } from '../../archive/archive-source.ts';
import type { Patience } from '../../patience.ts';
import type { AnalyticsRow } from './analytics-row.ts';
import { type ArchiveTerms, askingOf, openedRows, platformPagesHoldMs } from './archive-terms.ts';
import { type Asking, ask } from './asking.ts';
import { type DetailsReply, readDetails } from './details-reply.ts';
import { detailsPermissions, detailsRequest, startsInside } from './details-request.ts';
import { pageName, type QueryPlace, readPageName } from './page-place.ts';
import { pagesExpired } from './pages-expired.ts';
import { unreadable } from './reply-text.ts';

const what = 'the conversation query';

/** Larger pages are not seen anywhere; whether Genesys takes them is unverified. */
const largestPage = 100;

/** What the query answers at a place. */
type Answer =
  | { kind: 'page'; details: DetailsReply; serverDate: Date | null }
  | { kind: 'too-large' } // 413: a smaller page may pass
  | { kind: 'too-deep' }; // pages so far behind are not served

/**
 * Conversation archives by Genesys' conversation details query, page by page in the order in which conversations started: for windows
 * that are small, or that the data lake does not have yet.
 *
 * Where Genesys refuses to go deeper into the pages, the rest is asked for as an interval of its own, which begins at the last start
 * that was seen.
 */
export class AnalyticsQuerySource implements ArchiveSource {
  readonly pagesHoldMs = platformPagesHoldMs;
  readonly #terms: ArchiveTerms;

  constructor(terms: ArchiveTerms) {
    this.#terms = terms;
  }

  async openPage(
    query: ArchiveQuery,
    page: string | null,
    _resume: PagePosition | null,
    patience: Patience,
    signal: AbortSignal,
  ): Promise<OpenedPage> {
    const asking = askingOf(this.#terms, query, patience, signal);
    for (let place = placeOf(query, page); ; ) {
      const answer = await this.#ask(asking, query, place);
      switch (answer.kind) {
        case 'too-large':
          place = withSmallerPages(place);
          break;
        case 'too-deep':
          place = narrowed(place);
          break;
        case 'page': {
          const { details, serverDate } = answer;
          if (isShrunk(place, details)) throw pagesExpired('Genesys has fewer conversations than before');
          const next = placeBehind(place, details);
          return openedRows(this.#terms, asking, query, {
            rows: details.rows.filter((row) => startsInside(query, row.startMs) && isNew(row, place, query)),
            nextPage: next === null ? null : pageName(next),
            serverDate,
            ofWindow: place.from === query.from ? details.totalHits : null,
          });
        }
        default:
          answer satisfies never;
      }
    }
  }

  #ask(asking: Asking, query: ArchiveQuery, { from, size, offset }: QueryPlace): Promise<Answer> {
    return ask<Answer>(asking, {
      what,
      method: 'POST',
      path: '/api/v2/analytics/conversations/details/query',
      body: {
        ...detailsRequest(query, from),
        order: 'asc',
        orderBy: 'conversationStart',
        paging: { pageSize: size, pageNumber: offset / size + 1 },
      },
      permissions: detailsPermissions,
      // The first page has shown that the query itself is in order: what is refused behind it is the depth.
      alsoWanted: offset === 0 ? [413] : [413, 400],
      decode: (body, { status, serverDate }) => {
        if (status === 413) return { kind: 'too-large' };
        if (status === 400) return { kind: 'too-deep' };
        const details = readDetails(body, what);
        if (details.rows.length === 0 && offset < (details.totalHits ?? 0)) {
          if (offset === 0) throw unreadable(what, 'has hits and no conversations');
          return { kind: 'too-deep' };
        }
        return { kind: 'page', details, serverDate };
      },
    });
  }
}

function placeOf(query: ArchiveQuery, page: string | null): QueryPlace {
  if (page === null) {
    const size = Math.min(query.pageSize, largestPage);
    return { kind: 'query', from: query.from, size, offset: 0, last: null, total: null };
  }
  const place = readPageName(page);
  if (place?.kind !== 'query') throw pagesExpired('they were begun by another source');
  return place;
}

function placeBehind(place: QueryPlace, { rows, totalHits }: DetailsReply): QueryPlace | null {
  const offset = place.offset + place.size;
  const isMore = totalHits === null ? rows.length >= place.size : offset < totalHits;
  return isMore ? { ...place, offset, last: lastOf(place, rows), total: totalHits } : null;
}

/**
 * Whether conversations went away between two pages: those behind have moved up then, past the place at which this page begins. More
 * of them come behind all that is read, as conversations begin.
 */
function isShrunk({ total }: QueryPlace, { totalHits }: DetailsReply): boolean {
  return total !== null && totalHits !== null && totalHits < total;
}

/** Where the conversations of a page end; `null` where they are not in the order of their starts, as was asked for. */
function lastOf({ last }: QueryPlace, rows: readonly AnalyticsRow[]): QueryPlace['last'] {
  let startMs = last === null ? Number.NEGATIVE_INFINITY : Date.parse(last.start);
  let ids = last?.ids ?? [];
  for (const row of rows) {
    if (row.startMs === null || row.id === null || row.startMs < startMs) return null;
    ids = row.startMs === startMs ? [...ids, row.id] : [row.id];
    startMs = row.startMs;
  }
  return Number.isFinite(startMs) ? { start: new Date(startMs).toISOString(), ids } : null;
}

/**
 * Whether no page before had the conversation: a narrowed interval begins with conversations that were seen, and so does a page before
 * which another conversation has appeared.
 */
function isNew({ id, startMs }: AnalyticsRow, { from, last }: QueryPlace, query: ArchiveQuery): boolean {
  if (from !== query.from && startMs !== null && startMs < Date.parse(from)) return false;
  return id === null || last === null || !last.ids.includes(id);
}

/** The same conversation comes first, on a page of about half the size. */
function withSmallerPages(place: QueryPlace): QueryPlace {
  if (place.size === 1) {
    throw new TrunklineError('GENESYS_REQUEST_REFUSED', {
      message: `Genesys answered 413 to ${what} for a page of one conversation.`,
      remedy: 'Set ARCHIVE_SOURCE=analytics-jobs.',
    });
  }
  let size = Math.floor(place.size / 2);
  while (place.offset % size !== 0) size--;
  return { ...place, size };
}

function narrowed(place: QueryPlace): QueryPlace {
  const { last } = place;
  if (last === null || Date.parse(last.start) <= Date.parse(place.from)) {
    throw new TrunklineError('GENESYS_REQUEST_REFUSED', {
      message: `Genesys answers ${what} only to a depth of ${place.offset} conversations, and more of them start at once.`,
      remedy: 'Set ARCHIVE_SOURCE=analytics-jobs, whose pages have no such depth.',
    });
  }
  return { ...place, from: last.start, offset: 0, total: null };
}
