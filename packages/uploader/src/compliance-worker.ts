/**
 * The archive-compliance worker: one record in, its place in the chain out.
 *
 * One record at a time over all replicas: BullMQ's global concurrency of the queue keeps the others from competing, and the chain's
 * own compare-and-set holds where it is lost (an emptied Redis).
 */
import type { BucketGate, ComplianceChain } from '@trunkline/archive-store';
import { ARCHIVE_COMPLIANCE, type ArchiveComplianceJob, archiveComplianceJob } from '@trunkline/contracts';
import { type Component, QueueWorker, type Service, type Valve, type WorkerConfig } from '@trunkline/service';
import type { ComplianceCopy } from './compliance-copy.ts';
import { gated } from './gated.ts';
import type { UploaderMetrics } from './metrics.ts';

const longestRunMs = 300_000;

export function complianceWorker(parts: {
  service: Service;
  config: WorkerConfig;
  valve: Valve;
  gate: BucketGate;
  chain: ComplianceChain;
  /** `null`: COMPLIANCE_SEARCH=none. */
  copy: ComplianceCopy | null;
  metrics: UploaderMetrics;
}): QueueWorker<ArchiveComplianceJob, { seq: number }> {
  const { service, gate, chain, copy, metrics } = parts;
  return new QueueWorker({
    ...parts,
    queue: ARCHIVE_COMPLIANCE,
    schema: archiveComplianceJob,
    longestRunMs,
    run: ({ data, jobId, signal }) =>
      gated(gate, async () => {
        const { kind, seq } = await chain.append(data, signal);
        metrics.complianceRecords.inc({ result: kind });
        metrics.complianceSeq.set(seq);
        service.log.info(
          {
            event: 'compliance.recorded',
            queue: ARCHIVE_COMPLIANCE,
            jobId,
            traceId: data.traceId,
            recordId: data.recordId,
            status: data.status,
            seq,
          },
          kind === 'appended'
            ? 'A record stands in the compliance chain'
            : 'The record stood in the compliance chain',
        );
        copy?.nudge();
        return { seq };
      }),
  });
}

/** Sets the queue's global concurrency, at the start and again now and then: it lives in Redis, which may be emptied. */
export class OneWriter implements Component {
  readonly name = 'one writer of the compliance chain';
  readonly #service: Service;
  #timer: NodeJS.Timeout | null = null;

  constructor(service: Service) {
    this.#service = service;
  }

  async start(): Promise<void> {
    void this.#set();
    this.#timer = setInterval(() => void this.#set(), 60_000);
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  async #set(): Promise<void> {
    try {
      await this.#service.queue(ARCHIVE_COMPLIANCE).setGlobalConcurrency(1);
    } catch (err) {
      this.#service.log.debug({ event: 'compliance.concurrency-not-set', err });
    }
  }
}
