/**
 * One batch from its payload to its settlement (protocol, rule 1): bulk → dead letters durable → settle → delete the payload; its
 * job is finished after that. A crash between any two steps runs the batch again: its creates answer 409, its dead letters are
 * there already, and a second settle changes nothing. A repair is a batch outside of the stream's sequence: all but the settlement.
 */
import type { RedisPayloads } from '@trunkline/claim-check';
import {
  type AuditBatchJob,
  type AuditBatchOutcome,
  type AuditRepairJob,
  decodeBatch,
  errorCodeOf,
} from '@trunkline/contracts';
import type { EventReader, NewDeadLetter } from '@trunkline/elasticsearch-sink';
import type { Logger } from '@trunkline/service';
import type { SettleResult, StreamState } from '@trunkline/stream-state';
import type { BatchIndexing } from './batch-indexing.ts';
import type { BatchStarts } from './batch-starts.ts';
import { type NextTrial, type Trial, trialAfterDeath, trialAfterSuccess } from './bisection.ts';
import { heldBackBy } from './bulk-delivery.ts';
import type { Company } from './company.ts';
import type { DeadLetterDesk } from './dead-letter-desk.ts';
import type { HealthGate } from './health-gate.ts';

export interface BatchProcessingParts {
  payloads: RedisPayloads;
  starts: BatchStarts;
  company: Company;
  indexing: BatchIndexing;
  /** @throws TrunklineError ORGANISATION_UNKNOWN */
  readerOf: (stream: string) => EventReader;
  desk: DeadLetterDesk;
  gate: HealthGate;
  deadLetterIndex: string;
  stream: (id: string) => StreamState;
  now: () => number;
  log: Logger;
}

/** What a run of a batch begins with. */
interface Started {
  jobId: string;
  job: AuditBatchJob | AuditRepairJob;
  lastAttempt: boolean;
  /** How often it was started, this time included. */
  started: number;
  /** Its payload as it stands in Redis; `null`: there is none. */
  sealed: Buffer | null;
}

/** A run of a batch, and what it has done so far. */
interface Run {
  jobId: string;
  job: AuditBatchJob | AuditRepairJob;
  lastAttempt: boolean;
  done: AuditBatchOutcome & { setAside: number };
}

export type ProcessedBatch =
  | { kind: 'settled'; settle: SettleResult | 'repaired'; outcome: AuditBatchOutcome; setAside: number }
  /** No payload that opens: the batch is fetched again by itself (rule 7). */
  | { kind: 'missing'; why: 'absent' | 'unreadable' };

/** From this start on a batch runs alone, so that it takes no other batch with it. */
const aloneFromStart = 3;
/** From this start on it runs in parts. */
const bisectFromStart = 5;

export class BatchProcessing {
  readonly #parts: BatchProcessingParts;

  constructor(parts: BatchProcessingParts) {
    this.#parts = parts;
  }

  /**
   * @throws HeldBack where the batch has to go back to the queue; nothing is settled then
   * @throws TrunklineError, or an unforeseen error, that burns an attempt
   */
  async process(
    jobId: string,
    job: AuditBatchJob | AuditRepairJob,
    lastAttempt: boolean,
  ): Promise<ProcessedBatch> {
    const { starts } = this.#parts;
    const { started, sealed, leave } = await this.#start(jobId, job.payloadKey);
    try {
      return await this.#run({ jobId, job, lastAttempt, started, sealed });
    } catch (error) {
      // Whatever it is: this process lives.
      await starts.release(jobId);
      throw error;
    } finally {
      leave();
    }
  }

