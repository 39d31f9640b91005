/**
 * Conversations that could not be redacted: their entries stand failed on the archive-dead-letter queue, and they themselves lie
 * sealed in the stage, until a person acts.
 */
import { randomBytes } from 'node:crypto';
import { type Stage, stagePlaces } from '@trunkline/claim-check/stage';
import {
  type ArchiveComplianceJob,
  type ArchiveDeadLetterJob,
  archiveDeadLetterJob,
} from '@trunkline/contracts';
import { addComplianceRecord } from '@trunkline/service';
import type { Job, Queue } from 'bullmq';

export interface ArchiveLetter {
  readonly id: string;
  readonly windowId: string;
  readonly batch: string;
  /** Place of the conversation in its batch, from 0. */
  readonly index: number;
  /** A code of docs/errors.md. */
  readonly code: string;
  /** `waiting`: for a person; `under-way`: a redactor has it, or will. */
  readonly status: 'waiting' | 'under-way';
  /** ISO 8601. */
  readonly deadLetteredAt: string;
  /** Of the conversation's source text. */
  readonly bytes: number;
  readonly sha256: string;
}

export interface ArchiveDecision {
  readonly id: string;
  readonly result: 'retried' | 'under-way' | 'discarded' | 'absent';
}

/** Which are meant: those named, or those that wait, all or of one code and window. */
export type ArchiveSelection = { readonly ids: readonly string[] } | { readonly waiting: ArchiveFilter };

export interface ArchiveFilter {
  readonly code?: string;
  readonly windowId?: string;
}

interface Entry {
  readonly job: Job;
  readonly data: ArchiveDeadLetterJob;
  readonly letter: ArchiveLetter;
}

const pageSize = 500;

export class ArchiveLetters {
  readonly #queue: Queue;

  /** @param queue archive-dead-letter */
  constructor(queue: Queue) {
    this.#queue = queue;
  }

  /** Those that wait first, then those under way; within that the oldest first. */
  async *list({ code, windowId }: ArchiveFilter = {}): AsyncGenerator<ArchiveLetter, void, undefined> {
    for await (const { letter } of this.#entries()) {
      if (code !== undefined && letter.code !== code) continue;
      if (windowId !== undefined && letter.windowId !== windowId) continue;
      yield letter;
    }
  }

  /** `null`: there is none of that id, or it was dealt with. */
  async get(id: string): Promise<ArchiveLetter | null> {
    return (await this.#entry(id))?.letter ?? null;
  }

  /**
   * The source text of a conversation, personal data and all; `null`: there is none of that id. Whoever calls this tells of it in a
   * log.
   * @throws TrunklineError STAGE_BLOB_MISSING, STAGE_BLOB_UNREADABLE, PAYLOAD_KEY_UNKNOWN
   */
  async reveal(id: string, stage: Stage): Promise<string | null> {
    const entry = await this.#entry(id);
    if (entry === null) return null;
    const chunks: Buffer[] = [];
    for await (const chunk of stage.read(entry.data.source)) chunks.push(chunk);
    return Buffer.concat(chunks).toString('utf8');
  }

  /** Has conversations redacted again, as Bull Board's Retry does. */
  async *requeue(selection: ArchiveSelection): AsyncGenerator<ArchiveDecision, void, undefined> {
    yield* this.#decide(selection, ({ job }) =>
      // Refused where somebody else retried it in this moment.
      job.retry('failed').then(
        () => 'retried' as const,
        () => 'under-way' as const,
      ),
    );
  }

  /**
   * Decides that conversations are not to be archived. Each is put on the compliance record first, with the reason; then its source
   * text is deleted for good, and its entry.
   * @param decision.compliance archive-compliance
   * @param decision.attempts of the record's job
   */
  async *discard(
    selection: ArchiveSelection,
    decision: {
      readonly reason: string;
      readonly by: string;
      readonly at: Date;
      readonly stage: Stage;
      readonly compliance: Queue;
      readonly attempts: number;
    },
  ): AsyncGenerator<ArchiveDecision, void, undefined> {
    const { stage, compliance, attempts } = decision;
    yield* this.#decide(selection, async ({ job, data }) => {
      await addComplianceRecord(compliance, discardRecord(data, job.id ?? '', decision), attempts);
      const { window, flow, batch, index } = data;
      // The note first: from it the sweeper would make the entry anew.
      await stage.removeNote(stagePlaces.deadLetterNote(window.id, flow, batch, index));
      await stage.removeAll(`${stagePlaces.deadLetter(window.id, flow, batch, index)}/`);
      await job.remove();
      return 'discarded';
    });
  }

  async *#decide(
    selection: ArchiveSelection,
    about: (entry: Entry) => Promise<ArchiveDecision['result']>,
  ): AsyncGenerator<ArchiveDecision, void, undefined> {
    if ('ids' in selection) {
      for (const id of new Set(selection.ids)) {
        const entry = await this.#entry(id);
        if (entry === null) yield { id, result: 'absent' };
        else yield { id, result: entry.letter.status === 'waiting' ? await about(entry) : 'under-way' };
      }
      return;
    }
    const { code, windowId } = selection.waiting;
    // Read before any is decided about: that moves the pages behind it.
    const meant: Entry[] = [];
    for await (const entry of this.#entries()) {
      const { letter } = entry;
      if (letter.status !== 'waiting') break;
      if (code !== undefined && letter.code !== code) continue;
      if (windowId === undefined || letter.windowId === windowId) meant.push(entry);
    }
    for (const entry of meant) yield { id: entry.letter.id, result: await about(entry) };
  }

  async *#entries(): AsyncGenerator<Entry, void, undefined> {
    for (const state of ['failed', 'wait', 'active', 'delayed'] as const) {
      for (let start = 0; ; start += pageSize) {
        const jobs = await this.#queue.getJobs([state], start, start + pageSize - 1, true);
        for (const job of jobs as (Job | undefined)[]) {
          const entry = job === undefined ? null : entryFrom(job, state === 'failed');
          if (entry !== null) yield entry;
        }
        if (jobs.length < pageSize) break;
      }
    }
  }

  async #entry(id: string): Promise<Entry | null> {
    const job = (await this.#queue.getJob(id)) as Job | undefined;
    if (job === undefined || (await job.isCompleted())) return null;
    return entryFrom(job, await job.isFailed());
  }
}

/** `null` for what is no job of ours. */
function entryFrom(job: Job, failed: boolean): Entry | null {
  const data = archiveDeadLetterJob.safeParse(job.data).data;
  if (data === undefined) return null;
  const letter: ArchiveLetter = {
    id: job.id ?? '',
    windowId: data.window.id,
    batch: data.batch,
    index: data.index,
    code: data.code,
    status: failed ? 'waiting' : 'under-way',
    deadLetteredAt: data.deadLetteredAt,
    bytes: data.source.bytes,
    sha256: data.source.sha256,
  };
  return { job, data, letter };
}

/** Deciding the same twice is one record. Its id is not known: a conversation that cannot be redacted may have none. */
function discardRecord(
  { window, flow, batch, index, source, code }: ArchiveDeadLetterJob,
  id: string,
  { reason, by, at }: { readonly reason: string; readonly by: string; readonly at: Date },
): ArchiveComplianceJob {
  return {
    v: 1,
    recordId: `${window.id}-DISCARD-${id}`,
    timestamp: at.toISOString(),
    action: 'ARCHIVE_OFFLOAD',
    conversationId: window.id,
    status: 'FAILURE',
    checksum: source.sha256,
    errorCode: code,
    details: { discarded: true, flow, batch, index, by, reason },
    traceId: randomBytes(16).toString('hex'),
  };
}
