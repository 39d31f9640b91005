import { batchPayload, decodeBatch, TrunklineError } from '@trunkline/contracts';

/** One page of audit events, as the source gave it. */
export interface AuditPage {
  readonly eventCount: number;
  /** The source text of each event, in the order of the page; a raw line break between its tokens is a space. */
  readonly eventTexts: readonly string[];
  /** The same in UTF-8, a line each, each line ended: for whoever passes the events on without looking into them. */
  readonly lines: Buffer;
  /** Where the next page begins; `null` = nothing moved, the last cursor stays good. */
  nextCursor: string | null;
  /** The source's clock, `null` where it did not tell it: "now" for windows. */
  serverDate: Date | null;
  /** Of the requests that brought the page, without the waits before them. */
  durationMs: number;
  /** Of the replies' bodies. */
  bytes: number;
  /** How far the stream is read, ms since 1970; `null`: as far as the last event's date. */
  reachedAt: number | null;
  /** Whether that is all there is for now; `null`: the source cannot tell, the age of the events does. */
  atHead: boolean | null;
}

/** How far a source reaches into the past. All in ms. */
export interface SourceReach {
  /** How long ago a stream without a cursor begins; `null`: at a time of its own, before which nothing is wanted. */
  firstStartMs: number | null;
  /** How long after its date an event that was not received can still be had. */
  replayWindowMs: number;
  /** How far behind the time that a page reaches to an event may still be missing. */
  lateMs: number;
}

/** What a source shows of its state, for the dashboard. */
export type SourceFacts = Record<string, string | number | boolean | null>;

/** Where audit events come from, page by page. */
export interface AuditSource {
  readonly reach: SourceReach;

  /**
   * The page behind `cursor`. Waits and tries again for as long as that may help; only what a person or the caller has to
   * act on is thrown.
   *
   * @param cursor `null`: from the beginning, as `reach` tells
   * @throws CursorOutOfReach: write a gap record, then go on as it tells
   * @throws TrunklineError GENESYS_CURSOR_EXPIRED: write a gap record, then go on from `null`
   * @throws TrunklineError GENESYS_CREDENTIALS_REJECTED, GENESYS_PERMISSION_MISSING, GENESYS_REQUEST_REFUSED: a person
   *   has to act; ask again every few minutes
   * @throws the signal's reason
   */
  nextPage(cursor: string | null, signal: AbortSignal): Promise<AuditPage>;

  facts(): SourceFacts;
}

/** A page whose texts are made when somebody asks for them: the fetcher passes lines on. */
export function auditPage(page: Omit<AuditPage, 'eventTexts'>): AuditPage {
  let eventTexts: string[] | null = null;
  return {
    ...page,
    get eventTexts() {
      eventTexts ??=
        page.eventCount === 0
          ? []
          : decodeBatch(batchPayload(page.lines)).map((event) => event.toString('utf8'));
      return eventTexts;
    },
  };
}

/** The stream stands further back than its source can read, which knows from where on it can. */
export class CursorOutOfReach extends TrunklineError {
  /** The cursor that takes the place of the one that was asked with, and the time from which on it reads, ms since 1970. */
  readonly begin: { readonly cursor: string; readonly at: number };

  constructor(begin: CursorOutOfReach['begin'], told: { message: string; remedy: string }) {
    super('GENESYS_CURSOR_EXPIRED', told);
    this.begin = begin;
  }
}
