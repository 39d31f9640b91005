/**
 * One bulk request from its items to what became of each, with everything that concerns the request as a whole: gate, breaker,
 * repeating, halving, and comparing the events that are there already (A17).
 */
import { errorCodeOf, TrunklineError } from '@trunkline/contracts';
import {
  type AuditEvent,
  type AuditSink,
  type BulkItem,
  hasShapes,
  type ItemOutcome,
  isSameEvent,
  type StoredDigest,
  type StoredText,
} from '@trunkline/elasticsearch-sink';
import { HeldBack } from '@trunkline/service';
import { type Breaker, isBroken, isWholeFailure } from './breaker.ts';
import type { HealthGate } from './health-gate.ts';
import type { IndexerMetrics } from './metrics.ts';

/** What became of an event that was sent. */
export type Delivered =
  | { kind: 'created' }
  /** The same event is there already. */
  | { kind: 'duplicate' }
  /** Another event with this id is there already. */
  | { kind: 'conflict' }
  /** Larger than what Elasticsearch, or what stands before it, takes. */
  | { kind: 'too-large' }
  | Extract<ItemOutcome, { kind: 'retry' | 'blocked' | 'denied' | 'dead' }>;

const duplicate: Delivered = { kind: 'duplicate' };
const conflict: Delivered = { kind: 'conflict' };
const deletedMeanwhile: Delivered = { kind: 'retry', status: 404, errorType: 'deleted_meanwhile' };
const tooLarge: Delivered = { kind: 'too-large' };

/** How often a request that failed as a whole is sent before its batches go back to the queue. */
const attempts = 3;

/** What delivery asks of the sink. */
export type DeliverySink = Pick<AuditSink, 'bulk' | 'storedDigests' | 'storedTexts'>;

export interface BulkDeliveryParts {
  sink: DeliverySink;
  gate: HealthGate;
  breaker: Breaker;
  metrics: IndexerMetrics;
  /** Waits that many ms; rejects when the process stops. */
  pause: (ms: number) => Promise<void>;
  /** Aborted when the process stops: nothing is waited for any more. */
  stopping: AbortSignal;
  /** Aborted when requests under way have to end too. */
  abandon: AbortSignal;
  /** Told of each request that failed as a whole. */
  onFailure: (error: unknown, items: number) => void;
}

/**
 * Where almost all of a request was there already, the next one is looked for before it is sent: a replay costs Elasticsearch the
 * reading of digests then, and not the parsing of documents that it refuses. Where half of a request is new, that ends.
 */
const shareOfReplay = 0.9;
const shareOfNew = 0.5;

export class BulkDelivery {
  readonly #parts: BulkDeliveryParts;
  #isReplay = false;

  constructor(parts: BulkDeliveryParts) {
    this.#parts = parts;
  }

  /**
   * @returns what became of each item, in their order
   * @throws HeldBack where the request cannot be made now; what became of its items is then unknown, and sending them again
   *   is harmless
   */
  async deliver(items: readonly BulkItem[]): Promise<Delivered[]> {
    try {
      if (this.#isReplay) return await this.#deliverAfterLooking(items);
      const delivered = await this.#deliver(items);
      this.#isReplay =
        delivered.filter(({ kind }) => kind === 'duplicate').length > items.length * shareOfReplay;
      return delivered;
    } catch (error) {
      throw this.#heldBack(error);
    }
  }

  /** What is found to be there, the same in every byte that counts, is a duplicate; anything else is sent as ever. */
  async #deliverAfterLooking(items: readonly BulkItem[]): Promise<Delivered[]> {
    const { sink, gate, abandon } = this.#parts;
    if (!(await gate.check())) throw new HeldBack('the gate is shut');
    const events = items.map(({ event }) => event);
    // A look that fails decides nothing: the request that follows does, with all that belongs to one.
    const stored = await sink.storedDigests(events, abandon).catch(() => []);
    const isThere = events.map(({ digest }, place) => {
      const found = stored[place];
      return found?.kind === 'digest' && found.digest === digest;
    });
    const rest = items.filter((_, place) => !isThere[place]);
    if (rest.length > items.length * shareOfNew) this.#isReplay = false;
    const delivered = rest.length === 0 ? [] : await this.#deliver(rest);
    let next = 0;
    return isThere.map((there) => (there ? duplicate : (delivered[next++] as Delivered)));
  }

