import { z } from 'zod';
import { type AnalyticsRow, readRow } from './analytics-row.ts';
import { itemTexts, readReply } from './reply-text.ts';

/** A page of conversation details, as the query or a job answers with it. */
export interface DetailsReply {
  readonly rows: readonly AnalyticsRow[];
  /** Of the whole query; `null` where the reply does not tell it. */
  readonly totalHits: number | null;
  /** Of a job's results: names the page behind this one; `null`: this is the last. */
  readonly cursor: string | null;
  /** Up to where the data of a job reach (ms since 1970); `null` where the reply does not tell it. */
  readonly availableMs: number | null;
}

/** A date of the API; `null` where it is none. */
export const time = z.iso
  .datetime({ offset: true })
  .transform((date) => Date.parse(date))
  .nullable()
  .catch(null);

const facts = z.object({
  totalHits: z.number().nullable().catch(null),
  cursor: z.string().min(1).nullable().catch(null),
  dataAvailabilityDate: time,
});

/**
 * A reply without `conversations` is one of an interval in which there are none.
 * @throws TrunklineError GENESYS_REPLY_UNREADABLE
 */
export function readDetails(body: Buffer, what: string): DetailsReply {
  const { totalHits, cursor, dataAvailabilityDate } = readReply(body, what, facts);
  const rows = itemTexts(body, 'conversations', what).map(readRow);
  return { rows, totalHits, cursor, availableMs: dataAvailabilityDate };
}
