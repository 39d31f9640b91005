import { setTimeout as sleep } from 'node:timers/promises';
import { type AuditEvent, AuditSink, defaultDateBounds, EventReader } from '@trunkline/elasticsearch-sink';
import type { LedgerEvent } from '@trunkline/simulator';
import type { Bench } from './measure.ts';
import { Pipeline } from './pipeline.ts';
import { Source } from './source.ts';
import { type Line, quantile } from './table.ts';

/** One event in 25 is a LOGIN, which is filtered out: this leaves 100 a second. */
const rate = 104;
const lookMs = 20;
/** Events come in order, so the oldest are looked for: asking for all of them all the time would slow down what is measured. */
const lookedFor = 25;
const warmUpMs = 10_000;

interface Awaited {
  event: AuditEvent;
  ledger: LedgerEvent;
}

/** Milliseconds, an entry an event. */
interface Latencies {
  /** From its appearance in Genesys to readable by id. */
  appeared: number[];
  /** From the page that carried it to readable by id. */
  served: number[];
}

/**
 * P7: how old an event is when it can be read by its id, at 100 events a second and a poll every second. The measurement is cut
 * into the rounds.
 */
export async function latencyLines({ parts, options, tell }: Bench): Promise<Line[]> {
  await using source = await Source.start(parts.folder, rate);
  await using pipeline = new Pipeline({
    name: 'latency',
    parts,
    source,
    settings: { AUDIT_POLL_INTERVAL_SECONDS: '1' },
    profile: null,
  });
  await pipeline.start('indexer');
  await pipeline.start('fetcher');
  const watch = new Watch({ parts, source, indexPrefix: pipeline.indexPrefix });
  await watch.run(warmUpMs);
  const rounds: Latencies[] = [];
  for (let number = 1; number <= options.rounds; number++) {
    const part = await watch.run((options.seconds * 1_000) / options.rounds);
    if (part.appeared.length === 0)
      throw new Error(`No event could be read in ${options.seconds / options.rounds} s.`);
    rounds.push(part);
    tell(`part ${number} of ${options.rounds}: ${part.appeared.length} events`);
  }
  const line = (what: string, of: (one: Latencies) => number, goal: Line['goal'] = null): Line => ({
    measure: 'P7',
    what,
    unit: 's',
    goal,
    rounds: rounds.map((one) => of(one) / 1_000),
  });
  return [
    line('event appears → readable by id, p50', ({ appeared }) => quantile(appeared, 0.5), { atMost: 0.9 }),
    line('the same, p99', ({ appeared }) => quantile(appeared, 0.99), { atMost: 2.5 }),
    line('event served → readable by id, p50', ({ served }) => quantile(served, 0.5)),
    line('the same, p99', ({ served }) => quantile(served, 0.99)),
  ];
}

/** Follows the simulator's ledger and asks Elasticsearch for each event until it is there. */
class Watch {
  readonly #source: Source;
  readonly #sink: AuditSink;
  readonly #reader: EventReader;
  #waiting: Awaited[] = [];
  #next = 0;

  constructor({
    parts,
    source,
    indexPrefix,
  }: { parts: Bench['parts']; source: Source; indexPrefix: string }) {
    this.#source = source;
    this.#reader = new EventReader({ prefix: indexPrefix, ...defaultDateBounds, routing: 'resourceType' });
    // Reads only: of the settings none but the names of the indices counts, and the reader gives those.
    this.#sink = new AuditSink(parts.elasticsearch, {
      indexPrefix,
      alias: 'none',
      stateIndex: 'none',
      deadLetterIndex: 'none',
      shards: 3,
      replicas: 0,
      retentionDays: 365,
    });
  }

  async run(ms: number): Promise<Latencies> {
    const latencies: Latencies = { appeared: [], served: [] };
    const end = performance.now() + ms;
    let learnAt = 0;
    while (performance.now() < end) {
      if (performance.now() >= learnAt) {
        await this.#learn();
        learnAt = performance.now() + 200;
      }
      // Where some are there, so may be the next.
      if (!(await this.#look(latencies))) await sleep(lookMs);
    }
    return latencies;
  }

  /** New events, whether they were served or not. */
  async #learn(): Promise<void> {
    for await (const ledger of this.#source.control.events({ after: this.#next - 1, source: true })) {
      this.#next = ledger.n + 1;
      if (ledger.filtered) continue;
      const read = this.#reader.read(ledger.source as string);
      if (read.kind === 'event') this.#waiting.push({ event: read.event, ledger });
    }
  }

  /** A real-time read by id: it needs no refresh. @returns whether any was found */
  async #look(latencies: Latencies): Promise<boolean> {
    const asked = this.#waiting.slice(0, lookedFor);
    const stored = await this.#sink.storedDigests(asked.map(({ event }) => event));
    const now = Date.now();
    const found = asked.filter((_, place) => stored[place]?.kind === 'digest');
    if (found.length === 0) return false;
    const gone = new Set(found);
    this.#waiting = this.#waiting.filter((one) => !gone.has(one));
    const served = await this.#servedAt(found);
    for (const { ledger } of found) {
      latencies.appeared.push(now - Date.parse(ledger.positionedAt));
      latencies.served.push(now - (served.get(ledger.n) ?? now));
    }
    return true;
  }

  /** When each was served, which the ledger did not know yet when it told of them. */
  async #servedAt(found: readonly Awaited[]): Promise<Map<number, number>> {
    const places = found.map(({ ledger }) => ledger.n);
    const from = Math.min(...places);
    const served = new Map<number, number>();
    const limit = Math.max(...places) - from + 1;
    for await (const event of this.#source.control.events({ after: from - 1, limit })) {
      if (event.firstServedAt !== null) served.set(event.n, event.firstServedAt);
    }
    return served;
  }
}