  async #start(
    jobId: string,
    payloadKey: string,
  ): Promise<{ started: number; sealed: Buffer | null; leave: () => void }> {
    const { starts, company } = this.#parts;
    const begun = await starts.begin(jobId, payloadKey);
    const alone = begun.started >= aloneFromStart;
    const leave = company.tryEnter(alone);
    if (leave !== null) return { ...begun, leave };
    // A batch that waits is not one that a dying process had in hand.
    await starts.withdraw(jobId);
    const entered = await company.enter(alone);
    return { ...(await starts.begin(jobId, payloadKey)), leave: entered };
  }

  async #run({ jobId, job, lastAttempt, started, sealed }: Started): Promise<ProcessedBatch> {
    const { starts } = this.#parts;
    const payload = await this.#open(job, sealed);
    if (payload === 'absent' || payload === 'unreadable') {
      await starts.end(jobId);
      return { kind: 'missing', why: payload };
    }
    const events = decodeBatch(payload);
    const run: Run = {
      jobId,
      job,
      lastAttempt,
      done: { created: 0, duplicate: 0, deadLettered: 0, setAside: 0 },
    };
    if (started >= aloneFromStart) this.#tellSuspect(run, started);
    if (started < bisectFromStart) await this.#index(events, run);
    else await this.#bisect(events, run);
    const settle = await this.#settle(jobId, job);
    const { setAside, ...outcome } = run.done;
    return { kind: 'settled', settle, outcome, setAside };
  }

  /** Settles, then deletes the payload, in one step of Redis. */
  async #settle(jobId: string, job: AuditBatchJob | AuditRepairJob): Promise<SettleResult | 'repaired'> {
    const { payloads, starts, stream } = this.#parts;
    if (job.kind === 'batch') {
      return stream(job.stream).settle(job.seq, jobId, [job.payloadKey, starts.keyOf(jobId)]);
    }
    await payloads.delete(job.payloadKey);
    await starts.end(jobId);
    return 'repaired';
  }

  /** A payload that was cut or altered is deleted: the batch then counts as missing, and is fetched again. */
  async #open(
    { payloadKey, payloadBytes }: AuditBatchJob | AuditRepairJob,
    sealed: Buffer | null,
  ): Promise<Buffer | 'absent' | 'unreadable'> {
    if (sealed === null) return 'absent';
    try {
      return this.#parts.payloads.open(payloadKey, sealed, payloadBytes);
    } catch (error) {
      if (errorCodeOf(error) !== 'PAYLOAD_UNREADABLE') throw error;
      await this.#parts.payloads.delete(payloadKey);
      return 'unreadable';
    }
  }

  /** Events into Elasticsearch, and what it does not take into the dead letters, durably. */
  async #index(events: readonly Buffer[], run: Run): Promise<void> {
    const context = { stream: run.job.stream, lastAttempt: run.lastAttempt };
    const indexed = await this.#parts.indexing.index(events, context);
    await this.#keep(indexed.deadLetters, run);
    run.done.created += indexed.created;
    run.done.duplicate += indexed.duplicate;
    run.done.setAside += indexed.setAside;
  }

  async #keep(letters: readonly NewDeadLetter[], { jobId, job, done }: Run): Promise<void> {
    const { desk, gate, deadLetterIndex } = this.#parts;
    try {
      await desk.keep(letters, { stream: job.stream, jobId, traceId: job.traceId });
    } catch (error) {
      throw heldBackBy(error, gate, deadLetterIndex);
    }
    done.deadLettered += letters.length;
  }

  /** Part by part, each noted before it is tried; an event that kills alone is dead-lettered unseen. */
  async #bisect(events: readonly Buffer[], run: Run): Promise<void> {
    const { starts } = this.#parts;
    const noted = await starts.trial(run.jobId);
    let next: NextTrial =
      noted === null || noted.died
        ? trialAfterDeath(noted?.trial ?? null, events.length)
        : { kind: 'try', trial: noted.trial };
    if (next.kind === 'kills') {
      await this.#keep([this.#killer(events[next.place] as Buffer, run.job.stream)], run);
      if (next.next === null) return;
      next = { kind: 'try', trial: next.next };
    }
    for (
      let trial: Trial | null = next.trial;
      trial !== null;
      trial = trialAfterSuccess(trial, events.length)
    ) {
      await starts.noteTrial(run.jobId, trial);
      await this.#index(events.slice(trial.from, trial.from + trial.width), run);
    }
  }

  #killer(bytes: Buffer, stream: string): NewDeadLetter {
    const read = this.#parts.readerOf(stream).read(bytes);
    const { id, digest } = read.kind === 'event' ? read.event : { id: null, digest: read.digest };
    return {
      stream,
      code: 'AUDIT_EVENT_KILLS_WORKER',
      field: null,
      errorType: null,
      eventId: id,
      digest,
      deadLetteredAt: new Date(this.#parts.now()).toISOString(),
      text: bytes.toString('utf8'),
    };
  }

  #tellSuspect({ jobId, job }: Run, started: number): void {
    this.#parts.log.warn(
      {
        event: 'batch.suspect',
        stream: job.stream,
        seq: job.kind === 'batch' ? job.seq : null,
        jobId,
        traceId: job.traceId,
        starts: started,
      },
      started < bisectFromStart
        ? 'A batch was started again and again by processes that died; it runs alone now'
        : 'A batch was started again and again by processes that died; it runs in parts now, to find the event that kills',
    );
  }
}
