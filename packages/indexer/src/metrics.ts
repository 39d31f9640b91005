import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** The indexer's figures; each is counted where its fact is logged. */
export function indexerMetrics(registry: Registry) {
  const registers = [registry];
  return {
    events: new Counter({
      name: 'trunkline_audit_events_indexed_total',
      help: 'Audit events by what became of them: created, duplicate, dead-lettered',
      labelNames: ['outcome'] as const,
      registers,
    }),
    setAside: new Counter({
      name: 'trunkline_audit_events_set_aside_total',
      help: 'Audit events indexed with their text set aside because the mapping could choke on them',
      registers,
    }),
    deadLetters: new Counter({
      name: 'trunkline_audit_dead_letters_total',
      help: 'Dead letters written, by code',
      labelNames: ['code'] as const,
      registers,
    }),
    batches: new Counter({
      name: 'trunkline_audit_batches_total',
      help: 'Batches by how their run ended: settled, early, stale, repaired, missing, held-back, failed',
      labelNames: ['result'] as const,
      registers,
    }),
    bulkSeconds: new Histogram({
      name: 'trunkline_elasticsearch_bulk_seconds',
      help: 'Duration of bulk requests',
      labelNames: ['result'] as const,
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    }),
    gateOpen: new Gauge({
      name: 'trunkline_elasticsearch_gate_open',
      help: '1 while the health gate is open, 0 while it is shut or not known',
      registers,
    }),
    gateShuts: new Counter({
      name: 'trunkline_elasticsearch_gate_shuts_total',
      help: 'Times the health gate shut, by reason',
      labelNames: ['reason'] as const,
      registers,
    }),
    breakerState: new Gauge({
      name: 'trunkline_elasticsearch_breaker_state',
      help: 'Circuit breaker: 0 closed, 1 half-open, 2 open',
      registers,
    }),
    inHand: new Gauge({
      name: 'trunkline_audit_batches_in_hand',
      help: 'Batches that this process is working on',
      registers,
    }),
    indicesDeleted: new Counter({
      name: 'trunkline_audit_indices_deleted_total',
      help: 'Expired daily indices deleted by this process',
      registers,
    }),
  };
}

export type IndexerMetrics = ReturnType<typeof indexerMetrics>;
