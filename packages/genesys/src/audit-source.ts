/** One page of audit events, as the source gave it. */
export interface AuditPage {
  /** The exact source text of each event, in the order of the page. */
  readonly eventTexts: readonly string[];
  /** The same as UTF-8, views of the reply: for whoever passes the events on without looking into them. */
  readonly eventBytes: readonly Buffer[];
  /** Where the next page begins; `null` = drained for now, the last cursor stays good. */
  nextCursor: string | null;
  /** The source's clock, `null` where it did not tell it: "now" for windows. */
  serverDate: Date | null;
  /** Of the request that brought the page, without the waits before it. */
  durationMs: number;
  /** Of the reply's body. */
  bytes: number;
}

/** Where audit events come from, page by page. */
export interface AuditSource {
  /**
   * The page behind `cursor`. Waits and tries again for as long as that may help; only what a person or the caller has to
   * act on is thrown.
   *
   * @param cursor `null`: from the beginning of the source's replay window
   * @throws TrunklineError GENESYS_CURSOR_EXPIRED: write a gap record, then go on from `null`
   * @throws TrunklineError GENESYS_CREDENTIALS_REJECTED, GENESYS_PERMISSION_MISSING, GENESYS_REQUEST_REFUSED: a person
   *   has to act; ask again every few minutes
   * @throws the signal's reason
   */
  nextPage(cursor: string | null, signal: AbortSignal): Promise<AuditPage>;
}
