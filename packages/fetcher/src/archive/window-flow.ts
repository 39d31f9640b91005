import { type Stage, stagePlaces } from '@trunkline/claim-check/stage';
import {
  ARCHIVE_REDACT,
  ARCHIVE_UPLOAD,
  ARCHIVE_WINDOW,
  type ArchiveRedactJob,
  type ArchiveUploadJob,
  type ArchiveWindow,
  type ArchiveWindowJob,
  archiveBatchJobId,
  archiveUploadJob,
  archiveUploadOutcome,
  archiveWindowJobId,
  type ErrorCode,
  type StagedBlob,
} from '@trunkline/contracts';
import { HeldBack, jobOptions } from '@trunkline/service';
import type { FlowJob, FlowProducer, Job, Queue } from 'bullmq';

/** One batch as it lies in the stage. */
export interface StagedBatch {
  /** `b00001`, `b00002` ... */
  batch: string;
  source: StagedBlob;
  conversations: number;
}

/**
 * What of a flow stands in the queues. `whole`: its jobs will end it, or wait for a person; `broken`: what they need is gone from
 * the stage, or it ended without a manifest.
 */
export type FlowState = 'absent' | 'whole' | 'broken';

/** How long a job of a broken flow that is just being worked on is waited for (ms). */
const workedOnMs = 10_000;

/**
 * The jobs of a window behind its fetch: redact -> upload for each batch, and the window's own behind all of them.
 *
 * Ids follow from window and flow alone, so that adding a flow twice adds nothing.
 */
export class WindowFlows {
  readonly #producer: FlowProducer;
  readonly #windows: Queue;
  readonly #uploads: Queue;
  readonly #redacts: Queue;
  readonly #stage: Stage;
  readonly #attempts: number;

  constructor(parts: {
    producer: FlowProducer;
    windows: Queue;
    uploads: Queue;
    redacts: Queue;
    stage: Stage;
    attempts: number;
  }) {
    this.#producer = parts.producer;
    this.#windows = parts.windows;
    this.#uploads = parts.uploads;
    this.#redacts = parts.redacts;
    this.#stage = parts.stage;
    this.#attempts = parts.attempts;
  }

  /** The flow of a window that is under way, of those that were ever added; `null` where there is none. */
  async underWay(window: ArchiveWindow): Promise<string | null> {
    const notes = flowNotes(window.id);
    for await (const { name } of this.#stage.list(notes)) {
      const flow = name.slice(notes.length);
      if ((await this.state(window.id, flow)) === 'whole') return flow;
    }
    return null;
  }

  async state(windowId: string, flow: string): Promise<FlowState> {
    const job = (await this.#windows.getJob(archiveWindowJobId(windowId, flow))) as Job | undefined;
    if (job === undefined) return 'absent';
    // Asked only where the manifest is missing.
    if (await job.isCompleted()) return 'broken';
    const { processed = {}, unprocessed = [] } = await job.getDependencies();
    for (const key of unprocessed) {
      if (!(await this.#canBeUploaded(key))) return 'broken';
    }
    for (const outcome of Object.values(processed)) {
      if (!(await this.#canBeTold(outcome))) return 'broken';
    }
    return 'whole';
  }

  /** Adds the flow whole, or not at all. What stands there of it stays as it is. */
  async add(job: ArchiveWindowJob, batches: readonly StagedBatch[]): Promise<void> {
    await this.#stage.putNote(`${flowNotes(job.window.id)}${job.flow}`, { v: 1 });
    await this.#producer.add(flowOf(job, batches, this.#attempts));
  }

  /** Takes a broken flow away. @throws HeldBack while one of its jobs is being worked on */
  async remove(windowId: string, flow: string): Promise<void> {
    const job = (await this.#windows.getJob(archiveWindowJobId(windowId, flow))) as Job | undefined;
    try {
      await job?.remove({ removeChildren: true });
    } catch (error) {
      throw new HeldBack('A job of the flow that is to be made anew is being worked on', workedOnMs, error);
    }
  }

  /** An upload that is still to come needs the batch: there, and not found damaged by whoever read it. */
  async #canBeUploaded(key: string): Promise<boolean> {
    const id = key.slice(key.lastIndexOf(':') + 1);
    const upload = (await this.#uploads.getJob(id)) as Job | undefined;
    const data = archiveUploadJob.safeParse(upload?.data).data;
    if (data === undefined || !(await this.#stage.has(data.source))) return false;
    const redact = (await this.#redacts.getJob(id)) as Job | undefined;
    const found: ErrorCode = 'STAGE_BLOB_UNREADABLE';
    return ![upload, redact].some((job) => job?.failedReason?.startsWith(found));
  }

  /** Of one that is done the window's job reads the index, and the conversations too where they are not stored yet. */
  async #canBeTold(outcome: unknown): Promise<boolean> {
    const { object, redaction } = archiveUploadOutcome.safeParse(outcome).data ?? {};
    if (redaction === undefined) return false;
    if (!(await this.#stage.has(redaction.index))) return false;
    return object !== null || (await this.#stage.has(redaction.redacted));
  }
}

/** Notes of the flows that were made of a window. */
function flowNotes(windowId: string): string {
  return `${stagePlaces.window(windowId)}flows/`;
}

function flowOf(job: ArchiveWindowJob, batches: readonly StagedBatch[], attempts: number): FlowJob {
  const { window, flow, traceId, storageClass } = job;
  const options = jobOptions(attempts);
  const children = batches.map(({ batch, source, conversations }): FlowJob => {
    const upload: ArchiveUploadJob = { v: 1, window, traceId, flow, batch, source, storageClass };
    const redact: ArchiveRedactJob = { ...upload, conversations };
    const jobId = archiveBatchJobId(window.id, flow, batch);
    return {
      name: 'batch',
      queueName: ARCHIVE_UPLOAD,
      data: upload,
      opts: { ...options, jobId },
      children: [
        {
          name: 'batch',
          queueName: ARCHIVE_REDACT,
          data: redact,
          opts: { ...options, jobId },
        },
      ],
    };
  });
  return {
    name: 'window',
    queueName: ARCHIVE_WINDOW,
    data: job,
    opts: { ...options, jobId: archiveWindowJobId(window.id, flow) },
    children,
  };
}
