/** Genesys' audit queries over events that appear some time after their date, on a clock that a test moves. */
import { randomUUID } from 'node:crypto';
import { TrunklineError } from '@trunkline/contracts';
import type { AuditPage, AuditSource } from '../../audit-source.ts';
import { LongWait } from '../../long-wait.ts';
import type { AuditSourceFact } from './audit-source-fact.ts';
import { AuditsHistorySource, type HistoryPlan } from './audits-history-source.ts';
import { AuditsRealtimeSource } from './audits-realtime-source.ts';
import { HistoryBusy, type QueryStatus, type ResultPage } from './history-queries.ts';
import { HistoryReader } from './history-reader.ts';
import type { HistoryWindow } from './history-window.ts';
import { type RealtimePage, type RealtimeQuery, ServiceWanted } from './realtime-queries.ts';
import type { ServiceNames } from './service-mapping.ts';
import { SourceClock } from './source-clock.ts';
import { platformLimits, type TailTerms } from './tail-state.ts';

export interface SimulatedEvent {
  id: string;
  service: string;
  /** ms since 1970 */
  date: number;
  appearsAt: number;
}

export const minuteMs = 60_000;
export const dayMs = 86_400_000;
const terms: TailTerms = {
  ...platformLimits,
  overlapMs: 45 * minuteMs,
  pageSize: 3,
  windowEvents: 40,
};

/** Longest lateness that the terms promise to catch. */
export const { overlapMs } = terms;

const never = new AbortController().signal;

interface Query {
  /** At the time of the submission. */
  events: SimulatedEvent[];
  looks: number;
}

export class SimulatedAudits {
  now: number;
  events: SimulatedEvent[] = [];
  requests = 0;
  /** Whether a realtime query has to name a service. */
  wantsService = false;
  /** Realtime fails at longer windows. */
  slowFromMs = Number.POSITIVE_INFINITY;
  covered = ['A', 'B'];
  all = ['A', 'B', 'C'];
  /** How often a query is looked at before it has ended. */
  looks = 2;
  /** Events of a result's page; and of a download, instead of pages. */
  resultPage = 4;
  downloads = false;
  tooLarge = Number.POSITIVE_INFINITY;
  /** How the next queries end instead of well. */
  ends: ('failed' | 'lost')[] = [];
  /** Another client's query is under way. */
  busy = false;
  readonly facts: AuditSourceFact[] = [];
  readonly submitted: HistoryWindow[] = [];
  readonly #queries = new Map<string, Query>();

  constructor(now: number) {
    this.now = now;
  }

  /** A source as a process of its own has it: it remembers nothing of the others. */
  realtime(more: { firstStartMs?: number; requestsPerSecond?: number } = {}): AuditsRealtimeSource {
    return new AuditsRealtimeSource({
      ...this.#shared(),
      firstStartMs: dayMs,
      requestsPerSecond: 0,
      ...more,
      access: {
        page: async (query, longestWaitMs) => this.#page(query, longestWaitMs),
        services: async () => this.#services(this.covered),
      },
    });
  }

  history(plan: HistoryPlan): AuditsHistorySource {
    return new AuditsHistorySource({
      ...this.#shared(),
      plan,
      access: { services: async (of) => this.#services(of === 'realtime' ? this.covered : this.all) },
    });
  }

  outcomes(): string[] {
    return this.facts.flatMap((fact) => (fact.kind === 'history-query' ? [fact.outcome] : []));
  }

  #shared() {
    const clock = new SourceClock(() => this.now);
    const tell = (fact: AuditSourceFact): void => void this.facts.push(fact);
    const history = new HistoryReader({
      clock,
      tell,
      lease: { take: async () => true, release: async () => {} },
      waits: {
        now: () => this.now,
        sleep: async (ms) => {
          this.now += ms;
        },
      },
      access: {
        submit: async (window) => this.#submit(window),
        status: async (transaction) => this.#status(transaction),
        result: async (transaction, cursor) => this.#result(transaction, cursor),
        download: async (url) => this.#download(url),
      },
    });
    return { clock, tell, terms, history, shape: (event: Buffer) => event };
  }