  async #deliver(items: readonly BulkItem[]): Promise<Delivered[]> {
    let outcomes: ItemOutcome[];
    try {
      outcomes = await this.#request(items);
    } catch (error) {
      if (errorCodeOf(error) !== 'ELASTICSEARCH_REQUEST_TOO_LARGE') throw error;
      if (items.length === 1) return [tooLarge];
      const half = items.length >> 1;
      const first = await this.#deliver(items.slice(0, half));
      return [...first, ...(await this.#deliver(items.slice(half)))];
    }
    return this.#compare(items, outcomes);
  }

  async #request(items: readonly BulkItem[]): Promise<ItemOutcome[]> {
    const { sink, gate, breaker, metrics, pause, stopping, abandon, onFailure } = this.#parts;
    for (let attempt = 1; ; attempt++) {
      if (!(await gate.check())) throw new HeldBack('the gate is shut');
      const ended = metrics.bulkSeconds.startTimer();
      try {
        const outcomes = await breaker.run(() => sink.bulk(items, abandon));
        ended({ result: 'answered' });
        return outcomes;
      } catch (error) {
        if (isBroken(error) || abandon.aborted) throw error;
        ended({ result: 'failed' });
        onFailure(error, items.length);
        if (!isWholeFailure(error) || !breaker.isPassable || attempt === attempts || stopping.aborted)
          throw error;
        await pause(backoffMs(attempt));
      }
    }
  }

  /** An event that is there already is a duplicate only when what is there is the same. */
  async #compare(items: readonly BulkItem[], outcomes: readonly ItemOutcome[]): Promise<Delivered[]> {
    const delivered = outcomes as Delivered[];
    const there: number[] = [];
    for (let place = 0; place < outcomes.length; place++)
      if (outcomes[place]?.kind === 'exists') there.push(place);
    if (there.length === 0) return delivered;
    const stored = await this.#parts.sink.storedDigests(
      there.map((place) => (items[place] as BulkItem).event),
      this.#parts.abandon,
    );
    const differing: number[] = [];
    for (const [n, place] of there.entries()) {
      const { event } = items[place] as BulkItem;
      const result = compared(event.digest, stored[n] as StoredDigest);
      delivered[place] = result;
      if (result === conflict && stored[n]?.kind === 'digest' && hasShapes(event.text)) differing.push(place);
    }
    if (differing.length > 0) await this.#compareShapes(items, differing, delivered);
    return delivered;
  }

  /** Events of the platform contract come in shapes whose digests differ: they are laid beside what is there. */
  async #compareShapes(
    items: readonly BulkItem[],
    places: readonly number[],
    delivered: Delivered[],
  ): Promise<void> {
    const events = places.map((place) => (items[place] as BulkItem).event);
    const stored = await this.#parts.sink.storedTexts(events, this.#parts.abandon);
    for (const [n, place] of places.entries()) {
      delivered[place] = comparedShapes(events[n] as AuditEvent, stored[n] as StoredText);
    }
  }

  #heldBack(error: unknown): unknown {
    const { gate, stopping, abandon } = this.#parts;
    if (isBroken(error)) return new HeldBack('the breaker is open');
    if (stopping.aborted || abandon.aborted) return new HeldBack('the process stops');
    return heldBackBy(error, gate, null);
  }
}

/**
 * What a batch is to do about an error of the sink: to go back to the queue. Shuts the gate where the error says that nothing can
 * be written; an error that is not the sink's is returned as it is.
 * @param index the index that was written to, where the error concerns that one alone
 */
export function heldBackBy(error: unknown, gate: HealthGate, index: string | null): unknown {
  if (!(error instanceof TrunklineError)) return error;
  switch (error.code) {
    case 'ELASTICSEARCH_WRITE_BLOCKED':
      gate.block(/ block (\w+)/.exec(error.message)?.[1] ?? 'unknown', index);
      break;
    case 'ELASTICSEARCH_PERMISSION_MISSING':
    case 'ELASTICSEARCH_SETUP_REFUSED':
      gate.refuse(error);
      break;
    case 'ELASTICSEARCH_UNREACHABLE':
    case 'ELASTICSEARCH_OVERLOADED':
    case 'ELASTICSEARCH_REPLY_UNREADABLE':
      break;
    default:
      return error;
  }
  return new HeldBack(`the request failed (${error.code})`, null, error);
}

function compared(digest: string, stored: StoredDigest): Delivered {
  switch (stored.kind) {
    case 'digest':
      return stored.digest === digest ? duplicate : conflict;
    case 'unknown':
      // Somebody else's document: whether it is the same event cannot be told, so neither is thrown away.
      return conflict;
    case 'absent':
      return deletedMeanwhile;
    default:
      return stored satisfies never;
  }
}

function comparedShapes(event: AuditEvent, stored: StoredText): Delivered {
  switch (stored.kind) {
    case 'text':
      return isSameEvent(stored.text, event.text) ? duplicate : conflict;
    case 'unknown':
      return conflict;
    case 'absent':
      return deletedMeanwhile;
    default:
      return stored satisfies never;
  }
}

/** 0.25 s, 0.5 s ... 5 s, each with up to a quarter more or less. */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  return Math.min(250 * 2 ** (attempt - 1), 5_000) * (0.75 + random() / 2);
}
