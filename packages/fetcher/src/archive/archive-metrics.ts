import { Counter, Gauge, type Registry } from 'prom-client';

/** The archive's figures in the fetcher; each is counted where its fact is logged. */
export function archiveMetrics(registry: Registry) {
  const registers = [registry];
  return {
    bytes: new Counter({
      name: 'trunkline_archive_downloaded_bytes_total',
      help: 'Bytes of conversation archives read from Genesys, repeats included',
      registers,
    }),
    adoptedBytes: new Counter({
      name: 'trunkline_archive_adopted_bytes_total',
      help: 'Bytes that an earlier attempt had downloaded and that did not come again',
      registers,
    }),
    interruptions: new Counter({
      name: 'trunkline_archive_interruptions_total',
      help: 'Downloads of archives that broke off',
      registers,
    }),
    resumes: new Counter({
      name: 'trunkline_archive_resumes_total',
      help: 'Downloads that went on where they had broken off',
      registers,
    }),
    restarts: new Counter({
      name: 'trunkline_archive_restarts_total',
      help: 'Downloads that began again, because the source changed or cannot be resumed',
      registers,
    }),
    mismatches: new Counter({
      name: 'trunkline_archive_digest_mismatches_total',
      help: 'Pages whose bytes were not those that the source states',
      registers,
    }),
    waits: new Counter({
      name: 'trunkline_archive_genesys_waits_total',
      help: 'Waits before a request for an archive is made again, by cause',
      labelNames: ['code'] as const,
      registers,
    }),
    fetches: new Counter({
      name: 'trunkline_archive_fetches_total',
      help: 'Fetches of windows, by how they ended',
      labelNames: ['result'] as const,
      registers,
    }),
    windows: new Gauge({
      name: 'trunkline_archive_windows',
      help: 'Windows that the schedule found due and not done when it last planned, by state of their fetch',
      labelNames: ['state'] as const,
      registers,
    }),
    heldBack: new Gauge({
      name: 'trunkline_archive_held_back_windows',
      help: 'Windows that wait for what Genesys does not have yet, by error code: its data, or texts of conversations',
      labelNames: ['code'] as const,
      registers,
    }),
    oldestUnfinishedSeconds: new Gauge({
      name: 'trunkline_archive_oldest_unfinished_window_seconds',
      help: 'Time since the end of the oldest window that is due and not done; 0 when all are done',
      registers,
    }),
  };
}

export type ArchiveMetrics = ReturnType<typeof archiveMetrics>;
