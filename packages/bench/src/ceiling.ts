/**
 * The ceiling: what Elasticsearch takes from a client that does nothing. Ready-made `_bulk` bodies of 1,000 events, each
 * document as the indexer would write it, sent by a bare HTTP client that throws the answers away.
 */
import {
  AuditSink,
  bulkBody,
  bulkItem,
  defaultDateBounds,
  EventReader,
  type IndexSettings,
} from '@trunkline/elasticsearch-sink';
import { Agent } from 'undici';
import type { Parts } from './parts.ts';

const bodyEvents = 1_000;
/** As many requests under way as an indexer has. */
const inFlight = 2;

export class Ceiling implements AsyncDisposable {
  readonly #parts: Parts;
  readonly #settings: IndexSettings;
  readonly #reader: EventReader;
  readonly #sink: AuditSink;
  #sent = 0;
  readonly #agent = new Agent({ connections: inFlight, headersTimeout: 60_000 });

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#settings = {
      indexPrefix: 'ceiling-audit-',
      alias: 'ceiling-audit-logs',
      stateIndex: 'ceiling-state',
      deadLetterIndex: 'ceiling-dead-letters',
      shards: 3,
      replicas: 0,
      retentionDays: 365,
    };
    this.#reader = new EventReader({
      prefix: this.#settings.indexPrefix,
      ...defaultDateBounds,
      routing: 'resourceType',
    });
    this.#sink = new AuditSink(parts.elasticsearch, this.#settings);
  }

  /** Template and indices as the indexer's, under a name of their own. */
  async install(): Promise<void> {
    await this.#sink.install(Date.now());
  }

  /** Makes the bodies for source texts of events, and their indices. */
  async bodies(texts: readonly string[]): Promise<Buffer[]> {
    const context = { stream: 'default', ingestedAt: new Date().toISOString() };
    const items = texts.map((text) => {
      const read = this.#reader.read(text);
      if (read.kind !== 'event') throw new Error('The ceiling was given a text that is no event.');
      return bulkItem(read.event, context, 'fitting');
    });
    for (const index of new Set(items.map(({ event }) => event.index))) await this.#sink.ensure(index);
    const bodies: Buffer[] = [];
    for (let from = 0; from < items.length; from += bodyEvents) {
      bodies.push(bulkBody(items.slice(from, from + bodyEvents)));
    }
    return bodies;
  }

  /** Sends all of them. @returns seconds from the first byte to the last answer */
  async send(bodies: readonly Buffer[]): Promise<number> {
    const startedAt = performance.now();
    let next = 0;
    const sender = async (): Promise<void> => {
      for (let body = bodies[next++]; body !== undefined; body = bodies[next++]) await this.#post(body);
    };
    await Promise.all(Array.from({ length: inFlight }, sender));
    return (performance.now() - startedAt) / 1_000;
  }

  /**
   * To be called after each `send`, as the pipeline's documents are counted after each of its phases: each id that is written is
   * first looked for among the documents that a refresh has made visible, so both sides need the same refreshes.
   * @throws Error where not all is stored
   */
  async verify(events: number): Promise<void> {
    this.#sent += events;
    const stored = await this.#parts.countDocuments(`${this.#settings.indexPrefix}*`);
    if (stored !== this.#sent) throw new Error(`The ceiling: ${this.#sent} events sent, ${stored} stored.`);
  }

  async #post(body: Buffer): Promise<void> {
    const answer = await this.#agent.request({
      origin: this.#parts.elasticsearchUrl,
      method: 'POST',
      path: '/_bulk?filter_path=errors,items.*.error.type',
      headers: { 'content-type': 'application/x-ndjson' },
      body,
    });
    const text = await answer.body.text();
    if (answer.statusCode !== 200 || !text.startsWith('{"errors":false')) {
      throw new Error(`The ceiling's bulk request failed: ${answer.statusCode} ${text.slice(0, 300)}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.close();
    await this.#parts.deleteIndices('ceiling-');
  }
}
