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
  | 'gapRecords'
  /** Windows of the archive by how they ended; failures count once a flow or fetch that stands failed. */
  | 'windowsArchived'
  | 'windowsFailed'
  | 'conversationsArchived'
  | 'conversationsDeadLettered'
  /** Texts that archived conversations are without. */
  | 'textsMissing'
  /** Personal values replaced by tokens. */
  | 'valuesRedacted'
  /** Bytes stored in the bucket. */
  | 'bytesArchived'
  | 'completionEvents';
