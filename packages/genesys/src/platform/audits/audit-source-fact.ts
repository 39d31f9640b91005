/** What a source tells of its work, for log and metrics. */
export type AuditSourceFact =
  /** Times in ms since 1970, [from, to). */
  | { kind: 'pass-begun'; pass: 'tail' | 'sweep' | 'history'; from: number; to: number }
  /** Events that were met again and not returned again. */
  | { kind: 'repeats'; count: number }
  /** The stream is further behind than realtime queries reach: this part is read through the history. */
  | { kind: 'switched-to-history'; from: number; to: number }
  | { kind: 'history-query'; outcome: HistoryOutcome; from: number; to: number }
  /** Genesys wants a service in each realtime query, so that as many requests as there are services make a pass. */
  | { kind: 'service-by-service'; services: number };

export type HistoryOutcome =
  | 'submitted'
  /** Another query of the organisation is under way. */
  | 'busy'
  | 'succeeded'
  | 'failed'
  /** Genesys no longer knows it. */
  | 'lost'
  | 'too-large';
