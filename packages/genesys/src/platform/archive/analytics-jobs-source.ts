import { z } from 'zod';
import type { ArchiveQuery, ArchiveSource, OpenedPage, PagePosition } from '../../archive/archive-source.ts';
import type { Patience } from '../../patience.ts';
import { type ArchiveTerms, askingOf, openedRows, platformPagesHoldMs } from './archive-terms.ts';
import { type Asking, ask, foreign404, later, notReady, untilReady } from './asking.ts';
import { type DetailsReply, readDetails, time } from './details-reply.ts';
import { detailsPermissions, detailsRequest, startsInside } from './details-request.ts';
import { type JobPlace, pageName, readPageName } from './page-place.ts';
import { pagesExpired } from './pages-expired.ts';
import { isErrorOf, readReply, unreadable } from './reply-text.ts';

const jobs = '/api/v2/analytics/conversations/details/jobs';

/** Pages of this size are known to work. */
const largestPage = 1_000;

const availability = z.object({ dataAvailabilityDate: time });
const submitted = z.object({ jobId: z.string().min(1) });
const status = z.object({ state: z.string() });

type Results =
  | { kind: 'page'; details: DetailsReply; serverDate: Date | null }
  | { kind: 'too-large' } // 413
  | { kind: 'gone' }; // 404: the job has expired

/**
 * Conversation archives by Genesys' asynchronous details jobs, which read its data lake: for windows of a day and more.
 *
 * Submitting a job makes a page of its own, without conversations: it names the job in the name of the page behind it, so that a fetch
 * that is killed or parked goes on with the same job. A job that failed or expired ends all pages of the window: those of another job
 * are cut otherwise.
 */
export class AnalyticsJobsSource implements ArchiveSource {
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
    if (page === null) return this.#submitted(asking, query);
    const place = readPageName(page);
    if (place?.kind !== 'job') throw pagesExpired('they were begun by another source');
    if (place.cursor === null) await fulfilled(asking, place.job);
    return this.#results(asking, query, place);
  }

  /** Whether the lake has all data of a window. @throws as `GenesysConnection.callWith` */
  async reaches(query: ArchiveQuery, patience: Patience, signal: AbortSignal): Promise<boolean> {
    return (await availableMs(askingOf(this.#terms, query, patience, signal))) >= Date.parse(query.to);
  }

  async #submitted(asking: Asking, query: ArchiveQuery): Promise<OpenedPage> {
    const reachedMs = await availableMs(asking);
    if (reachedMs < Date.parse(query.to)) {
      throw notReady(
        asking,
        `The conversation data of Genesys reach to ${new Date(reachedMs).toISOString()} only`,
      );
    }
    const what = 'a job for conversation details';
    const { jobId, serverDate } = await ask(asking, {
      what,
      method: 'POST',
      path: jobs,
      body: detailsRequest(query),
      permissions: detailsPermissions,
      decode: (body, reply) => ({ ...readReply(body, what, submitted), serverDate: reply.serverDate }),
    });
    const size = Math.min(query.pageSize, largestPage);
    return openedRows(this.#terms, asking, query, {
      rows: [],
      nextPage: pageName({ kind: 'job', job: jobId, size, cursor: null }),
      serverDate,
      ofWindow: null,
    });
  }

  async #results(asking: Asking, query: ArchiveQuery, first: JobPlace): Promise<OpenedPage> {
    for (let place = first; ; place = { ...place, size: Math.floor(place.size / 2) }) {
      if (place.size === 0) throw unreadable(resultsOf, 'is 413 for a page of one conversation');
      const results = await askResults(asking, place);
      switch (results.kind) {
        case 'gone':
          throw pagesExpired(`Genesys no longer knows the job ${place.job}`);
        case 'too-large':
          continue;
        case 'page': {
          const { details, serverDate } = results;
          if (details.availableMs !== null && details.availableMs < Date.parse(query.to)) {
            throw pagesExpired(`the job ${place.job} ran before Genesys had all data of the window`);
          }
          const { cursor } = details;
          return openedRows(this.#terms, asking, query, {
            rows: details.rows.filter(({ startMs }) => startsInside(query, startMs)),
            nextPage: cursor === null ? null : pageName({ ...place, cursor }),
            serverDate,
            ofWindow: null,
          });
        }
        default:
          results satisfies never;
      }
    }
  }
}

const resultsOf = 'the results of a job for conversation details';

function askResults(asking: Asking, { job, size, cursor }: JobPlace): Promise<Results> {
  const parameters = new URLSearchParams({ pageSize: String(size), ...(cursor === null ? {} : { cursor }) });
  return ask<Results>(asking, {
    what: resultsOf,
    path: `${jobs}/${encodeURIComponent(job)}/results?${parameters}`,
    permissions: detailsPermissions,
    alsoWanted: [404, 413],
    decode: (body, reply) => {
      if (reply.status === 404) {
        if (!isErrorOf(body, 404)) throw unreadable(resultsOf, foreign404);
        return { kind: 'gone' };
      }
      if (reply.status === 413) return { kind: 'too-large' };
      return { kind: 'page', details: readDetails(body, resultsOf), serverDate: reply.serverDate };
    },
  });
}

const ended = new Set(['FULFILLED', 'FAILED', 'CANCELLED', 'EXPIRED']);

/** Waits until a job has its results. @throws TrunklineError ARCHIVE_PAGES_EXPIRED where it will never have them */
async function fulfilled(asking: Asking, job: string): Promise<void> {
  const what = 'the state of a job for conversation details';
  const question = async () => {
    const found = await ask(asking, {
      what,
      path: `${jobs}/${encodeURIComponent(job)}`,
      permissions: detailsPermissions,
      alsoWanted: [404],
      decode: (body, reply) => {
        if (reply.status !== 404) return readReply(body, what, status).state.toUpperCase();
        if (!isErrorOf(body, 404)) throw unreadable(what, foreign404);
        return 'EXPIRED';
      },
    });
    // A state that the API's documents do not name is one on the way.
    return ended.has(found) ? found : later;
  };
  const state = await untilReady(asking, question, asking.patience.longestWaitMs, () =>
    notReady(asking, 'Genesys is still making the conversation details of the window'),
  );
  if (state !== 'FULFILLED') throw pagesExpired(`the job ${job} is ${state.toLowerCase()}`);
}

/** Up to where the lake has data (ms since 1970). */
function availableMs(asking: Asking): Promise<number> {
  const what = "the reach of Genesys' conversation data";
  return ask(asking, {
    what,
    path: `${jobs}/availability`,
    permissions: detailsPermissions,
    decode: (body) => {
      const { dataAvailabilityDate } = readReply(body, what, availability);
      if (dataAvailabilityDate === null) throw unreadable(what, 'names no date');
      return dataAvailabilityDate;
    },
  });
}
