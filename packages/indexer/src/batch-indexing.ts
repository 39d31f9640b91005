/**
 * A batch's events on their way into Elasticsearch, each for itself: created, found to be there already, tried again, set aside,
 * or dead-lettered. One bad event never holds up its neighbours.
 */
import { TrunklineError } from '@trunkline/contracts';
import {
  type AuditEvent,
  type BulkItem,
  bulkItem,
  type DocumentContext,
  type DocumentForm,
  type EventReader,
  type NewDeadLetter,
} from '@trunkline/elasticsearch-sink';
import { HeldBack } from '@trunkline/service';
import { backoffMs, type Delivered } from './bulk-delivery.ts';
import type { FloodGuard } from './flood-guard.ts';
import type { HealthGate } from './health-gate.ts';

export interface IndexedEvents {
  created: number;
  duplicate: number;
  /** Of the created: how many with their text set aside. */
  setAside: number;
  /** What is to be kept as dead letters before the batch counts as settled. */
  deadLetters: NewDeadLetter[];
}

export interface BatchIndexingParts {
  /** @throws TrunklineError ORGANISATION_UNKNOWN */
  readerOf: (stream: string) => EventReader;
  deliver: (items: readonly BulkItem[]) => Promise<Delivered[]>;
  gate: HealthGate;
  flood: FloodGuard;
  now: () => number;
  /** Waits that many ms; rejects when the process stops. */
  pause: (ms: number) => Promise<void>;
}

export interface BatchContext {
  stream: string;
  /** This run is the last before the job stands failed: what a single event cannot get over is then dead-lettered. */
  lastAttempt: boolean;
}

/** How often a retriable item is sent before its batch goes back to the queue. */
const itemAttempts = 5;
/** How long a batch is left alone whose items met an overloaded shard (ms). */
const overloadedDelayMs = 5_000;

export class BatchIndexing {
  readonly #parts: BatchIndexingParts;

  constructor(parts: BatchIndexingParts) {
    this.#parts = parts;
  }

  /**
   * @param events source texts of the batch's events, in UTF-8
   * @throws HeldBack where some events cannot be written now; those that were written answer 409 the next time
   * @throws TrunklineError ORGANISATION_UNKNOWN
   * @throws TrunklineError ELASTICSEARCH_UNREACHABLE where Elasticsearch keeps failing over single events
   */
  async index(events: readonly Buffer[], context: BatchContext): Promise<IndexedEvents> {
    const run = new BatchRun(this.#parts, context);
    return run.index(events);
  }
}

type LetterReason = Pick<NewDeadLetter, 'code' | 'field' | 'errorType'>;

class BatchRun {
  readonly #parts: BatchIndexingParts;
  readonly #context: BatchContext;
  readonly #at: string;
  /** One for all events of the batch. */
  readonly #document: DocumentContext;
  readonly #result: IndexedEvents = { created: 0, duplicate: 0, setAside: 0, deadLetters: [] };
  #refused = 0;

  constructor(parts: BatchIndexingParts, context: BatchContext) {
    this.#parts = parts;
    this.#context = context;
    this.#at = new Date(parts.now()).toISOString();
    this.#document = { stream: context.stream, ingestedAt: this.#at };
  }