  #services(names: string[]): ServiceNames {
    this.requests++;
    return { names: [...names], serverDate: new Date(this.now) };
  }

  /** In the order of their dates; nothing disappears. */
  #found({ from, to, service }: { from: number; to: number; service: string | null }): SimulatedEvent[] {
    return this.events
      .filter((event) => event.appearsAt <= this.now && event.date >= from && event.date < to)
      .filter((event) => service === null || event.service === service)
      .sort((a, b) => a.date - b.date || a.id.localeCompare(b.id));
  }

  #page(query: RealtimeQuery, longestWaitMs: number): RealtimePage {
    this.requests++;
    if (query.to - query.from > this.slowFromMs) {
      if (longestWaitMs === Number.POSITIVE_INFINITY) throw new Error('asked for ever for what is too much');
      throw new LongWait(new TrunklineError('GENESYS_SERVER_ERROR', { message: '504' }), this.now);
    }
    if (query.from < this.now - 14 * dayMs) throw new Error('out of the reach of realtime queries');
    if (query.to - query.from > dayMs) throw new Error('the window is too long');
    if (this.wantsService && query.service === null) throw new ServiceWanted();
    const found = this.#found(query).filter(({ service }) => this.covered.includes(service));
    const events = found.slice((query.page - 1) * query.pageSize, query.page * query.pageSize);
    return {
      counts: {
        events: events.length,
        total: found.length,
        pageCount: Math.ceil(found.length / query.pageSize),
      },
      events: events.map(textOf),
      serverDate: new Date(this.now),
      durationMs: 1,
      bytes: 1,
    };
  }

  #submit(window: HistoryWindow): QueryStatus {
    this.requests++;
    if (window.to - window.from > 31 * dayMs) throw new Error('the window is too long');
    if (window.from < this.now - 366 * dayMs) throw new Error('out of the reach of the history');
    if (this.busy) throw new HistoryBusy();
    const id = randomUUID();
    this.submitted.push(window);
    this.#queries.set(id, { events: this.#found(window), looks: this.looks });
    return { id, state: 'running', serverDate: new Date(this.now) };
  }

  #status(transaction: string): QueryStatus | null {
    this.requests++;
    const query = this.#queries.get(transaction);
    if (query === undefined) return null;
    if (--query.looks > 0) return { id: transaction, state: 'running', serverDate: new Date(this.now) };
    const end = this.ends.shift();
    if (end !== undefined) this.#queries.delete(transaction);
    if (end === 'lost') return null;
    return { id: transaction, state: end ?? 'succeeded', serverDate: new Date(this.now) };
  }

  #result(transaction: string, cursor: string | null): ResultPage {
    this.requests++;
    const reply = {
      status: 200,
      headers: new Map(),
      body: Buffer.alloc(0),
      serverDate: new Date(this.now),
      durationMs: 1,
    };
    const events = this.#queries.get(transaction)?.events;
    if (events === undefined) return { kind: 'lost', reply };
    if (this.downloads) return { kind: 'download', url: transaction, cursor: null, reply };
    const from = Number(cursor ?? 0);
    const end = from + this.resultPage;
    return {
      kind: 'events',
      events: events.slice(from, end).map(textOf),
      cursor: end < events.length ? String(end) : null,
      reply,
    };
  }

  #download(url: string): Buffer[] | 'too-large' {
    const events = this.#queries.get(url)?.events ?? [];
    return events.length > this.tooLarge ? 'too-large' : events.map(textOf);
  }
}

function textOf({ id, date, service }: SimulatedEvent): Buffer {
  return Buffer.from(JSON.stringify({ id, date: new Date(date).toISOString(), service }));
}

function idOf(event: string): string {
  return (JSON.parse(event) as { id: string }).id;
}

/**
 * A stream as a fetcher keeps it: the pages that were accepted, each with the cursor before it. A rewind takes the latest of them
 * back.
 */
export class KeptStream {
  accepted: { before: string | null; ids: string[] }[] = [];
  cursor: string | null = null;

  async ask(source: AuditSource): Promise<AuditPage> {
    return source.nextPage(this.cursor, never);
  }

  accept(page: AuditPage): void {
    if (page.eventCount === 0 && page.nextCursor === null) return;
    this.accepted.push({ before: this.cursor, ids: page.eventTexts.map(idOf) });
    this.cursor = page.nextCursor ?? this.cursor;
  }

  /** Not beyond the first page: behind that the stream would begin anew, at another time. */
  rewind(pages: number): void {
    const lost = this.accepted.splice(Math.max(1, this.accepted.length - pages));
    if (lost.length > 0) this.cursor = lost[0]?.before ?? null;
  }

  ids(): string[] {
    return this.accepted.flatMap(({ ids }) => ids);
  }

  /** Accepts pages until the source says that there are no more for now. */
  async toHead(source: AuditSource, simulated: SimulatedAudits): Promise<void> {
    for (let pages = 0; ; pages++) {
      const page = await this.ask(source);
      this.accept(page);
      if (page.atHead) return;
      if (pages > 5_000) throw new Error('the source comes to no head');
      // As a fetcher rests where nothing moved.
      if (page.nextCursor === null) simulated.now += 5_000;
    }
  }
}
