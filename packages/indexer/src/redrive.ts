/** Indexing a dead letter again because a person asked for it. */
import { type ErrorCode, TrunklineError } from '@trunkline/contracts';
import {
  type BulkItem,
  bulkItem,
  type DeadLetter,
  type DeadLetterStatus,
  type DeadLetters,
  type EventReader,
} from '@trunkline/elasticsearch-sink';
import { HeldBack } from '@trunkline/service';
import { type Delivered, heldBackBy } from './bulk-delivery.ts';
import type { HealthGate } from './health-gate.ts';

export interface RedriveParts {
  letters: DeadLetters;
  /** @throws TrunklineError ORGANISATION_UNKNOWN */
  readerOf: (stream: string) => EventReader;
  deliver: (items: readonly BulkItem[]) => Promise<Delivered[]>;
  gate: HealthGate;
  deadLetterIndex: string;
  now: () => number;
}

export type Redriven =
  | { kind: 'indexed'; as: 'created' | 'duplicate' }
  /** Somebody has dealt with it before. */
  | { kind: 'closed'; status: 'requeued' | 'discarded' }
  | { kind: 'refused'; code: ErrorCode; field: string | null; errorType: string | null };

type Refusal = Omit<Extract<Redriven, { kind: 'refused' }>, 'kind'>;

const overloadedDelayMs = 5_000;

export class Redrive {
  readonly #parts: RedriveParts;

  constructor(parts: RedriveParts) {
    this.#parts = parts;
  }

  /** Whether a dead letter still waits for a person (`open`). @throws TrunklineError DEAD_LETTER_MISSING; HeldBack */
  async status(id: string): Promise<DeadLetterStatus> {
    return (await this.#read(id)).status;
  }

  /**
   * @param by who asked for it; `null` where that is not known
   * @throws TrunklineError DEAD_LETTER_MISSING, PAYLOAD_KEY_UNKNOWN, PAYLOAD_UNREADABLE, ORGANISATION_UNKNOWN
   * @throws HeldBack where nothing can be written now
   */
  async run(id: string, by: string | null): Promise<Redriven> {
    const letter = await this.#read(id);
    if (letter.status !== 'open') return { kind: 'closed', status: letter.status };
    const read = this.#parts.readerOf(letter.stream).read(letter.text);
    if (read.kind === 'malformed') return this.#refused(id, 'AUDIT_EVENT_MALFORMED', null, null);
    const context = { stream: letter.stream, ingestedAt: this.#at() };
    let outcome = await this.#send(bulkItem(read.event, context, 'fitting'));
    if (outcome.kind === 'dead') outcome = await this.#send(bulkItem(read.event, context, 'bare'));
    switch (outcome.kind) {
      case 'created':
      case 'duplicate':
        await this.#note(this.#parts.letters.markRequeued(id, this.#at(), by));
        return { kind: 'indexed', as: outcome.kind };
      case 'conflict':
        return this.#refused(id, 'AUDIT_ID_CONFLICT', null, null);
      case 'too-large':
        return this.#refused(id, 'AUDIT_EVENT_TOO_LARGE', null, null);
      case 'dead':
        return this.#refused(id, 'AUDIT_EVENT_REFUSED', outcome.field, outcome.errorType);
      case 'blocked':
        this.#parts.gate.block(outcome.blockId, read.event.index);
        throw new HeldBack('Elasticsearch takes no writes');
      case 'denied':
        this.#parts.gate.refuse(
          new TrunklineError('ELASTICSEARCH_PERMISSION_MISSING', {
            message: 'Elasticsearch does not allow writing to the audit indices.',
            remedy: 'Grant the privileges listed in docs/operations.md to the API key or user.',
          }),
        );
        throw new HeldBack('Elasticsearch takes no writes');
      case 'retry':
        throw new HeldBack('shards are overloaded or away', overloadedDelayMs);
      default:
        return outcome satisfies never;
    }
  }

  async #read(id: string): Promise<DeadLetter & { text: string }> {
    const letter = await this.#note(this.#parts.letters.get(id));
    if (letter !== null) return letter;
    throw new TrunklineError('DEAD_LETTER_MISSING', {
      message: `There is no dead letter ${id} in the index ${this.#parts.deadLetterIndex}.`,
      remedy: 'It was deleted, or the queue belongs to another cluster: remove its job.',
    });
  }

  async #send(item: BulkItem): Promise<Delivered> {
    const [outcome] = await this.#parts.deliver([item]);
    return outcome as Delivered;
  }

  async #refused(
    id: string,
    code: Refusal['code'],
    field: string | null,
    errorType: string | null,
  ): Promise<Redriven> {
    const refusal = { code, field, errorType };
    await this.#note(this.#parts.letters.markRefusedAgain(id, refusal, this.#at()));
    return { kind: 'refused', ...refusal };
  }

  /** Errors of the dead-letter index hold the job back as those of the audit indices do. */
  async #note<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      throw heldBackBy(error, this.#parts.gate, this.#parts.deadLetterIndex);
    }
  }

  #at(): string {
    return new Date(this.#parts.now()).toISOString();
  }
}
