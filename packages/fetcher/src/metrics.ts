import { Counter, Gauge, type Registry } from 'prom-client';

/** The fetcher's figures; each is counted where its fact is logged. */
export function fetcherMetrics(registry: Registry) {
  const registers = [registry];
  return {
    polls: new Counter({
      name: 'trunkline_audit_polls_total',
      help: 'Polls of the event stream, by what they brought',
      labelNames: ['stream', 'result'] as const,
      registers,
    }),
    events: new Counter({
      name: 'trunkline_audit_events_received_total',
      help: 'Audit events put on the queue or the spool',
      labelNames: ['stream'] as const,
      registers,
    }),
    receivedSeq: new Gauge({
      name: 'trunkline_audit_received_seq',
      help: 'Number of the last page received',
      labelNames: ['stream'] as const,
      registers,
    }),
    indexedSeq: new Gauge({
      name: 'trunkline_audit_indexed_seq',
      help: 'Number of the last page up to which every page is settled',
      labelNames: ['stream'] as const,
      registers,
    }),
    lagSeconds: new Gauge({
      name: 'trunkline_audit_lag_seconds',
      help: 'How far the indexed cursor is behind the source, in seconds; 0 when drained and settled',
      labelNames: ['stream'] as const,
      registers,
    }),
    queueDepth: new Gauge({
      name: 'trunkline_audit_queue_batches',
      help: 'Batches that the indexers still have before them',
      registers,
    }),
    spoolBatches: new Gauge({
      name: 'trunkline_audit_spool_batches',
      help: 'Batches in the spool of this fetcher',
      labelNames: ['stream'] as const,
      registers,
    }),
    spoolBytes: new Gauge({
      name: 'trunkline_audit_spool_bytes',
      help: 'Bytes in the spool of this fetcher',
      labelNames: ['stream'] as const,
      registers,
    }),
    replayWindowSeconds: new Gauge({
      name: 'trunkline_audit_replay_window_seconds',
      help: 'Time until the oldest event that is not received leaves the replay window of Genesys',
      labelNames: ['stream'] as const,
      registers,
    }),
    leaseHeld: new Gauge({
      name: 'trunkline_audit_lease_held',
      help: '1 while this process holds the lease of the stream, else 0',
      labelNames: ['stream'] as const,
      registers,
    }),
    rewinds: new Counter({
      name: 'trunkline_audit_rewinds_total',
      help: 'Times the stream went back to its watermark because a batch was missing',
      labelNames: ['stream'] as const,
      registers,
    }),
    recoveries: new Counter({
      name: 'trunkline_audit_recoveries_total',
      help: 'Times the state of the stream was found missing and started from its checkpoint',
      labelNames: ['stream'] as const,
      registers,
    }),
    gaps: new Counter({
      name: 'trunkline_audit_gap_records_total',
      help: 'Gap records written, by reason',
      labelNames: ['stream', 'reason'] as const,
      registers,
    }),
    passes: new Counter({
      name: 'trunkline_audit_passes_total',
      help: 'Passes over windows of audit queries that were begun, by kind (platform contract)',
      labelNames: ['stream', 'pass'] as const,
      registers,
    }),
    repeats: new Counter({
      name: 'trunkline_audit_repeats_dropped_total',
      help: 'Events that a source met again and did not return again (platform contract)',
      labelNames: ['stream'] as const,
      registers,
    }),
    historyQueries: new Counter({
      name: 'trunkline_audit_history_queries_total',
      help: 'Audit history queries, by what came of them (platform contract)',
      labelNames: ['stream', 'outcome'] as const,
      registers,
    }),
    historySwitches: new Counter({
      name: 'trunkline_audit_history_switches_total',
      help: 'Stretches that the tail read through the history, because realtime queries no longer reach them',
      labelNames: ['stream'] as const,
      registers,
    }),
    waits: new Counter({
      name: 'trunkline_genesys_waits_total',
      help: 'Waits before a request to Genesys is made again, by cause',
      labelNames: ['code'] as const,
      registers,
    }),
    sweptPayloads: new Counter({
      name: 'trunkline_payloads_swept_total',
      help: 'Payloads deleted because nothing named them any more',
      registers,
    }),
  };
}

export type FetcherMetrics = ReturnType<typeof fetcherMetrics>;
