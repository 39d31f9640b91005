/** What is counted in Redis over the life of a deployment, for people (dashboard, status line, command line). */
export type TotalName =
  /** Events put on the queue or the spool, repeats included. */
  | 'received'
  | 'created'
  | 'duplicate'
  | 'deadLettered'
  /** Times a stream went back to its watermark because a batch was missing. */
  | 'rewinds'
  /** Times a stream was found without state and went on from its checkpoint. */
  | 'recoveries'
  | 'gapRecords';
