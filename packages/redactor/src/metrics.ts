import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** The redactor's figures; each is counted where its fact is logged. Labels hold types and codes, never a value. */
export function redactorMetrics(registry: Registry) {
  const registers = [registry];
  return {
    values: new Counter({
      name: 'trunkline_redacted_values_total',
      help: 'Personal values replaced by tokens, by type',
      labelNames: ['type'] as const,
      registers,
    }),
    conversations: new Counter({
      name: 'trunkline_redacted_conversations_total',
      help: 'Conversations by what became of them: redacted, dead-lettered',
      labelNames: ['outcome'] as const,
      registers,
    }),
    bytes: new Counter({
      name: 'trunkline_redacted_bytes_total',
      help: 'Bytes of batches, read and written',
      labelNames: ['direction'] as const,
      registers,
    }),
    batchSeconds: new Histogram({
      name: 'trunkline_redact_batch_seconds',
      help: 'Duration of the redaction of a batch, from stage to stage',
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
      registers,
    }),
    inHand: new Gauge({
      name: 'trunkline_redact_batches_in_hand',
      help: 'Batches that this process is working on',
      registers,
    }),
    threadsLost: new Counter({
      name: 'trunkline_redaction_threads_lost_total',
      help: 'Threads that died over a conversation, or were ended because they took too long: died, overdue',
      labelNames: ['why'] as const,
      registers,
    }),
  };
}

export type RedactorMetrics = ReturnType<typeof redactorMetrics>;