  async index(events: readonly Buffer[]): Promise<IndexedEvents> {
    const reader = this.#parts.readerOf(this.#context.stream);
    let items: BulkItem[] = [];
    for (const bytes of events) {
      const read = reader.read(bytes);
      if (read.kind === 'event') items.push(this.#item(read.event, 'fitting'));
      else this.#deadLetter(null, read.digest, read.text, 'AUDIT_EVENT_MALFORMED');
    }
    const sent = items.length;
    for (let attempt = 1; items.length > 0; attempt++) {
      items = await this.#round(items, attempt);
    }
    this.#guard(sent);
    return this.#result;
  }

  /** @returns what is to be sent again */
  async #round(items: readonly BulkItem[], attempt: number): Promise<BulkItem[]> {
    const delivered = await this.#parts.deliver(items);
    const again: BulkItem[] = [];
    const retriable: { item: BulkItem; outcome: Extract<Delivered, { kind: 'retry' }> }[] = [];
    for (let place = 0; place < items.length; place++) {
      const item = items[place] as BulkItem;
      const outcome = delivered[place] as Delivered;
      switch (outcome.kind) {
        case 'created':
          this.#result.created++;
          if (item.form === 'bare' || item.event.troubles.size > 0) this.#result.setAside++;
          break;
        case 'duplicate':
          this.#result.duplicate++;
          break;
        case 'conflict':
          this.#deadLetter(item.event.id, item.event.digest, item.event.text, 'AUDIT_ID_CONFLICT');
          break;
        case 'too-large':
          this.#deadLetter(item.event.id, item.event.digest, item.event.text, 'AUDIT_EVENT_TOO_LARGE');
          break;
        case 'retry':
          retriable.push({ item, outcome });
          break;
        case 'blocked':
          this.#parts.gate.block(outcome.blockId, item.event.index);
          break;
        case 'denied':
          this.#parts.gate.refuse(denied(outcome.action));
          break;
        case 'dead':
          // Once more with nothing in it that a mapping could choke on.
          if (item.form === 'fitting') again.push(this.#item(item.event, 'bare'));
          else this.#refuse(item.event, outcome);
          break;
        default:
          outcome satisfies never;
      }
    }
    if (delivered.some(({ kind }) => kind === 'blocked' || kind === 'denied')) {
      throw new HeldBack('Elasticsearch takes no writes');
    }
    if (retriable.length === 0) return again;
    if (attempt >= itemAttempts) this.#giveUp(retriable);
    else {
      await this.#parts.pause(backoffMs(attempt)).catch(() => {
        throw new HeldBack('the process stops');
      });
      again.push(...retriable.map(({ item }) => item));
    }
    return again;
  }

  /** Items that stay retriable: load passes; what else a single event keeps causing may never. */
  #giveUp(retriable: readonly { item: BulkItem; outcome: Extract<Delivered, { kind: 'retry' }> }[]): void {
    const lasting = retriable.filter(({ outcome }) => !passes(outcome.status));
    const [first] = lasting;
    if (first === undefined || lasting.length < retriable.length) {
      throw new HeldBack('shards are overloaded or away', overloadedDelayMs);
    }
    if (!this.#context.lastAttempt) {
      throw new TrunklineError('ELASTICSEARCH_UNREACHABLE', {
        message: `Elasticsearch keeps answering ${first.outcome.status} (${first.outcome.errorType}) for ${lasting.length} events of a batch.`,
        remedy:
          'Nothing is lost: it is tried again, and dead-lettered at the last attempt. Look at the log of the cluster.',
      });
    }
    for (const { item, outcome } of lasting) this.#refuse(item.event, { ...outcome, field: null });
  }

  #item(event: AuditEvent, form: DocumentForm): BulkItem {
    return bulkItem(event, this.#document, form);
  }

  #refuse(event: AuditEvent, reason: Omit<LetterReason, 'code'>): void {
    this.#refused++;
    this.#deadLetter(event.id, event.digest, event.text, 'AUDIT_EVENT_REFUSED', reason);
  }

  #deadLetter(
    eventId: string | null,
    digest: string,
    text: string,
    code: LetterReason['code'],
    { field, errorType }: Omit<LetterReason, 'code'> = { field: null, errorType: null },
  ): void {
    const { stream } = this.#context;
    this.#result.deadLetters.push({
      stream,
      code,
      field,
      errorType,
      eventId,
      digest,
      deadLetteredAt: this.#at,
      text,
    });
  }

  #guard(sent: number): void {
    const { flood, gate } = this.#parts;
    if (this.#refused < sent) flood.accepted();
    else if (sent > 0 && flood.refusedWholly(sent)) {
      gate.flood(flood.batchesInARow);
      throw new HeldBack('Elasticsearch refuses every event');
    }
  }
}

/** Statuses that tell of load, of a shard that is away, or of an index that is being made anew. */
function passes(status: number): boolean {
  return status === 429 || status === 503 || status === 404;
}

function denied(action: string | null): TrunklineError {
  return new TrunklineError('ELASTICSEARCH_PERMISSION_MISSING', {
    message: `Elasticsearch does not allow writing to the audit indices (${action ?? 'no action named'}).`,
    remedy: 'Grant the privileges listed in docs/operations.md to the API key or user.',
  });
}
