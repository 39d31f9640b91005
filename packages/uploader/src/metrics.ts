import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** The uploader's figures; each is counted where its fact is logged. */
export function uploaderMetrics(registry: Registry) {
  const registers = [registry];
  return {
    uploads: new Counter({
      name: 'trunkline_archive_uploads_total',
      help: 'Upload jobs by result: stored, none (nothing to store, or the window stores it), known (the window is complete), failed',
      labelNames: ['result'] as const,
      registers,
    }),
    uploadedBytes: new Counter({
      name: 'trunkline_archive_uploaded_bytes_total',
      help: 'Bytes of objects of conversations that were stored, or found stored with the same content',
      registers,
    }),
    uploadSeconds: new Histogram({
      name: 'trunkline_archive_upload_seconds',
      help: 'Time from the stage to the confirmed object, a batch',
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
      registers,
    }),
    windows: new Counter({
      name: 'trunkline_archive_windows_total',
      help: 'Windows by how they ended: archived, failed',
      labelNames: ['result'] as const,
      registers,
    }),
    missingTexts: new Counter({
      name: 'trunkline_archive_missing_texts_total',
      help: 'Texts that conversations of archived windows are without, because Genesys did not give them',
      registers,
    }),
    windowBytes: new Gauge({
      name: 'trunkline_archive_window_bytes_transferred',
      help: 'Bytes stored of the window that was archived last',
      registers,
    }),
    windowSeconds: new Gauge({
      name: 'trunkline_archive_window_duration_seconds',
      help: 'Time that the uploads of the window that was archived last took, summed up',
      registers,
    }),
    windowThroughput: new Gauge({
      name: 'trunkline_archive_window_throughput_mebibytes_per_second',
      help: 'MiB/s of the window that was archived last',
      registers,
    }),
    windowCost: new Gauge({
      name: 'trunkline_archive_window_estimated_cost_usd',
      help: 'Estimated USD a month for the window that was archived last',
      registers,
    }),
    gateOpen: new Gauge({
      name: 'trunkline_bucket_gate_open',
      help: '1 while the bucket may be written to, 0 while not or not known',
      registers,
    }),
    gateShuts: new Counter({
      name: 'trunkline_bucket_gate_shuts_total',
      help: 'Times the bucket gate shut, by reason',
      labelNames: ['reason'] as const,
      registers,
    }),
    complianceRecords: new Counter({
      name: 'trunkline_compliance_records_total',
      help: 'Records of the compliance queue: appended, present (they stood in the chain already)',
      labelNames: ['result'] as const,
      registers,
    }),
    complianceSeq: new Gauge({
      name: 'trunkline_compliance_chain_seq',
      help: 'Number of the last entry of the chain that this process knows of',
      registers,
    }),
    complianceCopied: new Gauge({
      name: 'trunkline_compliance_copied_seq',
      help: 'Number of the last entry of the chain that stands in Elasticsearch',
      registers,
    }),
    notifications: new Counter({
      name: 'trunkline_completion_events_total',
      help: 'Deliveries of completion events by result: delivered, retried, failed, gone',
      labelNames: ['result'] as const,
      registers,
    }),
    notifyPaused: new Gauge({
      name: 'trunkline_completion_events_paused',
      help: '1 while the queue of completion events is paused (410 from the webhook, or by hand)',
      registers,
    }),
  };
}

export type UploaderMetrics = ReturnType<typeof uploaderMetrics>;
