/**
 * What a person does with dead letters of audit events.
 *
 * The dead-letter index is the truth, the queue a worklist: whoever queues a letter again is served whether its entry still stands
 * there or not. No event is read unless it is asked for.
 */
import { type ErrorCode, TrunklineError } from '@trunkline/contracts';
import {
  type DeadLetter,
  DeadLetters,
  type Elasticsearch,
  refresh,
  type Sealer,
} from '@trunkline/elasticsearch-sink';
import { blindSealer } from './blind-sealer.ts';
import { eventShape, type FieldShape } from './event-shape.ts';
import { type Selection, selected, withoutText } from './selection.ts';
import type { Requeued, Worklist } from './worklist.ts';

/** What became of a dead letter that somebody decided about. */
export interface AuditDecision {
  readonly id: string;
  /** `absent`: no such dead letter; `closed`: indexed or discarded before. */
  readonly result: Requeued | 'discarded' | 'absent' | 'closed';
}

/** Why the fields of an event are not shown. */
export type Closed = 'no-key' | 'not-an-object' | ErrorCode;

/** The same in words, for people. */
export function closedText(closed: Closed | null): string {
  switch (closed) {
    case 'no-key':
      return 'PAYLOAD_KEY is not set';
    case 'not-an-object':
      return 'it is no JSON object';
    case 'PAYLOAD_KEY_UNKNOWN':
      return 'it was sealed with a key that PAYLOAD_KEY does not hold';
    default:
      return `it does not open (${closed})`;
  }
}

export interface ShownLetter {
  readonly letter: DeadLetter;
  /** Names, types and sizes of the event's fields, no value; `null` where `closed` says why not. */
  readonly fields: readonly FieldShape[] | null;
  readonly closed: Closed | null;
}

export class AuditLetterDesk {
  readonly #elasticsearch: Elasticsearch;
  readonly #place: { readonly deadLetterIndex: string; readonly replicas: number };
  readonly #sealer: Sealer | null;
  /** Without bodies: what lists and decides needs no key. */
  readonly letters: DeadLetters;

  /** @param sealer opens the events; `null`: nobody has the key, and no event is shown */
  constructor(
    elasticsearch: Elasticsearch,
    place: { readonly deadLetterIndex: string; readonly replicas: number },
    sealer: Sealer | null,
  ) {
    this.#elasticsearch = elasticsearch;
    this.#place = place;
    this.#sealer = sealer;
    this.letters = new DeadLetters(elasticsearch, place, blindSealer);
  }

  /** Lets searches see what was written before. */
  async refresh(): Promise<void> {
    await refresh(this.#elasticsearch, this.#place.deadLetterIndex);
  }

  /** A dead letter and the shape of its event; `null`: there is none of that id. */
  async show(id: string): Promise<ShownLetter | null> {
    const letter = await this.letters.get(id);
    if (letter === null) return null;
    return { letter: withoutText(letter), ...(await this.#shape(id)) };
  }

  /**
   * A dead letter with the source text of its event, personal data and all; `null`: there is none of that id. Whoever calls this
   * tells of it in a log.
   * @throws TrunklineError CONFIG_INVALID without a key; with a PAYLOAD_ code where it does not open
   */
  async reveal(id: string): Promise<(DeadLetter & { text: string }) | null> {
    if (this.#sealer === null) {
      throw new TrunklineError('CONFIG_INVALID', {
        message: 'Events of dead letters are sealed, and no key is set here.',
        remedy: 'Set PAYLOAD_KEY.',
      });
    }
    return new DeadLetters(this.#elasticsearch, this.#place, this.#sealer).get(id);
  }

  /** Has dead letters indexed again, one after the other. @param by who asks */
  async *requeue(
    worklist: Worklist,
    selection: Selection,
    by: string,
  ): AsyncGenerator<AuditDecision, void, undefined> {
    yield* this.#decide(selection, (letter) => worklist.requeue(letter, by));
  }

  /**
   * Decides that dead letters are not to be indexed; they are kept, with the reason.
   * @param at ISO 8601
   */
  async *discard(
    worklist: Worklist,
    selection: Selection,
    decision: { readonly reason: string; readonly by: string; readonly at: string },
  ): AsyncGenerator<AuditDecision, void, undefined> {
    const { reason, by, at } = decision;
    yield* this.#decide(selection, async ({ id }) => {
      await this.letters.discard(id, reason, at, by);
      await worklist.remove(id);
      return 'discarded';
    });
  }

  async *#decide(
    selection: Selection,
    about: (letter: DeadLetter) => Promise<AuditDecision['result']>,
  ): AsyncGenerator<AuditDecision, void, undefined> {
    await this.refresh();
    for await (const each of selected(this.letters, selection)) {
      if (each.kind === 'absent') yield { id: each.id, result: 'absent' };
      else if (each.letter.status !== 'open') yield { id: each.letter.id, result: 'closed' };
      else yield { id: each.letter.id, result: await about(each.letter) };
    }
  }

  async #shape(id: string): Promise<Pick<ShownLetter, 'fields' | 'closed'>> {
    if (this.#sealer === null) return { fields: null, closed: 'no-key' };
    try {
      const fields = eventShape((await this.reveal(id))?.text ?? '');
      return { fields, closed: fields === null ? 'not-an-object' : null };
    } catch (error) {
      // Only that this body does not open: whatever else went wrong is not about the letter.
      if (!(error instanceof TrunklineError) || !error.code.startsWith('PAYLOAD_')) throw error;
      return { fields: null, closed: error.code };
    }
  }
}
