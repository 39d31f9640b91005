import { type ArchiveWindow, type ErrorCode, failureRecord, pipelinePrefix } from '@trunkline/contracts';
import type { Service } from '@trunkline/service';
import type { AfterArchive } from './after-archive.ts';
import type { UploaderMetrics } from './metrics.ts';
import type { WindowList } from './window-list.ts';

/** A flow is counted as failed once in so many days, however many of its jobs fail. */
const toldForSeconds = 14 * 86_400;

export interface JobFailure {
  window: ArchiveWindow;
  flow: string;
  job: { queue: string; id: string; attempt: number; traceId: string };
  errorCode: ErrorCode | null;
  checksum: string | null;
}

/** Tells that a job of a window stands failed: on the compliance record each time, to people once a flow. */
export class FailedWindows {
  readonly #service: Service;
  readonly #after: AfterArchive;
  readonly #list: WindowList;
  readonly #metrics: UploaderMetrics;

  constructor(service: Service, after: AfterArchive, list: WindowList, metrics: UploaderMetrics) {
    this.#service = service;
    this.#after = after;
    this.#list = list;
    this.#metrics = metrics;
  }

  async tell({ window, flow, job, errorCode, checksum }: JobFailure): Promise<void> {
    const at = new Date();
    await this.#after.record(failureRecord(window, job, { errorCode, checksum }, at));
    const { redis, deployment } = this.#service;
    const key = `${pipelinePrefix(deployment, 'archive')}:failed:${window.id}-${flow}`;
    if ((await redis.set(key, at.toISOString(), 'EX', toldForSeconds, 'NX')) === null) return;
    this.#service.totals.add('windowsFailed', 1);
    this.#metrics.windows.inc({ result: 'failed' });
    await this.#list.failed(window, at);
  }
}
