import type { ArchiveQuery, ArchiveSource, OpenedPage, PagePosition } from '../../archive/archive-source.ts';
import type { Patience } from '../../patience.ts';
import { AnalyticsJobsSource } from './analytics-jobs-source.ts';
import { AnalyticsQuerySource } from './analytics-query-source.ts';
import { type ArchiveTerms, platformPagesHoldMs } from './archive-terms.ts';
import { readPageName } from './page-place.ts';

/** From this length on a window is better read by a job (ms). */
const dayMs = 86_400_000;

/**
 * The source that suits a window: a job for one of a day or longer that Genesys' data lake already has, else the query. The choice is
 * made with a window's first page; those behind it are named by their source.
 */
export class ChosenArchiveSource implements ArchiveSource {
  readonly pagesHoldMs = platformPagesHoldMs;
  readonly #jobs: AnalyticsJobsSource;
  readonly #query: AnalyticsQuerySource;

  constructor(terms: ArchiveTerms) {
    this.#jobs = new AnalyticsJobsSource(terms);
    this.#query = new AnalyticsQuerySource(terms);
  }

  async openPage(
    query: ArchiveQuery,
    page: string | null,
    resume: PagePosition | null,
    patience: Patience,
    signal: AbortSignal,
  ): Promise<OpenedPage> {
    const isJob =
      page === null
        ? Date.parse(query.to) - Date.parse(query.from) >= dayMs &&
          (await this.#jobs.reaches(query, patience, signal))
        : readPageName(page)?.kind === 'job';
    return (isJob ? this.#jobs : this.#query).openPage(query, page, resume, patience, signal);
  }
}
