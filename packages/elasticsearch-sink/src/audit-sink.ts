import type { TrunklineError } from '@trunkline/contracts';
import { memberTexts, splitArray } from '@trunkline/json-source';
import type { AuditEvent } from './audit-event.ts';
import { AuditIndices } from './audit-indices.ts';
import { bulkFilterPath, bulkOutcomesOf, type ItemOutcome } from './bulk-outcome.ts';
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

/** As many as an indexer has requests under way, and as large as they are by default. */
const maxSpares = 2;
const maxSpareBytes = 8_000_000;

/** The audit indices of one prefix. */
interface Family {
  settings: IndexSettings;
  indices: AuditIndices;
  policy: string | null;
}

/** The audit indices as an indexer sees them: one family of them an organisation, told apart by their prefix. */
export class AuditSink {
  readonly #es: Elasticsearch;
  readonly #families: readonly Family[];
  /** Of bulk requests that were answered, for the next ones. */
  readonly #spareMemory: Buffer[] = [];

  /** @param settings of each family; no prefix may begin with another's */
  constructor(es: Elasticsearch, ...settings: [IndexSettings, ...IndexSettings[]]) {
    this.#es = es;
    this.#families = settings.map((one) => {
      const family: Family = {
        settings: one,
        indices: new AuditIndices(es, one, () => family.policy),
        policy: null,
      };
      return family;
    });
  }

  /**
   * Installs templates and policies, and creates the indices of today and tomorrow.
   * @throws TrunklineError with an ELASTICSEARCH_ code
   */
  async install(now: number, signal?: AbortSignal): Promise<InstalledSchema> {
    const all: InstalledSchema[] = [];
    for (const family of this.#families) {
      const installed = await installSchema(this.#es, family.settings, signal);
      family.policy = installed.policy;
      await family.indices.ensureTomorrow(now);
      all.push(installed);
    }
    const sum = (count: (one: InstalledSchema) => number): number =>
      all.reduce((total, one) => total + count(one), 0);
    return {
      policy: all[0]?.policy ?? null,
      written: [...new Set(all.flatMap(({ written }) => written))],
      kept: [...new Set(all.flatMap(({ kept }) => kept))],
      extended: sum(({ extended }) => extended),
      notExtended: sum(({ notExtended }) => notExtended),
    };
  }

  /** Creates an index of the sink unless it is there. @throws TrunklineError with an ELASTICSEARCH_ code */
  async ensure(index: string): Promise<void> {
    await this.#indicesOf(index).ensure(index);
  }

  /** Why the indices can never be green, or `null`. */
  async neverGreen(signal?: AbortSignal): Promise<TrunklineError | null> {
    for (const { settings } of this.#families) {
      const problem = await neverGreen(this.#es, settings, signal);
      if (problem !== null) return problem;
    }
    return null;
  }

  /** Deletes the daily indices that each family's retention is over of. @returns the indices deleted */
  async deleteExpired(now: number, signal?: AbortSignal): Promise<string[]> {
    const deleted: string[] = [];
    for (const { settings, indices } of this.#families) {
      deleted.push(...(await indices.deleteExpired(now, settings.retentionDays, mostDeletedPerRun, signal)));
    }
    return deleted;
  }

  /**
   * Sends one `_bulk` request and tells the outcome of each item, in their order.
   *
   * @throws TrunklineError where the request failed as a whole, and what became of its items is unknown:
   *   ELASTICSEARCH_REQUEST_TOO_LARGE (send fewer), _OVERLOADED, _UNREACHABLE, _REPLY_UNREADABLE (send again),
   *   _WRITE_BLOCKED, _PERMISSION_MISSING, _SETUP_REFUSED (send again when that is mended). Sending again is harmless.
   */
  async bulk(items: readonly BulkItem[], signal?: AbortSignal): Promise<ItemOutcome[]> {
    let before = '';
    for (const { event } of items) {
      if (event.index === before) continue;
      before = event.index;
      const indices = this.#indicesOf(event.index);
      // Almost always there: nothing is waited for a thousand times.
      if (!indices.isKnown(event.index)) await indices.ensure(event.index);
    }
    const lines = bulkBody(items, this.#spareMemory.pop());
    const { body } = await this.#es.askText({
      method: 'POST',
      path: '/_bulk',
      // No pipeline of the cluster's own may alter or drop an event.
      query: { filter_path: bulkFilterPath, pipeline: '_none' },
      lines,
      what: 'to index a batch',
      signal,
    });
    // Answered, so it is sent. What an aborted request has is left to it.
    this.#keepMemory(lines);
    const outcomes = bulkOutcomesOf(
      body,
      items.map((item) => item.event.id),
    );
    for (let place = 0; place < outcomes.length; place++) {
      const outcome = outcomes[place] as ItemOutcome;
      if (outcome.kind === 'retry' && outcome.status === 404) {
        const { index } = (items[place] as BulkItem).event;
        this.#indicesOf(index).forget(index);
      }
    }
    return outcomes;
  }

  /** Memory that is given back and asked for anew with every request makes the garbage collector look for garbage far too often. */
  #keepMemory(lines: Buffer): void {
    if (lines.buffer.byteLength > maxSpareBytes || this.#spareMemory.length === maxSpares) return;
    this.#spareMemory.push(Buffer.from(lines.buffer));
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
    const prefixes = this.#families.map(({ settings }) => settings.indexPrefix);
    return clusterHealth(this.#es, scope, prefixes, signal);
  }

  /** The blocks that keep these indices, or the whole cluster, from being written to. */
  async writeBlocks(indices: readonly string[], signal?: AbortSignal): Promise<WriteBlock[]> {
    return writeBlocks(this.#es, indices, signal);
  }

  #indicesOf(index: string): AuditIndices {
    const [first, ...others] = this.#families as [Family, ...Family[]];
    const family = others.find(({ settings }) => index.startsWith(settings.indexPrefix)) ?? first;
    return family.indices;
  }
}

/** Of a family's daily indices: a clock that is years ahead does not empty the cluster before somebody notices. */
const mostDeletedPerRun = 3;

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
