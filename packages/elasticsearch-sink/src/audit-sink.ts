import type { TrunklineError } from '@trunkline/contracts';
import { memberTexts, splitArray } from '@trunkline/json-source';
import type { AuditEvent } from './audit-event.ts';
import { AuditIndices } from './audit-indices.ts';
import { bulkFilterPath, bulkOutcomes, type ItemOutcome } from './bulk-outcome.ts';
import { type BulkItem, bulkBody } from './bulk-request.ts';
import { eventTextOf } from './document.ts';
import type { Elasticsearch } from './elasticsearch.ts';
import {
  type ClusterHealth,
  clusterHealth,
  type HealthScope,
  type WriteBlock,
  writeBlocks,
} from './health.ts';
import type { IndexSettings } from './schema.ts';
import { type InstalledSchema, installSchema, neverGreen } from './setup.ts';

/** What stands in the place of an event that answered 409. */
export type StoredDigest =
  | { kind: 'digest'; digest: string }
  /** A document that Trunkline did not write. */
  | { kind: 'unknown' }
  /** Deleted since. */
  | { kind: 'absent' };

/** As `StoredDigest`, with the event's whole source text. */
export type StoredText = { kind: 'text'; text: string } | Exclude<StoredDigest, { kind: 'digest' }>;

const textsPerRequest = 100;

/** The audit indices as an indexer sees them. */
export class AuditSink {
  readonly indices: AuditIndices;
  readonly #es: Elasticsearch;
  readonly #settings: IndexSettings;
  #policy: string | null = null;

  constructor(es: Elasticsearch, settings: IndexSettings) {
    this.#es = es;
    this.#settings = settings;
    this.indices = new AuditIndices(es, settings, () => this.#policy);
  }

  /**
   * Installs templates and policy, and creates the indices of today and tomorrow.
   * @throws TrunklineError with an ELASTICSEARCH_ code
   */
  async install(now: number, signal?: AbortSignal): Promise<InstalledSchema> {
    const installed = await installSchema(this.#es, this.#settings, signal);
    this.#policy = installed.policy;
    await this.indices.ensureTomorrow(now);
    return installed;
  }

  /** Why the indices can never be green, or `null`. */
  async neverGreen(signal?: AbortSignal): Promise<TrunklineError | null> {
    return neverGreen(this.#es, this.#settings, signal);
  }

  /**
   * Sends one `_bulk` request and tells the outcome of each item, in their order.
   *
   * @throws TrunklineError where the request failed as a whole, and what became of its items is unknown:
   *   ELASTICSEARCH_REQUEST_TOO_LARGE (send fewer), _OVERLOADED, _UNREACHABLE, _REPLY_UNREADABLE (send again),
   *   _WRITE_BLOCKED, _PERMISSION_MISSING, _SETUP_REFUSED (send again when that is mended). Sending again is harmless.
   */
  async bulk(items: readonly BulkItem[], signal?: AbortSignal): Promise<ItemOutcome[]> {
    for (const { event } of items) {
      if (!this.indices.isKnown(event.index)) await this.indices.ensure(event.index);
    }
    const { body } = await this.#es.ask({
      method: 'POST',
      path: '/_bulk',
      // No pipeline of the cluster's own may alter or drop an event.
      query: { filter_path: bulkFilterPath, pipeline: '_none' },
      lines: bulkBody(items),
      what: 'to index a batch',
      signal,
    });
    const outcomes = bulkOutcomes(
      body,
      items.map((item) => item.event.id),
    );
    for (let place = 0; place < outcomes.length; place++) {
      const outcome = outcomes[place] as ItemOutcome;
      if (outcome.kind === 'retry' && outcome.status === 404) {
        this.indices.forget((items[place] as BulkItem).event.index);
      }
    }
    return outcomes;
  }

  /** The digests of the documents that stand in the places of these events, in their order. */
  async storedDigests(events: readonly AuditEvent[], signal?: AbortSignal): Promise<StoredDigest[]> {
    if (events.length === 0) return [];
    const { body } = await this.#es.ask({
      method: 'POST',
      path: '/_mget',
      query: { _source_includes: 'trunkline.digest', filter_path: 'docs.found,docs._source' },
      body: placesOf(events),
      what: 'for the digests of documents that are there already',
      signal,
    });
    const docs = (body as { docs?: MgetDoc[] }).docs ?? [];
    return events.map((_, place): StoredDigest => {
      const doc = docs[place];
      if (doc?.found !== true) return { kind: 'absent' };
      const digest = doc._source?.trunkline?.digest;
      return typeof digest === 'string' ? { kind: 'digest', digest } : { kind: 'unknown' };
    });
  }

  /** The source texts of the events that stand in the places of these, in their order. */
  async storedTexts(events: readonly AuditEvent[], signal?: AbortSignal): Promise<StoredText[]> {
    const texts: StoredText[] = [];
    for (let from = 0; from < events.length; from += textsPerRequest) {
      const some = events.slice(from, from + textsPerRequest);
      // Without `filter_path` and source filtering: both write the source anew, through doubles.
      const { body } = await this.#es.askText({
        method: 'POST',
        path: '/_mget',
        body: placesOf(some),
        what: 'for documents that are there already',
        signal,
      });
      const docs = memberTexts(body).get('docs');
      const found = docs === undefined ? [] : splitArray(docs, 0).elements;
      for (let place = 0; place < some.length; place++) texts.push(storedText(found[place]));
    }
    return texts;
  }

  async health(scope: HealthScope, signal?: AbortSignal): Promise<ClusterHealth> {
    return clusterHealth(this.#es, scope, this.#settings.indexPrefix, signal);
  }

  /** The blocks that keep these indices, or the whole cluster, from being written to. */
  async writeBlocks(indices: readonly string[], signal?: AbortSignal): Promise<WriteBlock[]> {
    return writeBlocks(this.#es, indices, signal);
  }
}

function placesOf(events: readonly AuditEvent[]): object {
  return {
    docs: events.map(({ id, index, routing }) => ({
      _index: index,
      _id: id,
      ...(routing === null ? {} : { routing }),
    })),
  };
}

function storedText(doc: string | undefined): StoredText {
  const members = doc === undefined ? null : memberTexts(doc);
  if (members?.get('found') !== 'true') return { kind: 'absent' };
  const text = eventTextOf(members.get('_source') ?? '{}');
  return text === null ? { kind: 'unknown' } : { kind: 'text', text };
}

interface MgetDoc {
  found?: boolean;
  _source?: { trunkline?: { digest?: unknown } };
}
