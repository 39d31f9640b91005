import { z } from 'zod';

/** Where a page of the query stands. */
const queryPlace = z.object({
  kind: z.literal('query'),
  /** Start of the interval that is asked for: the window's, or later where paging could not go deeper. */
  from: z.iso.datetime(),
  size: z.number().int().positive(),
  /** Conversations of the interval before this page. */
  offset: z.number().int().nonnegative(),
  /** The last start on the page before, and the conversations of that start; `null`: none, or its order does not tell. */
  last: z.object({ start: z.iso.datetime(), ids: z.array(z.string()) }).nullable(),
  /** Conversations of the interval, as the page before told it; `null`: not told. */
  total: z.number().int().nonnegative().nullable().default(null),
});
export type QueryPlace = z.infer<typeof queryPlace>;

/** Where a page of a job's results stands. */
const jobPlace = z.object({
  kind: z.literal('job'),
  job: z.string().min(1),
  size: z.number().int().positive(),
  /** `null`: the first page. */
  cursor: z.string().nullable(),
});
export type JobPlace = z.infer<typeof jobPlace>;

const pagePlace = z.discriminatedUnion('kind', [queryPlace, jobPlace]);
export type PagePlace = z.infer<typeof pagePlace>;

/** The name of a page, as `PageHead.nextPage` has it: all that is needed to ask for it, by whatever process. */
export function pageName(place: PagePlace): string {
  return JSON.stringify(place);
}

/** @returns `null` where another source, or another version of this one, named the page */
export function readPageName(name: string): PagePlace | null {
  try {
    return pagePlace.safeParse(JSON.parse(name)).data ?? null;
  } catch {
    return null;
  }
}
