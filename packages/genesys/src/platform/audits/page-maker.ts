import { batchLines } from '@trunkline/contracts';
import { type AuditPage, auditPage } from '../../audit-source.ts';
import type { AuditSourceFact } from './audit-source-fact.ts';
import { ReturnedEvents } from './returned-events.ts';
import type { SourceClock } from './source-clock.ts';

/** Makes pages of what the calls to Genesys bring: without repeats, in the form of the document, through the filters. */
export class PageMaker {
  readonly #returned = new ReturnedEvents();
  readonly #shape: (event: Buffer) => Buffer | null;
  readonly #clock: SourceClock;
  readonly #tell: (fact: AuditSourceFact) => void;

  constructor(
    shape: (event: Buffer) => Buffer | null,
    clock: SourceClock,
    tell: (fact: AuditSourceFact) => void,
  ) {
    this.#shape = shape;
    this.#clock = clock;
    this.#tell = tell;
  }

  /** A page is asked for. */
  ask(cursor: string | null): Asked {
    return new Asked(cursor, this.#returned.begin(cursor), this.#shape, this.#clock, this.#tell);
  }

  /** No pass begins before `final` any more. */
  prune(final: number): void {
    this.#returned.prune(final);
  }
}

/** What one call of a source has brought so far. */
export class Asked {
  readonly events: Buffer[] = [];
  readonly #cursor: string | null;
  readonly #chained: ReturnType<ReturnedEvents['begin']>;
  readonly #shape: (event: Buffer) => Buffer | null;
  readonly #clock: SourceClock;
  readonly #tell: (fact: AuditSourceFact) => void;
  #repeats = 0;
  #serverDate: Date | null = null;
  #durationMs = 0;
  #bytes = 0;

  constructor(
    cursor: string | null,
    chained: ReturnType<ReturnedEvents['begin']>,
    shape: (event: Buffer) => Buffer | null,
    clock: SourceClock,
    tell: (fact: AuditSourceFact) => void,
  ) {
    this.#cursor = cursor;
    this.#chained = chained;
    this.#shape = shape;
    this.#clock = clock;
    this.#tell = tell;
  }

  heard(serverDate: Date | null): void {
    this.#clock.heard(serverDate);
    this.#serverDate = serverDate ?? this.#serverDate;
  }

  replied(reply: { serverDate: Date | null; durationMs: number; bytes: number }): void {
    this.heard(reply.serverDate);
    this.#durationMs += reply.durationMs;
    this.#bytes += reply.bytes;
  }

  /** @param again whether a later pass may meet these events again */
  take(events: readonly Buffer[], again: boolean): void {
    const fresh = this.#chained.fresh(events, again);
    this.#repeats += events.length - fresh.length;
    for (const event of fresh) {
      const shaped = this.#shape(event);
      if (shaped !== null) this.events.push(shaped);
    }
  }

  /** The date of the last event where it lies in the window that is read in order; `null`: nothing is told by it. */
  lastDate({ from, to }: { from: number; to: number }): number | null {
    const last = this.events.at(-1);
    if (last === undefined) return null;
    const date = dateOf(last);
    return date >= from && date <= to ? date : null;
  }

  /** @param next the cursor behind the page; `null`: the one that was asked with stays good */
  page({ next, reachedAt, atHead }: { next: string | null; reachedAt: number; atHead: boolean }): AuditPage {
    if (this.#repeats > 0) this.#tell({ kind: 'repeats', count: this.#repeats });
    this.#chained.end(next ?? this.#cursor, this.#clock.now());
    return auditPage({
      eventCount: this.events.length,
      lines: batchLines(this.events),
      nextCursor: next,
      serverDate: this.#serverDate,
      durationMs: this.#durationMs,
      bytes: this.#bytes,
      reachedAt,
      atHead,
    });
  }
}

/** NaN where it has none that can be read. */
function dateOf(event: Buffer): number {
  try {
    const { date } = JSON.parse(event.toString('utf8')) as { date?: unknown };
    return typeof date === 'string' ? Date.parse(date) : Number.NaN;
  } catch {
    return Number.NaN;
  }
}
