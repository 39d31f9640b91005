import type { ArchiveRedactOutcome, Facts } from '@trunkline/contracts';
import type { Service } from '@trunkline/service';
import type { RedactorMetrics } from './metrics.ts';
import type { RefusalCode } from './redact-lines.ts';
import type { ThreadLost } from './thread-pool.ts';

/** What a batch or a dead letter is called in logs. */
export interface ToldIds {
  readonly jobId: string;
  readonly windowId: string;
  readonly batch: string;
  readonly traceId: string;
}

/** Logs and counts the redactor's facts, so that the two agree. Types, counts and ids only. */
export class Told {
  readonly #service: Service;
  readonly #metrics: RedactorMetrics;
  readonly #sinceStart = {
    batchesInHand: 0,
    conversationsRedacted: 0,
    conversationsDeadLettered: 0,
    valuesRedacted: 0,
  };

  constructor(service: Service, metrics: RedactorMetrics) {
    this.#service = service;
    this.#metrics = metrics;
  }

  /** For the heartbeat: since the process started. */
  facts(): Facts {
    return { ...this.#sinceStart };
  }

  inHand(change: 1 | -1): void {
    this.#sinceStart.batchesInHand += change;
    this.#metrics.inHand.inc(change);
  }

  redacted(ids: ToldIds, outcome: ArchiveRedactOutcome, sourceBytes: number, durationMs: number): void {
    const { conversations, deadLettered, entities, engineVersion } = outcome;
    const values = Object.values(entities).reduce((sum, count) => sum + count, 0);
    for (const [type, count] of Object.entries(entities)) this.#metrics.values.inc({ type }, count);
    this.#metrics.conversations.inc({ outcome: 'redacted' }, conversations);
    this.#metrics.bytes.inc({ direction: 'read' }, sourceBytes);
    this.#metrics.bytes.inc({ direction: 'written' }, outcome.redacted.bytes + outcome.index.bytes);
    this.#metrics.batchSeconds.observe(durationMs / 1_000);
    this.#service.totals.add('valuesRedacted', values);
    this.#sinceStart.conversationsRedacted += conversations;
    this.#sinceStart.valuesRedacted += values;
    this.#service.log.info(
      {
        event: 'batch.redacted',
        ...ids,
        conversations,
        deadLettered,
        entities,
        bytes: sourceBytes,
        engineVersion,
        durationMs: Math.round(durationMs),
      },
      'A batch was redacted',
    );
  }

  found(ids: ToldIds): void {
    this.#service.log.info(
      { event: 'batch.found-redacted', ...ids },
      'A batch had been redacted before; nothing was done twice',
    );
  }

  /** @param isNew false where an earlier run of the batch had queued it */
  deadLettered(ids: ToldIds, index: number, code: RefusalCode, isNew: boolean): void {
    if (!isNew) return;
    this.#metrics.conversations.inc({ outcome: 'dead-lettered' });
    this.#service.totals.add('conversationsDeadLettered', 1);
    this.#sinceStart.conversationsDeadLettered++;
    this.#service.log.error(
      { event: 'conversation.dead-lettered', ...ids, index, errorCode: code },
      'A conversation could not be redacted and waits, sealed, for a person; the rest of its batch goes on',
    );
  }

  recovered(ids: ToldIds, index: number): void {
    this.#service.log.info(
      { event: 'conversation.redacted-after-all', ...ids, index },
      'A dead letter was redacted after all and goes to the bucket',
    );
  }

  threadLost(why: ThreadLost['why']): void {
    this.#metrics.threadsLost.inc({ why });
    this.#service.log.error(
      { event: 'thread.lost', why },
      why === 'died'
        ? 'A redaction thread died over its conversations; they are tried one by one'
        : 'A redaction thread took too long over its conversations and was ended; they are tried one by one',
    );
  }
}
